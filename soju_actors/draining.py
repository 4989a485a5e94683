"""Emptying a node of its users."""

from collections.abc import Callable
from typing import Protocol

from soju_actors.collecting import Answer
from soju_actors.service.values import counted

AT_ONCE = 8
"""Users that leave a node at the same time when it is drained."""
AGAIN = 0.25
"""Seconds after which a user that could not move is tried again."""
TRIES = 20


class Emptied(Protocol):
    """The node."""

    def users(self) -> list[str]:
        """Return the paths of the users that run on it."""

    def move_off(self, path: str, done: Callable[[str], None]) -> None:
        """Move a user to wherever it is to be instead."""

    def later(self, delay: float, call: Callable[[], None]) -> None:
        """Call something in so many seconds."""


class Drain:
    """A node that is being emptied."""

    def __init__(self, nodes: Emptied, answer: Answer) -> None:
        self._nodes = nodes
        self._answer = answer
        self._waiting = nodes.users()
        self._under_way = 0
        self._moved = 0
        self._tries: dict[str, int] = {}
        self._failed: dict[str, str] = {}

    def go_on(self) -> None:
        """Let the next ones leave; answer when none is left."""
        while self._waiting and self._under_way < AT_ONCE:
            path = self._waiting.pop(0)
            self._under_way += 1
            self._nodes.move_off(path, lambda reason, path=path: self._ended(path, reason))  # type: ignore[misc]
        if not self._waiting and not self._under_way:
            lines = tuple(f"{path} stays: {reason}" for path, reason in self._failed.items())
            error = f"{len(self._failed)} of its users could not leave" if self._failed else ""
            self._answer((*lines, f"{counted(self._moved, 'user')} left, with all connections kept"), error)

    def _ended(self, path: str, reason: str) -> None:
        tries = self._tries[path] = self._tries.get(path, 0) + 1
        if not reason:
            self._moved += 1
        elif tries < TRIES:
            self._nodes.later(AGAIN, lambda: self._again(path))
            return
        else:
            self._failed[path] = reason
        self._under_way -= 1
        self.go_on()

    def _again(self, path: str) -> None:
        self._nodes.move_off(path, lambda reason: self._ended(path, reason))
