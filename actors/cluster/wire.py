"""What nodes tell each other beside the messages of actors.

Each is a message too: addressed to the actor it is about, it takes the way of that
actor's messages and keeps its place among them; addressed to nobody (:data:`NODE`), it is
for the node.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from actors import codec
from actors.message import ActorProtocol, SystemMessage
from actors.ref import Ref
from actors.supervision import ChildSpec

NODE: Ref[Any] = Ref("")
"""The receiver of what is for the node itself."""


ENVELOPES_MOST = 256
"""Envelopes in one frame."""
SAYS_NOTHING = -1


class Frame(NamedTuple):
    """What travels at once: envelopes, in order; or how far the sender is with those of the other side."""

    first: int
    """The number of the first envelope; each has the next one."""
    received: int
    """The number of the last envelope of the other side that has come, or :data:`SAYS_NOTHING`."""
    passed_on: list[int]
    """Those among them that are still on their way to a third node."""
    envelopes: Sequence[Any] = ()


class Began(msgspec.Struct, SystemMessage, frozen=True, tag="cluster.began"):
    """These actors run on the sending node, although the next above them is not there."""

    paths: dict[str, int]
    """Each with a number: of what two nodes say of an actor, that with the higher one is newer."""
    over: str = ""
    """The node of the parent, over which others may have sent to a child before they heard of it."""


class Moved(msgspec.Struct, SystemMessage, frozen=True, tag="cluster.moved"):
    """An actor has come to the sending node from another one."""

    path: str
    number: int
    source: str


class Switched(msgspec.Struct, SystemMessage, frozen=True, tag="cluster.switched"):
    """The answer to ``Moved``: nothing of the sending node is under way any more over the node where it was."""

    path: str
    number: int


class Settled(msgspec.Struct, SystemMessage, frozen=True, tag="cluster.settled"):
    """To the node where an actor was: no node sends over it any more what is for that actor."""

    path: str


class Ended(msgspec.Struct, SystemMessage, frozen=True, tag="cluster.ended"):
    """These actors, which were said to run on the sending node, have ended for good."""

    paths: list[str]


class Lost(msgspec.Struct, SystemMessage, frozen=True, tag="cluster.lost"):
    """The sender has lost a node."""

    node: str
    had: list[str]
    """What had moved there from the sender, as far as not all nodes were known to know."""
    incarnation: int
    """Which process it was: there may be another one of that name already."""


class Hears(msgspec.Struct, SystemMessage, frozen=True, tag="cluster.hears"):
    """The answer, where the sender has not lost it: it still hears it."""

    node: str


class SpawnHere(msgspec.Struct, SystemMessage, frozen=True, tag="cluster.spawn"):
    """Run a child for its parent, who is the sender."""

    spec: ChildSpec
    after: int
    """The number that was announced of it last."""


class ChildEnded(msgspec.Struct, SystemMessage, frozen=True, tag="cluster.child-ended"):
    """To the parent: a child on another node has ended for good."""

    path: str
    reason: str
    gave_up: bool


class Watch(msgspec.Struct, SystemMessage, frozen=True, tag="cluster.watch"):
    """To an actor: the sender wants to know when it ends."""


class Unwatch(msgspec.Struct, SystemMessage, frozen=True, tag="cluster.unwatch"):
    """To an actor: the sender does not want to know any more when it ends."""


class Flush(msgspec.Struct, SystemMessage, frozen=True, tag="cluster.flush"):
    """To an actor, on the way that its messages took so far: tell the node when all of them are there."""

    node: str
    number: int


class Flushed(msgspec.Struct, SystemMessage, frozen=True, tag="cluster.flushed"):
    """The answer."""

    path: str
    number: int


class SavedAlarm(msgspec.Struct, frozen=True):
    """An alarm that moves with its actor."""

    name: str
    delay: float
    """Seconds."""
    message: ActorProtocol


class Traveller(msgspec.Struct, frozen=True, kw_only=True):
    """An actor as it was frozen."""

    path: str
    spec: ChildSpec
    state: bytes
    now: float
    """The monotonic time, as the actor has it."""
    incarnation: int
    alarms: list[SavedAlarm]
    watchers: list[str]
    watching: list[str]
    restarts: list[float]
    """How long ago it was restarted, in seconds."""


class Stayer(msgspec.Struct, frozen=True):
    """A child of a moving actor that stays where it is."""

    path: str
    spec: ChildSpec
    node: str


class Install(msgspec.Struct, SystemMessage, frozen=True, tag="cluster.install"):
    """Make these actors, and do not run them yet."""

    move: int
    parent: str
    """The path of the one above the first, or nothing."""
    number: int
    """What was announced of the first."""
    actors: list[Traveller]
    stayers: list[Stayer]


class Installed(msgspec.Struct, SystemMessage, frozen=True, tag="cluster.installed"):
    """The answer: they are there."""

    number: int


class Declined(msgspec.Struct, SystemMessage, frozen=True, tag="cluster.declined"):
    """The answer: they cannot be."""

    number: int
    reason: str


class Waits(msgspec.Struct, SystemMessage, frozen=True, tag="cluster.waits"):
    """What waits for them."""

    number: int
    envelopes: list[bytes]


class Go(msgspec.Struct, SystemMessage, frozen=True, tag="cluster.go"):
    """Run them, and let them have what waits for them. Until this comes, nothing of it has happened."""

    number: int
    heard: list[tuple[str, int, int]]
    """What came to the sender before this is with it: nodes, the numbers of their sessions and of their envelopes."""


class Drop(msgspec.Struct, SystemMessage, frozen=True, tag="cluster.drop"):
    """Forget them: they go on where they were."""

    number: int


class AskTaken(msgspec.Struct, SystemMessage, frozen=True, tag="cluster.ask-taken"):
    """To a node that was lost, by way of one that hears it: which of these moves has it? It takes no others now."""

    node: str
    by: str
    """Who asks."""
    session: int
    """Its number of the session that it has lost."""
    moves: list[int]


class Taken(msgspec.Struct, SystemMessage, frozen=True, tag="cluster.taken"):
    """The answer, the same way back."""

    node: str
    by: str
    session: int
    moves: list[int]
    taken: list[int]
    known: bool
    """Whether it is the process that had the session, so that what it has not taken is nowhere else."""


_decoder = codec.Decoder(int, int, list[int], most=ENVELOPES_MOST)


def encode_frame(frame: Frame) -> tuple[bytes, list[str]]:
    """Encode a frame; return it, and a complaint for each envelope that cannot travel."""
    return codec.encode_all(frame[:3], frame.envelopes)


def decode_frame(data: bytes | memoryview) -> Frame:
    """Decode a frame. In place of an envelope that cannot be read is a text that says why.

    Raises:
        ValueError: it is no frame.
    """
    return Frame(*_decoder.decode(data))
