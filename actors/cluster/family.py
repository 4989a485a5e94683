"""Parents and children on different nodes, and what each node says of its own."""

import logging
from typing import TYPE_CHECKING, Any

from actors.behaviour import foreign_behaviour
from actors.cell import Cell, Elsewhere, State
from actors.cluster.session import Session
from actors.cluster.whereabouts import node_of
from actors.cluster.wire import Began, ChildEnded, Ended, SpawnHere, Stayer
from actors.ref import Ref
from actors.supervision import Place
from actors.system import ChildArrived, ChildLeft

if TYPE_CHECKING:
    from actors.cluster.cluster import Cluster
    from actors.kernel import Sender

log = logging.getLogger(__name__)

TOGETHER = 1000
"""Actors of which is told in one message."""
SAID_MOST = 1_000_000
"""Actors of which is known on which of the other nodes they are."""


class Family:
    """The actors of one node that have to do with others.

    A child that is *away* runs on another node, and has a cell without an actor in its place
    here. A *guest* runs here for a parent on another node, and is restarted here. What
    others cannot find by the path of something above it is *announced*, with a number that
    is higher each time it begins somewhere else.
    """

    def __init__(self, cluster: "Cluster") -> None:
        self.away: dict[str, Cell] = {}
        self.guests: dict[str, Cell] = {}
        self.announced: dict[str, int] = {}
        self._cluster = cluster
        cluster.for_node[Began] = self._began
        cluster.for_node[Ended] = self._ended
        cluster.for_node[SpawnHere] = self._spawn_here
        cluster.for_actor[ChildEnded] = self._child_ended

    # What the supervisor says.

    def place(self, cell: Cell) -> bool:
        """Let a child that is to start run on another node, if that is where it is to be."""
        cluster = self._cluster
        parent = cell.parent
        if cell.spec.place is Place.HERE or not isinstance(parent, Cell) or parent is cluster.kernel.supervisor.root:
            return False
        node = cluster.placer(cell.spec, cell.me)
        session = cluster.sessions.get(node)
        if session is None:
            return False
        path = cell.me.path
        self.away[path] = cell
        after = cluster.whereabouts.number(path)
        cluster.whereabouts.is_at(path, node, after)
        cluster.tell(node, SpawnHere(cell.spec, after), parent.me)
        return True

    def began(self, cell: Cell) -> None:
        """An actor has been started here; others are told if they could not know."""
        path = cell.me.path
        top = cell.parent is self._cluster.kernel.supervisor.root
        if (top and not node_of(path)) or cell.spec.path:
            self.announce(path)

    def ended(self, cell: Cell, reason: str, *, gave_up: bool) -> None:
        """An actor has ended for good: others are told, and its parent, if that is on another node."""
        path = cell.me.path
        self.away.pop(path, None)
        if self.announced.pop(path, None) is not None:
            self._cluster.tell_all(Ended([path]))
        guest = self.guests.pop(path, None)
        if guest is not None and guest.parent is not None:
            self._cluster.forward(cell.me, guest.parent.me, ChildEnded(path, reason, gave_up))

    def announce(self, path: str, before: int = 0, over: str = "") -> None:
        """Tell all nodes that an actor runs here; it was last announced with the number ``before``."""
        self._cluster.tell_all(Began({path: self.number(path, before)}, over))

    def tell_all_of(self, node: str) -> None:
        """Tell a node that has joined of all actors that run here."""
        announced = list(self.announced.items())
        for start in range(0, len(announced), TOGETHER):
            self._cluster.tell(node, Began(dict(announced[start : start + TOGETHER])))

    def number(self, path: str, before: int) -> int:
        """Return the number with which an actor is announced that has just begun here."""
        number = self.announced[path] = max(int(self._cluster.kernel.clock.wall() * 1000), before + 1)
        return number

    # What other nodes say.

    def _began(self, session: Session, _: "Sender", msg: Began) -> None:
        if self._cluster.whereabouts.count + len(msg.paths) > SAID_MOST:
            reason = f"more than {SAID_MOST} actors are said to be on other nodes"
            self._cluster.kernel.soon(lambda: self._cluster.lose(session.peer, reason))
            return
        for path, number in msg.paths.items():
            used = self._cluster.whereabouts.is_at(path, session.peer, number)
            if used and msg.over:
                self._cluster.switching.begin(path, msg.over)
        self._cluster.losses.look()

    def _ended(self, session: Session, _: "Sender", msg: Ended) -> None:
        for path in msg.paths:
            self._cluster.whereabouts.is_gone(path, session.peer)

    def _spawn_here(self, session: Session, parent: "Sender", msg: SpawnHere) -> None:
        if parent is None:
            log.error("node %s wants a child without a parent", session.peer)
            return
        ref = msg.spec.ref(parent)
        supervisor = self._cluster.kernel.supervisor
        try:
            self._cluster.check_free(ref)
            foreign_behaviour(msg.spec.behaviour)
            cell = supervisor.guest(parent, msg.spec, ref)
        except (ImportError, TypeError, ValueError) as error:
            log.error("node %s wants %s, which cannot be: %s", session.peer, ref, error)  # noqa: TRY400 - it is a peer's
            self._cluster.forward(ref, parent, ChildEnded(ref.path, str(error), gave_up=True))
            return
        self.guests[ref.path] = cell
        self.announce(ref.path, msg.after, session.peer)
        supervisor.start(cell)

    def _child_ended(self, _: Ref[Any], __: "Sender", msg: ChildEnded) -> None:
        cell = self.away.pop(msg.path, None)
        if cell is not None:
            self._cluster.kernel.supervisor.gone(cell, msg.reason, gave_up=msg.gave_up)

    # Moves.

    def part(self, cell: Cell) -> None:
        """An actor moves away: a parent that stays here keeps a cell for it, unless it gets another parent."""
        path = cell.me.path
        parent = cell.parent
        if self.guests.pop(path, None) is not None or not isinstance(parent, Cell):
            return
        if not parent.me.path or node_of(parent.me.path):
            (parent.children or {}).pop(cell.spec.name, None)
            if parent.me.path:
                self._cluster.kernel.route(None, parent.me, ChildLeft(cell.me))
        else:
            self.away[path] = cell

    def stay(self, cell: Cell) -> None:
        """The parent of an actor moves away, and the actor does not."""
        if cell.state is State.AWAY:
            self.away.pop(cell.me.path, None)
        elif cell.parent is not None:
            cell.parent = Elsewhere(cell.parent.me)
            self.guests[cell.me.path] = cell
            self.announce(cell.me.path, self.announced.get(cell.me.path, 0))

    def adopt(self, cells: list[Cell], parent_path: str) -> bool:
        """Give actors that have come their places; return whether the first has no parent any more."""
        kernel = self._cluster.kernel
        first = cells[0]
        parent = kernel.running.get(parent_path) if parent_path else kernel.supervisor.root
        if parent is None:
            first.parent = Elsewhere(Ref(parent_path))
            self.guests[first.me.path] = first
        else:
            self.away.pop(first.me.path, None)
            first.parent = parent
            kernel.supervisor.adopt(parent, first)
            if node_of(parent_path):
                kernel.route(None, parent.me, ChildArrived(first.me, first.spec))
        by_path = {cell.me.path: cell for cell in cells}
        for cell in cells[1:]:
            above = by_path[cell.me.path.rpartition("/")[0]]
            cell.parent = above
            kernel.supervisor.adopt(above, cell)
        return parent is None and self._cluster.elsewhere(parent_path) is None

    def adopt_stayer(self, stayer: Stayer, cells: list[Cell]) -> None:
        """Give a child that has stayed where it was, or is here, its place below an actor that has come."""
        above = next(cell for cell in cells if cell.me.path == stayer.path.rpartition("/")[0])
        supervisor = self._cluster.kernel.supervisor
        here = self.guests.pop(stayer.path, None)
        if here is not None:
            here.parent = above
            supervisor.adopt(above, here)
            return
        cell = Cell(self._cluster.kernel, above, stayer.spec, Ref(stayer.path))
        cell.state = State.AWAY
        cell.incarnation = 1
        supervisor.adopt(above, cell)
        self.away[stayer.path] = cell
        self._cluster.whereabouts.is_at(stayer.path, stayer.node, self._cluster.whereabouts.number(stayer.path))

    # Nodes that are lost.

    def bound_to(self, node: str) -> tuple[list[Cell], list[Cell]]:
        """Return the children here that run on a node, and the guests here whose parents do."""
        find = self._cluster.whereabouts.find
        children = [cell for path, cell in self.away.items() if find(path) == node]
        guests = [
            cell for cell in self.guests.values() if cell.parent is not None and find(cell.parent.me.path) == node
        ]
        return children, guests

    def lost(self, children: list[Cell], guests: list[Cell], reason: str) -> None:
        """Their node is lost: children have ended, and guests have no parent."""
        supervisor = self._cluster.kernel.supervisor
        for cell in children:
            del self.away[cell.me.path]
            supervisor.lost(cell, reason)
        for cell in guests:
            supervisor.stop(cell, by_parent=True)
