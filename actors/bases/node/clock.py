"""The time of an event loop."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from actors.clock import Timer


class LoopClock:
    """Real time, and timers of an event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        # Not the loop's time: uvloop keeps that in milliseconds, from before the last wait.
        self.now = time.monotonic
        self.wall = time.time

    def later(self, delay: float, callback: Callable[..., None], *args: Any) -> Timer:  # noqa: ANN401 - passed on
        """Call the callback in ``delay`` seconds."""
        return self._loop.call_later(delay, callback, *args)
