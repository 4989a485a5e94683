"""Connections of whoever has not said yet who it is."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from actors.bases.node.peers.connection import PeerConnection


@dataclass(slots=True, eq=False)
class Stranger:
    """Somebody that has connected."""

    connection: PeerConnection
    host: str
    remote: str
    letting_in: asyncio.Task[None] | None = None
    """Its handshake."""


class Strangers:
    """A bounded number of them: of the address that has most, the oldest gives way to a new one."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._all: dict[PeerConnection, Stranger] = {}

    def __iter__(self) -> Iterator[PeerConnection]:
        """Iterate over the connections."""
        return iter(self._all)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._all)

    def add(self, stranger: Stranger) -> Stranger | None:
        """Add one; return the one that has to give way to it, which is one no longer."""
        self._all[stranger.connection] = stranger
        if len(self._all) <= self._most:
            return None
        counts = Counter(one.host for one in self._all.values())
        most = max(counts.values())
        gives_way = next(one for one in self._all.values() if counts[one.host] == most)
        del self._all[gives_way.connection]
        return gives_way

    def discard(self, connection: PeerConnection) -> None:
        """It is one no longer, if it was."""
        self._all.pop(connection, None)
