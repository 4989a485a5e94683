"""What is sent to nodes that are heard of before they can be reached.

A node knows of another one by an address in a message, or because a third one had it make
an actor, and they connect a moment later.
"""

from collections.abc import Callable
from typing import NamedTuple

from actors.bases.node.carrier import Carrier
from actors.clock import Clock

GRACE = 5.0
"""Seconds in which a node must be reached."""
NODES_MOST = 256
ITEMS_MOST = 10_000
"""Items that may wait for a node."""


class Waiting(NamedTuple):
    """An item, and what is called if it does not go out."""

    item: bytes
    failed: Callable[[], None]


class Patience:
    """Sends items, or lets them wait for a while; their order is kept."""

    def __init__(self, carrier: Carrier, clock: Clock) -> None:
        self._carrier = carrier
        self._clock = clock
        self._waiting: dict[str, list[Waiting]] = {}
        self._lost: set[str] = set()
        """Nodes that have been reached, and cannot be now."""

    def send(self, node: str, item: bytes, failed: Callable[[], None]) -> None:
        """Send an item; call ``failed``, now or later, if the node cannot be reached."""
        waiting = self._waiting.get(node)
        if waiting is None:
            if self._carrier.send(node, item):
                return
            if node in self._lost or len(self._waiting) >= NODES_MOST:
                failed()
                return
            waiting = self._waiting[node] = []
            self._clock.later(GRACE, self._give_up, node, waiting)
        if len(waiting) >= ITEMS_MOST:
            failed()
        else:
            waiting.append(Waiting(item, failed))

    def up(self, node: str) -> None:
        """Send what has waited for a node."""
        self._lost.discard(node)
        for item, failed in self._waiting.pop(node, ()):
            self.send(node, item, failed)

    def down(self, node: str) -> None:
        """Let nothing wait for a node that is lost."""
        self._lost.add(node)
        waiting = self._waiting.get(node)
        if waiting is not None:
            self._give_up(node, waiting)

    def _give_up(self, node: str, waiting: list[Waiting]) -> None:
        if self._waiting.get(node) is waiting:
            del self._waiting[node]
            for _, failed in waiting:
                failed()
