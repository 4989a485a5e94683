"""What waits on a node until its way is known: as much as would find room in mailboxes."""

import logging
from collections import Counter, deque
from collections.abc import Iterator
from typing import TYPE_CHECKING

from actors.cluster.parcel import Parcel
from actors.message import SystemMessage
from actors.supervision import MAILBOX
from actors.system import Refused

if TYPE_CHECKING:
    from actors.kernel import Kernel

log = logging.getLogger(__name__)

HELD_MOST = 100_000
"""Messages in one queue, for however many actors."""


class Held:
    """A queue of messages; what is too much comes back to its sender, as from a full mailbox.

    Messages of the engine itself are always taken: they are few, and nobody sends them again.
    """

    __slots__ = ("_counts", "_overflowed", "_parcels")

    def __init__(self) -> None:
        self._parcels: deque[Parcel] = deque()
        self._counts: Counter[str] = Counter()
        """By the path of the receiver."""
        self._overflowed = False

    def __iter__(self) -> Iterator[Parcel]:
        """Yield what waits, in order."""
        return iter(self._parcels)

    def keep(self, parcel: Parcel, kernel: "Kernel", most: int = MAILBOX) -> None:
        """Let a message wait, unless so many do for its receiver; it is not delivered then, if it came from a node."""
        if self.take_in(parcel, kernel, most):
            parcel.is_kept()

    def take_in(self, parcel: Parcel, kernel: "Kernel", most: int = MAILBOX) -> bool:
        """Let a message wait, unless so many do for its receiver; return whether it waits."""
        path = parcel.to.path
        full = self._counts[path] >= most or len(self._parcels) >= HELD_MOST
        if full and not isinstance(parcel.message, SystemMessage):
            self._refuse(parcel, kernel)
            return False
        self._counts[path] += 1
        self._parcels.append(parcel)
        return True

    def _refuse(self, parcel: Parcel, kernel: "Kernel") -> None:
        sender, to, msg, *_ = parcel
        parcel.is_delivered()
        if not self._overflowed:
            self._overflowed = True
            log.error(
                "too much waits for %s while its place changes: refused is %s of %s", to, type(msg).__name__, sender
            )
        if sender is not None:
            kernel.route(to, sender, Refused(to, msg))

    def take(self) -> deque[Parcel]:
        """Return all that waits; nothing does any more."""
        taken, self._parcels = self._parcels, deque()
        self._counts.clear()
        return taken
