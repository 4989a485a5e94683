"""What nodes tell each other beside the messages of actors.

Each is a message too: addressed to the actor it is about, it takes the way of that
actor's messages and keeps its place among them; addressed to nobody (:data:`NODE`), it is
for the node.
"""

from typing import Any

import msgspec

from actors.message import SystemMessage
from actors.ref import Ref
from actors.supervision import ChildSpec

NODE: Ref[Any] = Ref("")
"""The receiver of what is for the node itself."""


class Frame(msgspec.Struct, array_like=True, frozen=True):
    """What travels at once: envelopes, in order."""

    first: int
    """The number of the first envelope; each has the next one."""
    delivered: int
    """So many envelopes of the other side have reached their actors."""
    envelopes: list[msgspec.Raw] = []


class Began(msgspec.Struct, SystemMessage, frozen=True, tag="cluster.began"):
    """These actors run on the sending node, although the next above them is not there."""

    paths: list[str]


class Ended(msgspec.Struct, SystemMessage, frozen=True, tag="cluster.ended"):
    """These do not any more."""

    paths: list[str]


class SpawnHere(msgspec.Struct, SystemMessage, frozen=True, tag="cluster.spawn"):
    """Run a child for its parent, who is the sender."""

    spec: ChildSpec


class ChildEnded(msgspec.Struct, SystemMessage, frozen=True, tag="cluster.child-ended"):
    """To the parent: a child on another node has ended for good."""

    name: str
    reason: str
    gave_up: bool


class Watch(msgspec.Struct, SystemMessage, frozen=True, tag="cluster.watch"):
    """To an actor: the sender wants to know when it ends."""


class Unwatch(msgspec.Struct, SystemMessage, frozen=True, tag="cluster.unwatch"):
    """To an actor: the sender does not any more."""


class Flush(msgspec.Struct, SystemMessage, frozen=True, tag="cluster.flush"):
    """To an actor, on the way that its messages took so far: tell the node when all of them are there."""

    node: str
    number: int


class Flushed(msgspec.Struct, SystemMessage, frozen=True, tag="cluster.flushed"):
    """The answer."""

    path: str
    number: int


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Frame)


def encode_frame(frame: Frame) -> bytes:
    """Encode a frame."""
    return _encoder.encode(frame)


def decode_frame(data: bytes) -> Frame:
    """Decode a frame.

    Raises:
        ValueError: it is not one.
    """
    return _decoder.decode(data)
