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

    def put_off(self, event: Event, due: float) -> None:
        """Let an event that was due happen later."""
        event.due = due
        heapq.heappush(self._events, event)

    def step(self, until: float) -> bool:
        """Let the next event that is due by then happen; return whether there was one."""
        while self._events and self._events[0].due <= until:
            event = heapq.heappop(self._events)
            if event.callback is not None:
                self.time = max(self.time, event.due)
                event.callback(*event.args)
                return True
        return False


class NodeClock:
    """The same time for one of several nodes, which may hang: what is due then happens when it goes on."""

    def __init__(self, clock: VirtualClock) -> None:
        self.now = clock.now
        self.wall = clock.wall
        self.goes_on = 0.0
        """Nothing happens before this time."""
        self._clock = clock

    @property
    def time(self) -> float:
        """The virtual time."""
        return self._clock.time

    def later(self, delay: float, callback: Callable[..., None], *args: Any) -> Event:  # noqa: ANN401 - passed on
        """Call the callback in ``delay`` virtual seconds, or as soon as the node goes on."""
        return self.at(self.time + max(0.0, delay), callback, *args)

    def at(self, due: float, callback: Callable[..., None], *args: Any) -> Event:  # noqa: ANN401 - passed on
        """Call the callback at a virtual time, or as soon as the node goes on."""
        event = self._clock.at(due, self._call)
        event.args = (event, callback, args)
        return event

    def _call(self, event: Event, callback: Callable[..., None], args: tuple[Any, ...]) -> None:
        if self.time < self.goes_on:
            self._clock.put_off(event, self.goes_on)
        else:
            callback(*args)
