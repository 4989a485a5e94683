"""Virtual time: a queue of what is to happen."""

import heapq
import itertools
from collections.abc import Callable
from typing import Any

WALL_AT_START = 1_700_000_000.0
"""The Unix time at which a virtual clock starts."""


class Event:
    """Something that happens at a virtual time."""

    __slots__ = ("args", "callback", "due", "number")

    def __init__(self, due: float, number: int, callback: Callable[..., None] | None, args: tuple[Any, ...]) -> None:
        self.due = due
        self.number = number
        self.callback = callback
        self.args = args

    def __lt__(self, other: "Event") -> bool:
        """Order by time, and then by age."""
        return (self.due, self.number) < (other.due, other.number)

    def cancel(self) -> None:
        """Let it not happen."""
        self.callback = None


class VirtualClock:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.time = 0.0
        self._events: list[Event] = []
        self._numbers = itertools.count()

    def now(self) -> float:
        """Return the virtual time in seconds, zero at the start."""
        return self.time

    def wall(self) -> float:
        """Return the virtual Unix time."""
        return WALL_AT_START + self.time

    def later(self, delay: float, callback: Callable[..., None], *args: Any) -> Event:  # noqa: ANN401 - passed on
        """Call the callback in ``delay`` virtual seconds."""
        return self.at(self.time + max(0.0, delay), callback, *args)

    def at(self, due: float, callback: Callable[..., None], *args: Any) -> Event:  # noqa: ANN401 - passed on
        """Call the callback at a virtual time."""
        event = Event(due, next(self._numbers), callback, args)
        heapq.heappush(self._events, event)
        return event

    def step(self, until: float) -> bool:
        """Let the next event that is due by then happen; return whether there was one."""
        while self._events and self._events[0].due <= until:
            event = heapq.heappop(self._events)
            if event.callback is not None:
                self.time = max(self.time, event.due)
                event.callback(*event.args)
                return True
        return False
