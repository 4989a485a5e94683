"""Counts for each kind of actor: as many as there are classes, however many actors there are."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from actors.kernel import Kernel
from actors.measure.histogram import BUCKETS, STEPS, Histogram, bucket_of, start_of
from actors.measure.meter import ActorRow, EdgeRow, Meter, Work

MOST_ACTORS, MOST_PAIRS = 256, 1024
"""The heaviest are among so many that are counted one by one."""
TOP = 20
"""So many of them are told."""
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
    sent_bytes: int
    """The size of those, as they would be between nodes."""
    left: int
    """Messages to other nodes."""
    left_bytes: int
    handled: int
    seconds: float
    """What their turns took."""
    turns: tuple[int, ...]
    """How many took no longer than each of the bounds, and how many there were."""


class Seen(msgspec.Struct, frozen=True):
    """A node's actors."""

    kinds: dict[str, KindSeen]
    actors: tuple[ActorRow, ...]
    """Those that have handled most since the beginning."""
    pairs: tuple[EdgeRow, ...]
    """Those that have said most."""


@dataclass(slots=True)
class State:
    """The actors of a kind, now."""

    actors: int = 0
    connected: int = 0
    waiting: int = 0
    deepest: int = 0


@dataclass(slots=True)
class Sent:
    """What the actors of a kind have said."""

    stayed: int = 0
    stayed_bytes: int = 0
    left: int = 0
    left_bytes: int = 0


class Kinds:
    """Counts what an instrument tells, by kind. All its calls come from the thread of the actors."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._names: dict[type, str] = {}
        self._sent: defaultdict[str, Sent] = defaultdict(Sent)
        self._work: defaultdict[str, Work] = defaultdict(Work)
        self._each = Meter(MOST_PAIRS, MOST_ACTORS)

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

    def said(self, sender: str, receiver: str, count: int, size: Callable[[], int], *, remote: bool) -> int:
        """So many messages were put into a mailbox of this node, or sent to another node."""
        total = self._each.said(sender, receiver, count, size, remote=remote)
        sent = self._sent[self.kind_of(sender)]
        if remote:
            sent.left += count
            sent.left_bytes += total
        else:
            sent.stayed += count
            sent.stayed_bytes += total
        return total

    def ran(self, path: str, messages: int, seconds: float, waiting: int, weight: int = 1) -> None:
        """An actor has handled messages."""
        self._each.ran(path, messages, seconds, waiting, weight)
        self._work[self.kind_of(path)].add(messages, seconds, waiting, weight)

    def look(self) -> Seen:
        """Tell what there is now, and what has been."""
        self._kernel.settle()
        now: dict[str, State] = {}
        for path, cell in self._kernel.running.items():
            state = now.setdefault(self.kind_of(path), State())
            waiting = len(cell.box or ())
            state.actors += 1
            state.connected += bool(cell.links)
            state.waiting += waiting
            state.deepest = max(state.deepest, waiting)
        names = sorted(now.keys() | self._sent.keys() | self._work.keys())
        return Seen(
            {name: self._seen(name, now.get(name, State())) for name in names},
            tuple(self._each.actors()[:TOP]),
            tuple(self._each.edges()[:TOP]),
        )

    def _seen(self, name: str, now: State) -> KindSeen:
        sent = self._sent.get(name) or Sent()
        work = self._work.get(name) or Work()
        turns = (*(up_to(work.times, bound) for bound in BOUNDS), work.times.total)
        return KindSeen(
            now.actors,
            now.connected,
            now.waiting,
            now.deepest,
            sent.stayed,
            sent.stayed_bytes,
            sent.left,
            sent.left_bytes,
            work.messages,
            work.seconds,
            turns,
        )


def up_to(times: Histogram, seconds: float) -> int:
    """How many durations were shorter than one at which a bucket begins."""
    return sum(times.counts[: bucket_of(seconds)])
