"""What an engine tells of each message and turn, and what becomes of that."""

from collections.abc import Callable

import msgspec

from actors.measure.heavy import Heavy
from actors.measure.histogram import Histogram, bucket_of

MOST_EDGES = 4096
MOST_ACTORS = 1024
SIZED = 64
"""Of so many messages of a pair one is measured, and the others are taken to be of its size; of a few, more."""


class Edge:
    """What one actor has said to another."""

    __slots__ = ("_due", "_size", "bytes", "messages", "missed", "remote", "remote_bytes")

    def __init__(self) -> None:
        self.messages = 0
        self.missed = 0
        self.remote = 0
        self.bytes = 0
        self.remote_bytes = 0
        self._size = 0
        """Of the one that was measured last."""
        self._due = 0
        """So many more until one is measured again."""

    def add(self, count: int, size: Callable[[], int], *, remote: bool) -> int:
        """Count so many messages; return what is taken to be the size of all of them."""
        self.messages += count
        self._due -= count
        if self._due <= 0:
            self._size = size()
            self._due = min(self.messages, SIZED)
        total = count * self._size
        self.bytes += total
        if remote:
            self.remote += count
            self.remote_bytes += total
        return total


class Work:
    """What one actor has done."""

    __slots__ = ("deepest", "messages", "missed", "runs", "seconds", "times", "waiting")

    def __init__(self) -> None:
        self.messages = 0
        self.missed = 0
        self.seconds = 0.0
        self.deepest = 0
        self.runs = 0
        self.waiting = 0
        self.times = Histogram()

    def add(self, messages: int, seconds: float, waiting: int, weight: int) -> int:
        """Count so many messages that were handled one after the other; return in which bucket of times they are."""
        bucket = bucket_of(seconds / messages)
        self.messages += messages * weight
        self.seconds += seconds * weight
        self.runs += weight
        self.waiting += waiting * weight
        self.deepest = max(self.deepest, waiting)
        self.times.counts[bucket] += messages * weight
        return bucket


class EdgeRow(msgspec.Struct, frozen=True):
    """What one actor has said to another."""

    sender: str
    """A path; empty for what comes from outside."""
    receiver: str
    messages: int
    remote: int
    """So many of them went to another node."""
    bytes: int
    """The size of all of them, those included that stayed: as they would be between nodes."""
    missed: int
    """So many messages more there may have been: light pairs are forgotten while there are too many."""
    remote_bytes: int = 0
    """The size of those that went to another node."""


class ActorRow(msgspec.Struct, frozen=True):
    """What one actor has done."""

    path: str
    messages: int
    missed: int
    """So many messages more it may have handled."""
    seconds: float
    """The time that its turns took."""
    waiting: float
    """So many messages waited for it when it began to handle them: the mean,"""
    deepest: int
    """and the most that were seen."""
    median: float
    """Seconds for a message; those that were handled one after the other count with their mean."""
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
    """Counts messages and turns. An instrument calls it, and somebody takes a sample now and then."""

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

    def said(self, sender: str, receiver: str, count: int, size: Callable[[], int], *, remote: bool) -> int:
        """So many messages were put into a mailbox of this node, or sent to another node, which does not count them."""
        key = (sender, receiver)
        edge = self._edges.kept.get(key)
        if edge is None:
            edge = self._edges.add(key)
        total = edge.add(count, size, remote=remote)
        if remote:
            self.remote += count
            self.bytes += total
        else:
            self.local += count
        return total

    def ran(self, path: str, messages: int, seconds: float, waiting: int, weight: int = 1) -> None:
        """An actor has handled so many messages, one or more, one after the other; before, so many waited.

        It counts as often as ``weight`` says, for others that were not measured.
        """
        work = self._actors.kept.get(path)
        if work is None:
            work = self._actors.add(path)
        self._times.counts[work.add(messages, seconds, waiting, weight)] += messages * weight

    def edges(self) -> list[EdgeRow]:
        """Return what has been said, the heaviest pairs first."""
        rows = [
            EdgeRow(*pair, edge.messages, edge.remote, edge.bytes, edge.missed, edge.remote_bytes)
            for pair, edge in self._edges.kept.items()
        ]
        return sorted(rows, key=lambda row: (-row.messages, row.sender, row.receiver))

    def actors(self) -> list[ActorRow]:
        """Return what has been done, those first who have handled most."""
        rows = [
            ActorRow(
                path,
                work.messages,
                work.missed,
                work.seconds,
                work.waiting / work.runs,
                work.deepest,
                work.times.quantile(0.5),
                work.times.quantile(0.99),
            )
            for path, work in self._actors.kept.items()
        ]
        return sorted(rows, key=lambda row: (-row.messages, row.path))

    def take(self) -> Sample:
        """Tell what happened since the last time, and begin anew."""
        times = self._times
        sample = Sample(
            tuple(self.edges()),
            tuple(self.actors()),
            self.local,
            self.remote,
            self.bytes,
            times.quantile(0.5),
            times.quantile(0.99),
        )
        self._begin()
        return sample
