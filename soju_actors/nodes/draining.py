"""Emptying a node of its users."""

from soju_actors.nodes.collecting import Answer
from soju_actors.nodes.here import Here
from soju_actors.nodes.moves import AT_ONCE, Moves
from soju_actors.service.values import counted

AGAIN = 0.25
"""Seconds after which a user that could not move is tried again."""
TRIES = 20


class Drain:
    """A node that is being emptied."""

    def __init__(self, moves: Moves, here: Here, users: list[str], answer: Answer) -> None:
        self._moves = moves
        self._here = here
        self._answer = answer
        self._waiting = users
        self._under_way = 0
        self._moved = 0
        self._tries: dict[str, int] = {}
        self._failed: dict[str, str] = {}

    def go_on(self) -> None:
        """Let the next ones leave; answer when none is left."""
        while self._waiting and self._under_way < AT_ONCE:
            path = self._waiting.pop(0)
            self._under_way += 1
            self._moves.move_off(path, lambda reason, path=path: self._ended(path, reason))  # type: ignore[misc]
        if not self._waiting and not self._under_way:
            lines = tuple(f"{path} stays: {reason}" for path, reason in self._failed.items())
            error = f"{len(self._failed)} of its users could not leave" if self._failed else ""
            self._answer(
                (*lines, f"{counted(self._moved, 'user')} moved to other nodes, with all connections kept"), error
            )

    def _ended(self, path: str, reason: str) -> None:
        tries = self._tries[path] = self._tries.get(path, 0) + 1
        if not reason:
            self._moved += 1
        elif tries < TRIES:
            self._here.later(AGAIN, lambda: self._again(path))
            return
        else:
            self._failed[path] = reason
        self._under_way -= 1
        self.go_on()

    def _again(self, path: str) -> None:
        self._moves.move_off(path, lambda reason: self._ended(path, reason))
