"""Order, where the way to an actor changes.

What was sent to an actor on its old way may still be under way when the new one is
known. So the first message on the new way waits: a :class:`~actors.cluster.wire.Flush` goes
the old way behind all that went before, whichever nodes that leads over, and once it has come to
the actor, what has waited meanwhile takes the new way.
"""

import itertools
from collections import deque
from typing import TYPE_CHECKING, Any

from actors.cluster.wire import Flush, Flushed
from actors.ref import Ref
from actors.turn import Undelivered

if TYPE_CHECKING:
    from actors.cluster.cluster import Cluster
    from actors.kernel import Sender

REMEMBERED = 10.0
"""Seconds for which an old way counts: longer than anything is held or under way on it."""

Held = deque[tuple["Sender", Ref[Any], Any, Undelivered]]


class Switching:
    """The ways of one node that have changed lately."""

    def __init__(self, cluster: "Cluster") -> None:
        self._cluster = cluster
        self._old: dict[str, str] = {}
        """The node over which the way to an actor, and to those below it, has led."""
        self._held: dict[str, Held] = {}
        """What waits for the new way, by actor."""
        self._flushing: dict[str, tuple[int, str]] = {}
        """The number of the flush that is under way, and the node that it went to."""
        self._done: dict[str, set[str]] = {}
        """Actors whose new way is in use, by the changed path they are at or below."""
        self._numbers = itertools.count(1)

    def changed(self, path: str, old: str) -> None:
        """The way to an actor, and to those below it, led over another node so far."""
        self._old[path] = old
        self._done[path] = set()
        self._cluster.kernel.clock.later(REMEMBERED, self._forget, path, old)

    def _forget(self, path: str, old: str) -> None:
        if self._old.get(path) == old:
            del self._old[path]
            self._done.pop(path, None)

    def hold(self, sender: "Sender", to: Ref[Any], msg: Any, undelivered: Undelivered) -> bool:  # noqa: ANN401
        """Keep a message that has to wait for its way; return whether it has to."""
        path = to.path
        if path not in self._held:
            if not self._old:
                return False
            changed = self._changed_above(path)
            if not changed or not self._flush(path, changed):
                return False
        self._held[path].append((sender, to, msg, undelivered))
        return True

    def _changed_above(self, path: str) -> str:
        above = path
        while above:
            if above in self._old:
                return "" if path in self._done[above] else above
            above = above.rpartition("/")[0]
        return ""

    def _flush(self, path: str, changed: str) -> bool:
        """Begin to change the way to an actor; return whether the old one is still there."""
        cluster = self._cluster
        session = cluster.sessions.get(self._old[changed])
        self._done[changed].add(path)
        if session is None:
            return False
        number = next(self._numbers)
        self._held[path] = deque()
        self._flushing[path] = (number, session.peer)
        cluster.send(session, None, Ref(path), Flush(cluster.name, number))
        return True

    def flushed(self, msg: Flushed) -> None:
        """All that went the old way has arrived."""
        number, _ = self._flushing.get(msg.path, (0, ""))
        if number == msg.number:
            self._release(msg.path)

    def lost(self, node: str) -> None:
        """A node is lost, and what was under way over it."""
        for path in [path for path, (_, over) in self._flushing.items() if over == node]:
            self._release(path)

    def _release(self, path: str) -> None:
        del self._flushing[path]
        for sender, to, msg, undelivered in self._held.pop(path):
            self._cluster.kernel.route(sender, to, msg, undelivered)
