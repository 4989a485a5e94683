"""The heaviest of very many things, in bounded memory."""

from collections.abc import Callable, Hashable
from typing import Generic, Protocol, TypeVar


class Counted(Protocol):
    """What is kept for a thing."""

    messages: int
    """What it has been counted, since it has been kept."""
    missed: int
    """What it may have had before, at the most."""


K = TypeVar("K", bound=Hashable)
C = TypeVar("C", bound=Counted)


class Heavy(Generic[K, C]):
    """Counts by key, of the keys that have most.

    When there are too many keys, the lighter half is given up, and the others are charged with what that half could
    have had. Whatever has more than 2/most of all that was counted is kept, and for each key that is kept the truth
    lies between ``messages`` and ``messages + missed``. To count is a look-up, and what giving up costs is shared by
    very many.

    Source: D. Anderson, P. Bevan, K. Lang, E. Liberty, L. Rhodes, J. Thaler, "A High-Performance Algorithm for
    Identifying Frequent Items in Data Streams", IMC 2017, after J. Misra, D. Gries, "Finding Repeated Elements", 1982.
    """

    __slots__ = ("charged", "kept", "make", "most")

    def __init__(self, make: Callable[[], C], most: int) -> None:
        self.make = make
        self.most = most
        self.kept: dict[K, C] = {}
        self.charged = 0
        """What a key may have had that is not kept."""

    def add(self, key: K) -> C:
        """Begin to keep a key that is not kept; return what to count in."""
        if len(self.kept) >= self.most:
            self._give_up()
        made = self.kept[key] = self.make()
        made.missed = self.charged
        return made

    def _give_up(self) -> None:
        credits_of = sorted(counted.messages + counted.missed for counted in self.kept.values())
        self.charged = credits_of[len(credits_of) // 2]
        self.kept = {
            key: counted for key, counted in self.kept.items() if counted.messages + counted.missed > self.charged
        }
