"""Which node an actor is on."""

from actors.directory import MARK, Directory


def node_of(path: str) -> str:
    """Return the node that a path names, or nothing."""
    return path.partition("/")[0].partition(MARK)[2]


class Whereabouts:
    """What one node knows of the others' actors.

    An actor is on the node that its path names; else where it was said to be; else
    with the nearest one above it of which something is known.
    """

    def __init__(self, here: str, directory: Directory) -> None:
        self._here = here
        self._directory = directory
        self._said: dict[str, str] = {}
        self._found: dict[str, str] = {}
        """What was worked out; forgotten when anything changes."""

    def find(self, path: str) -> str | None:
        """Return the node of an actor; nothing if nobody knows of it, or it could only be here."""
        if path in self._found:
            return self._found[path]
        node = self._look(path)
        if node is None or node == self._here:
            return None
        self._found[path] = node
        return node

    def _look(self, path: str) -> str | None:
        if node := node_of(path):
            return node
        while path:
            if path in self._said:
                return self._said[path]
            if self._directory.find(path) is not None:
                return self._here
            path = path.rpartition("/")[0]
        return None

    def is_at(self, path: str, node: str) -> dict[str, str]:
        """Note where an actor is; return the other nodes over which ways to it, and below it, led so far."""
        old: dict[str, str] = {}
        before = self._said.get(path, node)
        if before != node:
            old[path] = before
        self._said[path] = node
        for found, at in list(self._found.items()):
            if found == path or found.startswith(f"{path}/"):
                del self._found[found]
                if at != node:
                    old[found] = at
        return old

    def is_gone(self, path: str, node: str) -> None:
        """Note that it is not on that node any more."""
        if self._said.get(path) == node:
            del self._said[path]
            self._forget_found()

    def is_lost(self, node: str) -> None:
        """Forget all that was on a node."""
        self._said = {path: at for path, at in self._said.items() if at != node}
        self._forget_found()

    def _forget_found(self) -> None:
        self._found = {path: at for path, at in self._found.items() if self._look(path) == at}
