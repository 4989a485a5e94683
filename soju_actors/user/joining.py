"""JOINs of many channels in few lines (row LIF-06)."""

from collections.abc import Iterable, Iterator

import msgspec

from soju_actors.irc.message import Message
from soju_actors.model.records import Channel
from soju_actors.ports.protocols import ToUser

JOIN_BYTES = 480
"""Bytes of channels and keys in one line."""
PAUSE = 3.0
"""Seconds from the connect commands to the JOINs: a login that they begin may be needed for a channel (row LIM-12)."""


class JoinSaved(msgspec.Struct, ToUser, frozen=True, tag="user.join-saved"):
    """Alarm: the connect commands have had their time."""

    network: int


def join_messages(channels: Iterable[Channel]) -> Iterator[Message]:
    """Yield JOINs of many channels in few lines; those with keys come first (row LIF-06)."""
    names: list[str] = []
    keys: list[str] = []
    size = 0
    for channel in sorted(channels, key=lambda c: not c.key):
        more = (
            len(channel.name.encode(errors="surrogateescape")) + len(channel.key.encode(errors="surrogateescape")) + 2
        )
        if names and size + more > JOIN_BYTES:
            yield _join(names, keys)
            names, keys, size = [], [], 0
        names.append(channel.name)
        if channel.key:
            keys.append(channel.key)
        size += more
    if names:
        yield _join(names, keys)


def _join(names: list[str], keys: list[str]) -> Message:
    return Message("JOIN", (",".join(names), *([",".join(keys)] if keys else [])))
