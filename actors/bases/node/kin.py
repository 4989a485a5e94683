"""Children of actors of one node that run on another.

An actor that creates another has its address at once, before it is known on which node
that will run. So it gets an address of this node, and all that is sent there goes on to
the child. To everybody here that address is the child's; on the way to other nodes it is
replaced by the child's own, and on the way here its own is replaced by it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from actors.cluster.whereabouts import node_of
from actors.ref import Ref


@dataclass(slots=True)
class Child:
    """An actor that was created from here, on another node."""

    path: str
    """By which it is known here."""
    parent: Ref[Any]
    actual: str = ""
    """Its own path, once it is known."""
    failed: bool = False
    """It could not be made."""
    waiting: list[tuple[Ref[Any] | None, Any]] = field(default_factory=list)
    """What was sent to it before, and by whom."""


class Kin:
    """Those of one node."""

    def __init__(self) -> None:
        self.children: dict[str, Child] = {}
        """By the path by which they are known here."""
        self._by_actual: dict[str, Child] = {}

    def here(self, path: str) -> str:
        """Return the path by which an actor is known here."""
        child = self._by_actual.get(path)
        return path if child is None else child.path

    def node_of(self, path: str) -> str:
        """Return on which node an actor runs, by the path by which it is known here."""
        child = self.children.get(path)
        return node_of(path if child is None else child.actual)

    def expect(self, path: str, parent: Ref[Any]) -> None:
        """Note that a child is being made."""
        self.children[path] = Child(path, parent)

    def found(self, child: Child, actual: str) -> None:
        """Note where a child is."""
        child.actual = actual
        self._by_actual[actual] = child

    def forget(self, child: Child) -> None:
        """Note that a child has ended."""
        self.children.pop(child.path, None)
        self._by_actual.pop(child.actual, None)

    def gone(self, actual: str, node: str) -> None:
        """Note that an actor has ended, as its node says."""
        child = self._by_actual.get(actual)
        if child is not None and node_of(actual) == node:
            self.forget(child)

    def on(self, node: str) -> Iterator[Child]:
        """Yield the children on a node."""
        yield from [child for child in self.children.values() if child.actual and node_of(child.actual) == node]
