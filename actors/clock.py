"""Time as an engine gives it."""

from collections.abc import Callable
from typing import Any, Protocol


class Timer(Protocol):
    """Something that will be called."""

    def cancel(self) -> None:
        """Do not call it."""


class Clock(Protocol):
    """The time, and calls at a later one."""

    def now(self) -> float:
        """Return the monotonic time in seconds."""

    def wall(self) -> float:
        """Return the Unix time in seconds."""

    def later(self, delay: float, callback: Callable[..., None], *args: Any) -> Timer:  # noqa: ANN401 - passed on
        """Call the callback in ``delay`` seconds."""
