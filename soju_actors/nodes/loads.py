"""How much a node has to do, and how much others have told of theirs."""

import time
from collections.abc import Callable

from actors.kernel import Kernel
from soju_actors.messages.cluster import LoadSeen

EVERY = 1.0
"""Seconds from one word of a node's load to the next."""
LATEST = 0.3
"""The weight of what was measured last in what is told, so that one busy second is not taken for a busy node."""


class Gauge:
    """Looks now and then at how much the actors of this node have to do; in between it costs nothing."""

    def __init__(self, kernel: Kernel, cpu: Callable[[], float] = time.thread_time) -> None:
        self._kernel = kernel
        self._cpu = cpu
        """The seconds for which the thread of the actors, which asks, has been at work."""
        self._before = (kernel.clock.now(), cpu(), kernel.handled)
        self._busy: float | None = None
        self._messages = 0.0

    def look(self, users: int) -> LoadSeen:
        """Return what there has been to do of late."""
        kernel = self._kernel
        now, cpu, handled = moment = (kernel.clock.now(), self._cpu(), kernel.handled)
        since, cpu_before, handled_before = self._before
        passed = now - since
        if passed > 0:
            self._before = moment
            busy = min(1.0, max(0.0, cpu - cpu_before) / passed)
            messages = (handled - handled_before) / passed
            latest = 1.0 if self._busy is None else LATEST
            before = self._busy or 0.0
            self._busy = before + latest * (busy - before)
            self._messages += latest * (messages - self._messages)
        count = len(kernel.running), kernel.sockets.count
        return LoadSeen(users, *count, round(self._busy or 0.0, 4), round(self._messages, 1), now)
