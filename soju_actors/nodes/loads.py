"""How much a node has to do, and how much others have told of theirs."""

import os
import time
from collections.abc import Callable
from pathlib import Path

from actors.kernel import Kernel
from soju_actors.messages.cluster import LoadSeen

EVERY = 1.0
"""Seconds from one word of a node's load to the next."""
LATEST = 0.3
"""The weight of what was measured last in what is told, so that one busy second is not taken for a busy node."""
STATM = Path("/proc/self/statm")
"""Where Linux tells of the memory of a process, in pages: all of it, and what is resident. It is no file of a disk."""


def resident() -> int | None:
    """Return the bytes that this process has in memory; None where the system does not say it as Linux does."""
    try:
        return int(STATM.read_bytes().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return None


class Gauge:
    """Looks now and then at how much the actors of this node have to do; in between it costs nothing."""

    def __init__(
        self,
        kernel: Kernel,
        cpu: Callable[[], float] = time.thread_time,
        memory: Callable[[], int | None] = resident,
    ) -> None:
        self._kernel = kernel
        self._cpu = cpu
        """The seconds for which the thread of the actors, which asks, has been at work."""
        self._memory = memory
        self._before = self._counted()
        self._rates: tuple[float, ...] = ()
        """Busy, messages and bytes, in a second."""

    def _counted(self) -> tuple[float, float, float, float]:
        """What only grows, the time first."""
        kernel = self._kernel
        carried = kernel.cluster.bytes if kernel.cluster is not None else 0
        return kernel.clock.now(), self._cpu(), kernel.handled, carried

    def look(self, users: int) -> LoadSeen:
        """Return what there has been to do of late."""
        kernel = self._kernel
        now, *counts = moment = self._counted()
        since, *before = self._before
        passed = now - since
        if passed > 0:
            self._before = moment
            rates = [(count - earlier) / passed for count, earlier in zip(counts, before, strict=True)]
            rates[0] = min(1.0, max(0.0, rates[0]))
            earlier, latest = (self._rates, LATEST) if self._rates else ((0.0,) * len(rates), 1.0)
            self._rates = tuple(old + latest * (new - old) for old, new in zip(earlier, rates, strict=True))
        busy, messages, carried = self._rates or (0.0, 0.0, 0.0)
        return LoadSeen(
            users,
            len(kernel.running),
            kernel.sockets.count,
            round(busy, 4),
            round(messages, 1),
            now,
            bytes=round(carried, 1),
            waiting=sum(len(cell.box) for cell in kernel.running.values() if cell.box),
            memory=self._memory(),
        )
