"""The first words between two nodes, and whether the other's are good enough.

Each node says :class:`Hello` once the connection is encrypted and both certificates are
known to be of the cluster's authority. Each judges what the other says; who is not
content says :class:`Refusal` and hangs up, so that the reason is in both logs.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from actors.cluster.identity import Identity, Name, Zone

WIRE = 1
"""The version of what nodes say to each other; it changes with whatever an older node would not understand."""
MOST_SKEW = 10.0
"""Seconds by which the clocks of two nodes may differ: history is in order of time, too."""
MOST_BYTES = 64 * 1024
"""Bytes of the first words of a node."""
MOST_QUOTED = 200
"""Characters of what a peer said that an error repeats."""

_MAP_MASK, _MAP = 0xF0, 0x80
"""Of the first byte. Spec: https://github.com/msgpack/msgpack/blob/master/spec.md#map-format-family"""
_LINE = r"\A[^\x00-\x1f\x7f]*\Z"
Incarnation = Annotated[int, Meta(ge=1, le=2**63 - 1)]
"""A number drawn at the start of a node, which tells it from itself before and after a restart."""
Capability = None | bool | int | float | Annotated[str, Meta(max_length=256, pattern=_LINE)]
"""What a node has or can, as a plain value."""
Capabilities = Annotated[
    dict[Annotated[str, Meta(min_length=1, max_length=64, pattern=_LINE)], Capability], Meta(max_length=64)
]


class Role(StrEnum):
    """Which actors a node runs."""

    EDGE = "edge"
    """Those that own sockets."""
    CORE = "core"
    """Those that own none."""
    BOTH = "both"


class Hello(msgspec.Struct, frozen=True, kw_only=True, tag="cluster.hello"):
    """Who a node is and what it offers: its first word on each connection."""

    wire: int = WIRE
    cluster: Name
    node: Name
    incarnation: Incarnation
    clock: Annotated[float, Meta(ge=0.0, le=1e11)]
    """Its wall clock when this was said: seconds since 1970."""
    address: Annotated[str, Meta(min_length=1, max_length=262, pattern=r"\A[!-~]+\Z")]
    """``host:port`` at which other nodes reach it."""
    zone: Zone
    role: Role = Role.BOTH
    capabilities: Capabilities = {}


class Refusal(msgspec.Struct, frozen=True, tag="cluster.refusal"):
    """Why a node wants no connection: its last word."""

    reason: Annotated[str, Meta(min_length=1, max_length=1000, pattern=_LINE)]
    final: bool = False
    """The certificate of the other node was good and is not any more."""


class Welcome(msgspec.Struct, frozen=True, tag="cluster.welcome"):
    """A peer is let in: its second word, after which come frames."""

    session: int
    """The number of the sender's side of the session. Where both sides have the numbers they had, it goes on."""
    received: int
    """So many envelopes of it have come."""


class _Version(msgspec.Struct):
    """What the first words have in every version."""

    type: str = ""
    wire: int = WIRE


_decoder: msgspec.msgpack.Decoder[Hello | Refusal] = msgspec.msgpack.Decoder(Hello | Refusal)
_welcome_decoder = msgspec.msgpack.Decoder(Welcome)
_version_decoder = msgspec.msgpack.Decoder(_Version)


def encode_greeting(greeting: Hello | Refusal | Welcome) -> bytes:
    """The first or last word of a node as bytes."""
    return msgspec.msgpack.encode(greeting)


def decode_greeting(data: bytes | memoryview) -> Hello | Refusal:
    """Read the first word of a peer, of which nothing is known but its certificate.

    Raises:
        ValueError: it is none, or of another version; the text is the reason to refuse it with.
    """
    if len(data) > MOST_BYTES:
        raise ValueError(f"its first word has {len(data)} bytes: more than {MOST_BYTES}")
    try:
        version = _version_decoder.decode(data).wire
        if version != WIRE:
            raise ValueError(
                f"it speaks version {version} of the protocol between nodes, and this node version {WIRE}:"
                " upgrade the older one"
            )
        return _decoder.decode(data)
    except msgspec.MsgspecError as error:
        reason = "".join(filter(str.isprintable, str(error)))[:MOST_QUOTED]
        raise ValueError(f"its first word is malformed: {reason}") from None
    except RecursionError:
        raise ValueError("its first word is malformed: nested too deeply") from None


def decode_welcome(data: bytes | memoryview) -> Welcome | Refusal:
    """Read the second word of a peer.

    Raises:
        ValueError: it is none.
    """
    try:
        return _welcome_decoder.decode(data)
    except (msgspec.MsgspecError, RecursionError):
        greeting = decode_greeting(data)
        if isinstance(greeting, Hello):
            raise ValueError("it has introduced itself twice") from None  # noqa: TRY004 - what a peer said
        return greeting


def find_refusal(data: bytes | memoryview) -> Refusal | None:
    """Find what a peer may say in place of a frame, which is no map: that it ends what it has begun.

    Raises:
        ValueError: it is neither.
    """
    if data[:1] and data[0] & _MAP_MASK == _MAP:
        greeting = decode_greeting(data)
        return greeting if isinstance(greeting, Refusal) else None
    return None


def is_itself(theirs: Hello, ours: Hello) -> bool:
    """Whether a node has reached itself, by another address that it has."""
    return (theirs.node, theirs.incarnation) == (ours.node, ours.incarnation)


def judge(theirs: Hello, certified: Identity, ours: Hello, now: float, connected: Mapping[str, int]) -> Refusal | None:
    """Say why a peer is refused, or None where it is welcome.

    Args:
        theirs: what the peer says.
        certified: who it is by its certificate, which was verified.
        ours: what this node has said, or would say.
        now: the wall clock of this node.
        connected: the incarnations of the peers that are connected and alive, by name.
    """
    if not theirs.cluster == certified.cluster == ours.cluster:
        return Refusal(
            f"{_who(theirs)} is {_of_cluster(theirs, certified)}, and {_who(ours)} of cluster {ours.cluster}"
        )
    if theirs.node != certified.node:
        return Refusal(f"{_who(theirs)} has the certificate of node {certified.node}")
    if abs(theirs.clock - now) > MOST_SKEW:
        return Refusal(
            f"the clock of {_who(theirs)} says {_time(theirs.clock)}, and that of {_who(ours)} {_time(now)}:"
            f" they may differ by {MOST_SKEW:.0f} s, so have both follow NTP"
        )
    return _judge_name(theirs, ours, connected)


def _judge_name(theirs: Hello, ours: Hello, connected: Mapping[str, int]) -> Refusal | None:
    if theirs.node == ours.node:
        here, there = ours.address, theirs.address
        return Refusal(f"the name is in use: there is a {_who(theirs)} at {there} and another at {here}")
    if connected.get(theirs.node, theirs.incarnation) != theirs.incarnation:
        return Refusal(f"the name is in use: another {_who(theirs)} is connected to {_who(ours)} and alive")
    return None


def _who(hello: Hello) -> str:
    return f"node {hello.node}"


def _of_cluster(theirs: Hello, certified: Identity) -> str:
    if theirs.cluster == certified.cluster:
        return f"of cluster {theirs.cluster}"
    return f"of cluster {theirs.cluster} by its word and of {certified.cluster} by its certificate"


def _time(clock: float) -> str:
    """A wall clock for people, in UTC, with its milliseconds."""
    return datetime.fromtimestamp(clock, UTC).isoformat(sep=" ", timespec="milliseconds").replace("+00:00", " UTC")
