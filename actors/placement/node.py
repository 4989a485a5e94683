"""What a node says of itself."""

import enum
from typing import Annotated

import msgspec
from msgspec import Meta

NEVER = 1e9
"""Seconds that stand for *never*, where there is an age."""

Capability = bool | int | float | str
Share = Annotated[float, Meta(ge=0)]
Age = Annotated[float, Meta(ge=0)]


class Role(enum.Enum):
    """What a node is for."""

    EDGE = "edge"
    """Actors that own sockets, and no others."""
    CORE = "core"
    """Actors that own no socket."""
    BOTH = "both"


class Measure(msgspec.Struct, frozen=True, omit_defaults=True):
    """A number that somebody has told, and how many seconds ago."""

    value: Share
    age: Age = 0.0


UNKNOWN = Measure(0.0, NEVER)


class Load(msgspec.Struct, frozen=True, omit_defaults=True):
    """How much a node has to do."""

    weight: Measure = UNKNOWN
    """The sum of the weights of what runs there."""
    busy: Measure = UNKNOWN
    """The share of the time, 0 to 1, in which it handles messages."""
    messages: Measure = UNKNOWN
    """Messages that are handled in a second."""
    bytes: Measure = UNKNOWN
    """Bytes to and from other nodes in a second."""
    waiting: Measure = UNKNOWN
    """Messages that wait in mailboxes."""
    memory: Measure = UNKNOWN
    """Bytes of memory."""


class Node(msgspec.Struct, frozen=True, omit_defaults=True):
    """A node, as the others see it."""

    name: Annotated[str, Meta(min_length=1)]
    zone: str = ""
    """Where it is: ``eu``, or more closely ``eu/de/1``. See :mod:`actors.placement.zones`."""
    role: Role = Role.BOTH
    capabilities: dict[str, Capability] = {}
    capacity: Annotated[float, Meta(gt=0)] = 1000.0
    """The weight that it is made for. It may be given more; a node of twice the capacity is given twice as much."""
    limit: float | None = None
    """The weight beyond which it is given nothing more."""
    draining: bool = False
    """It is to be emptied: nothing is placed there any more."""
    load: Load = Load()
    promised: float = 0.0
    """The weight that has been placed there, less what has been moved away, since it told its own."""

    @property
    def weight(self) -> float:
        """The weight that runs there, as far as is known."""
        return max(0.0, self.load.weight.value + self.promised)
