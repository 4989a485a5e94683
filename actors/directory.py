"""Which actor is where."""

from actors.cell import Cell


class Directory:
    """The actors of this engine by path.

    Only running ones receive messages; one that waits for its restart, or for the
    end of its children, keeps its path.
    """

    __slots__ = ("running", "waiting")

    def __init__(self) -> None:
        self.running: dict[str, Cell] = {}
        self.waiting: dict[str, Cell] = {}

    def runs(self, cell: Cell) -> None:
        """Let messages reach it."""
        self.waiting.pop(cell.me.path, None)
        self.running[cell.me.path] = cell

    def waits(self, cell: Cell) -> None:
        """Let no message reach it."""
        self.running.pop(cell.me.path, None)
        self.waiting[cell.me.path] = cell

    def forget(self, cell: Cell) -> None:
        """Free its path."""
        self.running.pop(cell.me.path, None)
        self.waiting.pop(cell.me.path, None)

    def find(self, path: str) -> Cell | None:
        """Return the actor at a path, whether it runs or waits."""
        return self.running.get(path) or self.waiting.get(path)
