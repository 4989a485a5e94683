"""The service ``console``: what the operator is to know of the start."""

import asyncio
import logging
from collections.abc import Callable

from soju_actors.ports.console import ListenFailed, ListeningAt, SetDetail


class Console:
    """Passes the outcome of the first attempts to listen to the daemon; later ones are in the log alone."""

    def __init__(self) -> None:
        self._open = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._failed: Callable[[str, str], None] | None = None
        self.level = "INFO"
        """What is logged as a rule."""

    def begin(self, loop: asyncio.AbstractEventLoop, listeners: int, failed: Callable[[str, str], None]) -> None:
        """Expect so many outcomes; ``failed`` is called in the loop with a name and a reason."""
        self._loop, self._open, self._failed = loop, listeners, failed

    def perform(self, job: object) -> None:
        """Do a job of :mod:`soju_actors.ports.console`."""
        match job:
            case ListeningAt():
                self._open -= 1
            case ListenFailed(name, reason):
                if self._open > 0 and self._loop is not None and self._failed is not None:
                    self._loop.call_soon_threadsafe(self._failed, name, reason)
                self._open -= 1
            case SetDetail(detailed):
                logging.getLogger().setLevel(logging.DEBUG if detailed else self.level)

    def close(self) -> None:
        """Nothing is held."""
