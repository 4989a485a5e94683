"""Counts for each kind of actor: as many as there are classes, however many actors there are."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from actors.kernel import Kernel
from actors.measure.heavy import Heavy
from actors.measure.histogram import BUCKETS, STEPS, Histogram, bucket_of, start_of
from actors.measure.meter import SIZED, Edge, Work

MOST_ACTORS = 256
"""The heaviest are among so many that are counted one by one."""
TOP = 20
OUTSIDE, SERVICE, OTHER = "outside", "service", "other"
"""Who has sent what no actor of this node has."""
BOUNDS = tuple(start_of(bucket) for bucket in range(3 * STEPS, BUCKETS - 4 * STEPS, 2 * STEPS))
"""Upper ends of the buckets of turn times in what is told, in seconds, each four times the one before."""


class KindSeen(msgspec.Struct, frozen=True):
    """The actors of a kind, now and since the beginning."""

    actors: int
    connected: int
    """So many of them have a connection."""
    waiting: int
    """Messages in their mailboxes."""
    deepest: int
    """Those in the fullest one."""
    sent: int
    """Messages to actors on this node, by actors of this kind."""
    left: int
    """Messages to other nodes."""
    bytes: int
    """The size of those."""
    handled: int
    seconds: float
    """What their turns took."""
    turns: tuple[int, ...]
    """How many took no longer than each of the bounds, and how many there were."""


class Seen(msgspec.Struct, frozen=True):
    """A node's actors."""

    kinds: dict[str, KindSeen]
    top: tuple[tuple[str, int, float], ...]
    """The actors that have handled most: the path, messages, seconds."""


@dataclass(slots=True)
class State:
    """The actors of a kind, now."""

    actors: int = 0
    connected: int = 0
    waiting: int = 0
    deepest: int = 0


class Kinds:
    """Counts what an instrument tells, by kind. All its calls come from the thread of the actors."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._names: dict[type, str] = {}
        self._sent: defaultdict[str, Edge] = defaultdict(Edge)
        self._left: defaultdict[str, Edge] = defaultdict(Edge)
        self._work: defaultdict[str, Work] = defaultdict(Work)
        self._actors: Heavy[str, Work] = Heavy(Work, MOST_ACTORS)

    def kind_of(self, path: str) -> str:
        """The kind of an actor."""
        cell = self._kernel.running.get(path)
        if cell is None:
            return OUTSIDE if not path else SERVICE if path.startswith("service/") else OTHER
        behaviour = cell.behaviour
        name = self._names.get(behaviour)
        if name is None:
            name = self._names[behaviour] = behaviour.__name__.removesuffix("Actor").lower()
        return name

    def stayed(self, sender: str, receiver: str) -> None:  # noqa: ARG002 - as of a meter
        """A message was put into a mailbox of this node."""
        self._sent[self.kind_of(sender)].messages += 1

    def left(self, sender: str, receiver: str, size: Callable[[], int]) -> None:  # noqa: ARG002 - as of a meter
        """A message was sent to another node."""
        edge = self._left[self.kind_of(sender)]
        if edge.messages % SIZED == 0:
            edge.size = size()
        edge.messages += 1
        edge.bytes += edge.size

    def ran(self, path: str, messages: int, seconds: float, waiting: int, weight: int = 1) -> None:  # noqa: ARG002
        """An actor has handled messages."""
        actor = self._actors.kept.get(path)
        if actor is None:
            actor = self._actors.add(path)
        for work in (actor, self._work[self.kind_of(path)]):
            work.messages += messages * weight
            work.seconds += seconds * weight
            work.times.counts[bucket_of(seconds / messages)] += messages * weight

    def look(self) -> Seen:
        """Tell what there is now, and what has been."""
        now: dict[str, State] = {}
        for path, cell in self._kernel.running.items():
            state = now.setdefault(self.kind_of(path), State())
            waiting = len(cell.box or ())
            state.actors += 1
            state.connected += bool(cell.links)
            state.waiting += waiting
            state.deepest = max(state.deepest, waiting)
        names = sorted(now.keys() | self._sent.keys() | self._left.keys() | self._work.keys())
        heaviest = sorted(self._actors.kept.items(), key=lambda item: (-item[1].messages, item[0]))[:TOP]
        return Seen(
            {name: self._seen(name, now.get(name, State())) for name in names},
            tuple((path, work.messages, work.seconds) for path, work in heaviest),
        )

    def _seen(self, name: str, now: State) -> KindSeen:
        sent, left = self._sent.get(name, Edge()), self._left.get(name, Edge())
        work = self._work.get(name) or Work()
        turns = (*(up_to(work.times, bound) for bound in BOUNDS), work.times.total)
        return KindSeen(
            now.actors,
            now.connected,
            now.waiting,
            now.deepest,
            sent.messages,
            left.messages,
            left.bytes,
            work.messages,
            work.seconds,
            turns,
        )


def up_to(times: Histogram, seconds: float) -> int:
    """How many durations were shorter than one at which a bucket begins."""
    return sum(times.counts[: bucket_of(seconds)])
