"""Watches on actors of other nodes."""

from typing import TYPE_CHECKING, Any

from actors.cell import Cell
from actors.cluster.wire import Unwatch, Watch
from actors.ref import Ref
from actors.system import Down

if TYPE_CHECKING:
    from actors.cluster.cluster import Cluster
    from actors.kernel import Sender


class Watches:
    """Which actors of other nodes the actors here watch.

    The watched one's node has the watcher on its list and tells it; this one remembers, so
    that it can tell it itself when that node is lost.
    """

    def __init__(self, cluster: "Cluster") -> None:
        self._cluster = cluster
        self._watched: dict[str, set[str]] = {}
        """Watchers here by the path they watch."""
        cluster.for_actor[Watch] = self._watch_here
        cluster.for_actor[Unwatch] = self._unwatch_here

    def begin(self, cell: Cell, ref: Ref[Any]) -> bool:
        """Watch an actor on another node; return whether there may be one."""
        if not self._cluster.forward(cell.me, ref, Watch()):
            return False
        self.note(ref.path, cell.me.path)
        return True

    def note(self, path: str, watcher: str) -> None:
        """An actor here watches one of another node."""
        self._watched.setdefault(path, set()).add(watcher)

    def end(self, cell: Cell, path: str) -> None:
        """Do not watch it any more."""
        if cell.me.path in self._watched.get(path, ()):
            self.forget(path, cell.me.path)
            self._cluster.forward(cell.me, Ref(path), Unwatch())

    def forget(self, path: str, watcher: str) -> None:
        """The watcher was told, or has gone."""
        watchers = self._watched.get(path)
        if watchers is not None:
            watchers.discard(watcher)
            if not watchers:
                del self._watched[path]

    def on(self, node: str) -> list[str]:
        """Return what is watched from here and is on a node."""
        return [path for path in self._watched if self._cluster.whereabouts.find(path) == node]

    def lost(self, paths: list[str], reason: str) -> None:
        """These were on a node that is lost: tell who watched them."""
        for path in paths:
            for watcher in self._watched.pop(path, ()):
                self._cluster.kernel.route(Ref(path), Ref(watcher), Down(Ref(path), reason))

    def _watch_here(self, to: Ref[Any], watcher: "Sender", _: Watch) -> None:
        if watcher is None:
            return
        kernel = self._cluster.kernel
        target = self._cluster.cell(to.path)
        if target is None:
            self.forget(to.path, watcher.path)
            kernel.route(to, watcher, Down(to, "not running"))
            return
        if target.watchers is None:
            target.watchers = {}
        target.watchers[watcher.path] = watcher

    def _unwatch_here(self, to: Ref[Any], watcher: "Sender", _: Unwatch) -> None:
        target = self._cluster.cell(to.path)
        if watcher is not None and target is not None and target.watchers is not None:
            target.watchers.pop(watcher.path, None)
