"""Which node an actor is on."""

from actors.directory import MARK, Directory

FOUND_MOST = 100_000
"""Actors of which is remembered what was worked out: clients come and go for months."""


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
        self._said: dict[str, tuple[str, int]] = {}
        """The node, and the number with which it was said."""
        self._found: dict[str, str] = {}
        """What was worked out; forgotten when anything changes."""
        self._named: dict[str, str] = {}
        """The same where the path names the node, which never changes."""
        self._forgot = False
        """More was worked out than is remembered."""

    def find(self, path: str) -> str | None:
        """Return the node of an actor; nothing if nobody knows of it, or it could only be here."""
        known = self._found.get(path) or self._named.get(path)
        if known is not None:
            return known
        node = self._look(path)
        if node is None or node == self._here:
            return None
        found = self._named if node_of(path) else self._found
        if len(found) >= FOUND_MOST:
            self._forgot = self._forgot or found is self._found
            found.clear()
        found[path] = node
        return node

    @property
    def count(self) -> int:
        """So many were said to be on other nodes."""
        return len(self._said)

    def _look(self, path: str) -> str | None:
        if node := node_of(path):
            return node
        root = self.root(path)
        if root in self._said:
            return self._said[root][0]
        return self._here if root else None

    def root(self, path: str) -> str:
        """Return the nearest above an actor, or itself, of which it is known where it is; or nothing."""
        while path and path not in self._said and self._directory.find(path) is None:
            path = path.rpartition("/")[0]
        return path

    def number(self, path: str) -> int:
        """Return the number with which was said where an actor is."""
        return self._said.get(path, ("", 0))[1]

    def is_at(self, path: str, node: str, number: int) -> bool:
        """Note where an actor is, unless something newer is known; return if it may have been sent to elsewhere."""
        if number < self.number(path):
            return False
        before = self._look(path) if self._forgot else None
        self._said[path] = (node, number)
        used = before not in {None, self._here, node}
        for found, at in list(self._found.items()):
            if found == path or found.startswith(f"{path}/"):
                del self._found[found]
                used = used or at != node
        return used

    def is_gone(self, path: str, node: str) -> None:
        """Note that it is not on that node any more."""
        if path in self._said and self._said[path][0] == node:
            del self._said[path]
            self._forget_found()

    def is_here(self, path: str) -> None:
        """Note that it is on this node now."""
        self._said.pop(path, None)
        self._forget_found()

    def is_lost(self, node: str) -> None:
        """Forget all that was on a node."""
        self._said = {path: said for path, said in self._said.items() if said[0] != node}
        self._forget_found()

    def _forget_found(self) -> None:
        self._found = {path: at for path, at in self._found.items() if self._look(path) == at}
