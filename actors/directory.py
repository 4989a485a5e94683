"""Which actor is where."""

from collections.abc import Iterator

from actors.cell import Cell

MARK = "@"
"""Before the name of a node, in the first part of the path of what each node has for itself: ``store@a``."""


class Directory:
    """The actors of this engine by path.

    Only running ones receive messages; one that waits for its restart, or for the
    end of its children, keeps its path. What each node has for itself, ``store@a``, is
    found on that node without the mark, too.
    """

    __slots__ = ("changes", "running", "waiting")

    def __init__(self) -> None:
        self.changes = 0
        """So often an actor has come or gone."""
        self.running: dict[str, Cell] = {}
        self.waiting: dict[str, Cell] = {}

    def runs(self, cell: Cell) -> None:
        """Let messages reach it."""
        self.changes += 1
        for path in _names(cell):
            self.waiting.pop(path, None)
            self.running[path] = cell

    def waits(self, cell: Cell) -> None:
        """Let no message reach it."""
        self.changes += 1
        for path in _names(cell):
            self.running.pop(path, None)
            self.waiting[path] = cell

    def forget(self, cell: Cell) -> None:
        """Free its path."""
        self.changes += 1
        for path in _names(cell):
            self.running.pop(path, None)
            self.waiting.pop(path, None)

    def find(self, path: str) -> Cell | None:
        """Return the actor at a path, whether it runs or waits."""
        return self.running.get(path) or self.waiting.get(path)


def _names(cell: Cell) -> Iterator[str]:
    path = cell.me.path
    yield path
    if MARK in path and "/" not in path:
        yield path.partition(MARK)[0]
