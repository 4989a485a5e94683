"""Life and death: how actors start, stop, fail and are started again."""

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from actors import mailbox
from actors.alarms import cancel_alarms
from actors.cell import Cell, Elsewhere, State
from actors.ref import Ref
from actors.restarts import Restarts, wants_restart
from actors.supervision import ChildSpec
from actors.system import ChildGone, ChildRestarted, Down, Stop
from actors.turn import Undelivered

if TYPE_CHECKING:
    from actors.kernel import Kernel

log = logging.getLogger(__name__)

STOPPED = "stopped"


class Start:
    """The first message of each start, from the engine."""

    __slots__ = ()


START = Start()


class Supervisor:
    """Starts the children of actors, and deals with their ends.

    An actor ends in steps that may take a while: its mailbox is emptied, its
    children end, it takes its last turn (unless it failed), its links are closed and
    its watchers told. Then it is started again, after a pause, or it is gone.
    """

    def __init__(self, kernel: "Kernel") -> None:
        self.root = Cell(kernel, None, ChildSpec("", "actors.root:Root"), Ref(""))
        """The parent of all; it has no turns."""
        self.root.state = State.RUNNING
        self.on_gave_up: Callable[[Ref[Any], str], None] = lambda ref, reason: None  # noqa: ARG005
        """Called when nobody is left to restart a top-level actor."""
        self.on_empty: Callable[[], None] = lambda: None
        """Called when the last top-level actor is gone."""
        self._kernel = kernel
        self._directory = kernel.directory

    @property
    def empty(self) -> bool:
        """Whether no top-level actor is left."""
        return not self.root.children

    def spawn_top(self, spec: ChildSpec) -> Ref[Any]:
        """Start an actor without a parent.

        Raises:
            ValueError: the name is not one, or is taken.
        """
        if not spec.name or "/" in spec.name:
            raise ValueError(f"{spec.name!r} is no name for an actor")
        if self.root.has_child(spec.name):
            raise ValueError(f"there is an actor {spec.name!r} already")
        ref: Ref[Any] = Ref(spec.name)
        self.spawn(self.root, spec, ref)
        return ref

    def spawn(self, parent: Cell, spec: ChildSpec, ref: Ref[Any]) -> None:
        """Start a child."""
        if parent.state is not State.RUNNING:
            log.error("%s is ending and cannot start %s", parent.me, spec.name)
            return
        cell = Cell(self._kernel, parent, spec, ref)
        self.adopt(parent, cell)
        self.start(cell)

    def guest(self, parent: Ref[Any], spec: ChildSpec, ref: Ref[Any]) -> Cell:
        """Make a cell for a child whose parent is on another node.

        Raises:
            ImportError, TypeError: the behaviour is not an actor class.
        """
        return Cell(self._kernel, Elsewhere(parent), spec, ref)

    def adopt(self, parent: Cell, cell: Cell) -> None:
        """Give a cell its place in the tree."""
        if parent.children is None:
            parent.children = {}
        parent.children[cell.spec.name] = cell

    def start(self, cell: Cell) -> None:
        """Start an actor: at first, and when it is lost, where a strategy puts it, else again where it was."""
        anywhere = cell.incarnation == 0 or cell.state is State.AWAY
        cell.incarnation += 1
        cell.failure = None
        cluster = self._kernel.cluster
        if cluster is not None and anywhere and cluster.family.place(cell):
            cell.state = State.AWAY
            self._directory.forget(cell)
            return
        cell.state = State.RUNNING
        self._directory.runs(cell)
        mailbox.put(cell, START)
        if cluster is not None:
            cluster.family.began(cell)

    def first_turn(self, cell: Cell) -> None:
        """Make the actor and let it take its first turn."""
        try:
            actor = cell.actor = cell.behaviour(cell.spec.args)
            self._kernel.take_turn(cell, actor.started)
        except Exception:  # noqa: BLE001 - it is logged
            self.failed(cell, START)

    def failed(self, cell: Cell, msg: object) -> None:
        """End an actor whose handler has just raised."""
        # Called while the exception is handled, so that it is in the log.
        log.error("%s failed on %s", cell.me, type(msg).__qualname__, exc_info=True)  # noqa: LOG014
        self.fail(cell, f"failed on {type(msg).__qualname__}")

    def fail(self, cell: Cell, reason: str) -> None:
        """End an actor because it failed."""
        if cell.state is State.RUNNING:
            cell.failure = reason
            self._begin_end(cell)

    def stop(self, cell: Cell, *, by_parent: bool) -> None:
        """End an actor in order; one that its parent stops is not started again."""
        if cell.state is State.RUNNING:
            cell.stopped = by_parent
            self._begin_end(cell)

    def stop_waiting(self, cell: Cell) -> None:
        """Do not start an actor again that is ending, or waits for its restart."""
        cell.stopped = True
        if cell.state is not State.STOPPING:
            if cell.restarts is not None and cell.restarts.timer is not None:
                cell.restarts.timer.cancel()
            self.gone(cell, STOPPED, gave_up=False)

    def _begin_end(self, cell: Cell) -> None:
        cell.state = State.STOPPING
        self._kernel.settle()
        self._directory.waits(cell)
        cancel_alarms(cell)
        self._empty_mailbox(cell)
        if cell.children:
            for child in list(cell.children.values()):
                self._kernel.route(cell.me, child.me, Stop())
        else:
            self._finish(cell)

    def _empty_mailbox(self, cell: Cell) -> None:
        box, cell.box = cell.box, None
        for msg, sender, undelivered in box or ():
            if undelivered is Undelivered.RETURN:
                self._kernel.nobody(sender, cell.me, msg, undelivered)
            elif type(msg) is Stop:
                cell.stopped = True

    def _finish(self, cell: Cell) -> None:
        """End an actor whose children have ended."""
        if cell.failure is None and cell.actor is not None:
            try:
                self._kernel.take_turn(cell, cell.actor.stopping)
            except Exception:
                log.exception("%s failed in its last turn", cell.me)
        self._kernel.sockets.flush()
        self._kernel.sockets.release(cell)
        cell.actor = None
        reason = cell.failure or STOPPED
        cell.state = State.DOWN
        self.tell_watchers(cell, reason)
        self._after(cell, reason)

    def lost(self, cell: Cell, reason: str) -> None:
        """A child that ran on another node has ended with it."""
        cell.failure = reason
        parent = cell.parent
        cell.stopped = cell.stopped or (isinstance(parent, Cell) and parent.state is not State.RUNNING)
        self._kernel.settle()
        self._directory.waits(cell)
        self._after(cell, reason)

    def _after(self, cell: Cell, reason: str) -> None:
        """Start an actor that has ended again, or not."""
        if cell.stopped or not wants_restart(cell.spec, failed=cell.failure is not None):
            self.gone(cell, reason, gave_up=False)
        else:
            self._restart_later(cell, reason)

    def tell_watchers(self, cell: Cell, reason: str) -> None:
        """Send a Down to each watcher of an actor that has ended, and end its own watches."""
        for path in cell.watching or ():
            self._kernel.forget_watch(cell, path)
        watchers, cell.watchers, cell.watching = cell.watchers, None, None
        for watcher in (watchers or {}).values():
            self._kernel.route(cell.me, watcher, Down(cell.me, reason))

    def _restart_later(self, cell: Cell, reason: str) -> None:
        if cell.restarts is None:
            cell.restarts = Restarts()
        delay = cell.restarts.delay(cell.spec, self._kernel.clock.now(), cell.random())
        if delay is None:
            self.gone(cell, reason, gave_up=True)
        else:
            log.warning("%s %s, starting again in %.1f s", cell.me, reason, delay)
            cell.restarts.timer = self._kernel.clock.later(delay, self._restart, cell, reason)

    def _restart(self, cell: Cell, reason: str) -> None:
        if cell.restarts is not None:
            cell.restarts.timer = None
        self.start(cell)
        self._tell_parent(cell, ChildRestarted(cell.me, reason))

    def _tell_parent(self, cell: Cell, msg: ChildRestarted | ChildGone) -> None:
        if cell.parent is not None and cell.parent is not self.root:
            self._kernel.route(cell.me, cell.parent.me, msg)

    def gone(self, cell: Cell, reason: str, *, gave_up: bool) -> None:
        """Free the place of an actor that will not be started again."""
        self._directory.forget(cell)
        cluster = self._kernel.cluster
        if cluster is not None:
            cluster.family.ended(cell, reason, gave_up=gave_up)
        parent = cell.parent
        if not isinstance(parent, Cell) or parent.children is None:
            return
        del parent.children[cell.spec.name]
        if parent is self.root:
            self._top_gone(cell, reason, gave_up=gave_up)
        elif parent.state is State.STOPPING:
            if not parent.children:
                self._finish(parent)
        else:
            self._tell_parent(cell, ChildGone(cell.me, reason, gave_up))

    def _top_gone(self, cell: Cell, reason: str, *, gave_up: bool) -> None:
        if gave_up:
            log.error("%s %s too often and is not started again", cell.me, reason)
            self.on_gave_up(cell.me, reason)
        if not self.root.children:
            self.on_empty()
