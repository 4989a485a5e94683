"""This node, for all that it does as one of several: what the others say to it, and what it says to them."""

from collections.abc import Callable
from random import Random
from typing import Any

from actors import Ref
from actors.bases.node import NodeBase
from actors.cluster.cluster import Cluster
from soju_actors.ports.protocols import ToNodes, ToRegistry

REGISTRY: Ref[ToRegistry] = Ref("registry")

Handler = Callable[[Ref[Any] | None, Any], None]
"""Takes a message and who has sent it."""


class Here:
    """The engine of this node, once it is one of the nodes."""

    def __init__(self, base: NodeBase, name: str) -> None:
        assert base.cluster is not None  # noqa: S101 - for the type checker
        self.base = base
        self.cluster: Cluster = base.cluster
        self.kernel = self.cluster.kernel
        self.name = name
        self.handlers: dict[type, Handler] = {}
        """What is done with messages, by class."""
        self._numbers = 0
        base.answer_at(f"nodes@{name}", self._receive)

    def _receive(self, sender: Ref[Any] | None, msg: Any) -> None:  # noqa: ANN401 - any message
        handler = self.handlers.get(type(msg))
        if handler is not None:
            handler(sender, msg)

    def number(self) -> int:
        """Return the number of a new question."""
        self._numbers += 1
        return self._numbers

    def tell(self, node: str, msg: Any) -> None:  # noqa: ANN401 - any message for nodes
        """Tell a node something; this one too."""
        self.base.tell(Ref[ToNodes](f"nodes@{node}"), msg)

    def tell_registry(self, msg: ToRegistry) -> None:
        """Tell the registry of this node something."""
        self.base.tell(REGISTRY, msg)

    def in_thread(self, call: Callable[[], Any], done: Callable[[Any], None]) -> None:
        """Have something done in another thread, and go on with what it returns."""
        doing = self.base.loop.run_in_executor(None, call)
        doing.add_done_callback(lambda it: done(it.result()))

    def later(self, delay: float, call: Callable[[], None]) -> None:
        """Call something in so many seconds."""
        self.kernel.clock.later(delay, call)

    def chance(self) -> Random:
        """Return chance for what is decided here."""
        return self.kernel.random_for("nodes")
