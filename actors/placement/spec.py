"""What is to be placed."""

import enum
from typing import Annotated

import msgspec
from msgspec import Meta

from actors.placement.node import Capability


class Side(enum.Enum):
    """What a peer of an actor is to it."""

    CLIENT = "client"
    """It is served."""
    SERVER = "server"
    """It serves."""


class Peer(msgspec.Struct, frozen=True, omit_defaults=True):
    """Somebody with whom an actor will exchange messages."""

    side: Side
    node: str = ""
    """Where it is, if that is a node."""
    zone: str = ""
    """Where it is otherwise: the address of a server belongs to a zone, for example."""
    weight: Annotated[float, Meta(ge=0)] = 1.0
    """How much they will have to say to each other, compared with the other peers."""


class Spec(msgspec.Struct, frozen=True, omit_defaults=True):
    """An actor, or a group of actors that stay together, and what it asks of its node."""

    path: Annotated[str, Meta(min_length=1)]
    behaviour: str = ""
    """The import path of the actor class."""
    group: str = ""
    """Actors of one group run on one node and move together. Without one, the actor is alone."""
    weight: Annotated[float, Meta(ge=0)] = 1.0
    """How much there is to do for it, compared with others; see ``Node.capacity``."""
    sockets: bool = False
    """It owns sockets: it goes where the role of the node allows that, and never moves."""
    needs: dict[str, Capability] = {}
    """Capabilities that the node must have, with these values."""
    zones: tuple[str, ...] = ()
    """It must be in one of them; none means any."""
    together: tuple[str, ...] = ()
    """Groups that it must share its node with, once they run (affinity)."""
    apart: tuple[str, ...] = ()
    """Groups that it must not share a node with (anti-affinity); they need not say so too."""
    pinned: str = ""
    """The one node where it may run."""
    peers: tuple[Peer, ...] = ()

    @property
    def unit(self) -> str:
        """The name of what is placed and moved as one: the group, or the path of an actor without one."""
        return self.group or self.path


class Request(msgspec.Struct, frozen=True, omit_defaults=True):
    """The question where something shall run."""

    spec: Spec
    origin: str = ""
    """The node that asks: where the actor's supervisor runs, or where it ran until now."""
    number: Annotated[int, Meta(ge=0)] = 0
    """How many such questions were asked before. It stands in for the memory that strategies do not have."""
