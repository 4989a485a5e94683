"""The scheduling of actors in an event loop, and the way in from other threads."""

import asyncio
import contextlib
import logging
import random
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from actors.cell import Cell
from actors.clock import Clock
from actors.kernel import Kernel, Services
from actors.sockets import Network

log = logging.getLogger(__name__)

MOST_IN_A_RUN = 64
"""Messages that an actor handles before the next one's turn."""
PUMP_SECONDS = 0.005
"""After so long the loop looks at its sockets and timers."""


class LoopKernel(Kernel):
    """A kernel whose actors run between the other things an event loop does."""

    def __init__(self, loop: asyncio.AbstractEventLoop, clock: Clock, network: Network, services: Services) -> None:
        super().__init__(clock, network, services, lambda _: random.Random())  # noqa: S311 - jitter, not secrets
        self.loop = loop
        self._thread = 0
        """The thread of the loop, once it runs."""
        self._ready: deque[Cell] = deque()
        self._pumping = False
        self._posted: deque[tuple[Callable[..., None], tuple[Any, ...]]] = deque()
        self._woken = False
        self._lock = threading.Lock()

    def soon(self, call: Callable[[], None]) -> None:
        """Call something in this tick of the loop."""
        self.loop.call_soon(call)

    def enqueue(self, cell: Cell) -> None:
        """Let the cell run soon."""
        self._ready.append(cell)
        if not self._pumping:
            self._pumping = True
            self.loop.call_soon(self._pump)

    def _pump(self) -> None:
        """Let actors run, in order of their first waiting message, for a few milliseconds."""
        end = time.monotonic() + PUMP_SECONDS
        try:
            while self._ready and time.monotonic() < end:
                self._run(self._ready.popleft())
        finally:
            if self._ready:
                self.loop.call_soon(self._pump)
            else:
                self._pumping = False

    def _run(self, cell: Cell) -> None:
        try:
            cell.run(MOST_IN_A_RUN)
        except Exception:
            log.exception("the engine failed while %s was at its turn", cell.me)
            cell.queued = False
            self.supervisor.fail(cell, "the engine failed")

    @property
    def idle(self) -> bool:
        """Whether no actor has anything to do."""
        return not self._pumping and not self._posted

    def post(self, call: Callable[..., None], *args: Any) -> None:  # noqa: ANN401 - passed on
        """Call something in the thread of the loop, from any other; calls keep their order."""
        with self._lock:
            self._posted.append((call, args))
            if self._woken:
                return
            self._woken = True
        # A service that is still at work when everything has ended has nobody to tell.
        with contextlib.suppress(RuntimeError):
            self.loop.call_soon_threadsafe(self._take_posted)

    def _take_posted(self) -> None:
        with self._lock:
            posted, self._posted = self._posted, deque()
            self._woken = False
        for call, args in posted:
            call(*args)
