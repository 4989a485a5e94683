"""What an engine tells of each message and turn, and what becomes of that."""

from collections.abc import Callable

import msgspec

from actors.measure.heavy import Heavy
from actors.measure.histogram import Histogram, bucket_of

MOST_EDGES = 4096
MOST_ACTORS = 1024
SIZED = 8
"""Of so many messages of a pair one is measured, and the others are taken to be of its size."""


class Edge:
    """What one actor has said to another."""

    __slots__ = ("bytes", "messages", "missed", "remote", "size")

    def __init__(self) -> None:
        self.messages = 0
        self.missed = 0
        self.remote = 0
        self.bytes = 0
        self.size = 0
        """Of the one that was measured last."""


class Work:
    """What one actor has done."""

    __slots__ = ("deepest", "messages", "missed", "seconds", "times")

    def __init__(self) -> None:
        self.messages = 0
        self.missed = 0
        self.seconds = 0.0
        self.deepest = 0
        self.times = Histogram()


class EdgeRow(msgspec.Struct, frozen=True):
    """What one actor has said to another."""

    sender: str
    """A path; empty for what comes from outside."""
    receiver: str
    messages: int
    remote: int
    """So many of them went to another node."""
    bytes: int
    """The size of those that went to another node."""
    missed: int
    """So many messages more there may have been: light pairs are forgotten while there are too many."""


class ActorRow(msgspec.Struct, frozen=True):
    """What one actor has done."""

    path: str
    messages: int
    missed: int
    """So many messages more it may have handled."""
    seconds: float
    """The time that its turns took."""
    deepest: int
    """So many messages waited for it at the most when it began to handle them."""
    median: float
    """Seconds for a message; those that were handled one after the other count once, with their mean."""
    p99: float


class Sample(msgspec.Struct, frozen=True):
    """What happened since the sample before, the heaviest first."""

    edges: tuple[EdgeRow, ...]
    actors: tuple[ActorRow, ...]
    local: int
    """All messages that stayed on the node, those of forgotten pairs included."""
    remote: int
    """All that went to another node."""
    bytes: int
    """The size of those."""
    median: float
    """The same over all actors."""
    p99: float


class Meter:
    """Counts messages and turns. An engine calls it for each, and somebody takes a sample now and then."""

    __slots__ = ("_actors", "_edges", "_times", "bytes", "local", "most_actors", "most_edges", "remote")

    def __init__(self, most_edges: int = MOST_EDGES, most_actors: int = MOST_ACTORS) -> None:
        self.most_edges = most_edges
        self.most_actors = most_actors
        self._begin()

    def _begin(self) -> None:
        self.local = 0
        self.remote = 0
        self.bytes = 0
        self._edges: Heavy[tuple[str, str], Edge] = Heavy(Edge, self.most_edges)
        self._actors: Heavy[str, Work] = Heavy(Work, self.most_actors)
        self._times = Histogram()

    def stayed(self, sender: str, receiver: str) -> None:
        """A message was put into a mailbox of this node."""
        self.local += 1
        key = (sender, receiver)
        edge = self._edges.kept.get(key)
        if edge is None:
            edge = self._edges.add(key)
        edge.messages += 1

    def left(self, sender: str, receiver: str, size: Callable[[], int]) -> None:
        """A message was sent to another node. That node does not count it again."""
        key = (sender, receiver)
        edge = self._edges.kept.get(key)
        if edge is None:
            edge = self._edges.add(key)
        if edge.remote % SIZED == 0:
            edge.size = size()
        edge.messages += 1
        edge.remote += 1
        edge.bytes += edge.size
        self.remote += 1
        self.bytes += edge.size

    def ran(self, path: str, messages: int, seconds: float, waiting: int, weight: int = 1) -> None:
        """An actor has handled so many messages, one or more, one after the other; before, so many waited.

        It counts as often as ``weight`` says, for others that were not measured.
        """
        work = self._actors.kept.get(path)
        if work is None:
            work = self._actors.add(path)
        work.messages += messages * weight
        work.seconds += seconds * weight
        work.deepest = max(work.deepest, waiting)
        bucket = bucket_of(seconds / messages)
        work.times.counts[bucket] += weight
        self._times.counts[bucket] += weight

    def take(self) -> Sample:
        """Tell what happened since the last time, and begin anew."""
        edges = [
            EdgeRow(sender, receiver, edge.messages, edge.remote, edge.bytes, edge.missed)
            for (sender, receiver), edge in self._edges.kept.items()
        ]
        edges.sort(key=lambda row: (-row.messages, row.sender, row.receiver))
        actors = [
            ActorRow(
                path,
                work.messages,
                work.missed,
                work.seconds,
                work.deepest,
                work.times.quantile(0.5),
                work.times.quantile(0.99),
            )
            for path, work in self._actors.kept.items()
        ]
        actors.sort(key=lambda row: (-row.messages, row.path))
        times = self._times
        sample = Sample(
            tuple(edges),
            tuple(actors),
            self.local,
            self.remote,
            self.bytes,
            times.quantile(0.5),
            times.quantile(0.99),
        )
        self._begin()
        return sample
