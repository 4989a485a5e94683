"""The second half of a move: making the actors of a group, and letting all nodes know."""

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from actors import alarms, codec
from actors.behaviour import foreign_behaviour
from actors.cell import Cell, State
from actors.cluster.held import Held
from actors.cluster.leaving import States
from actors.cluster.parcel import Parcel
from actors.cluster.session import Session
from actors.cluster.whereabouts import node_of
from actors.cluster.wire import (
    Declined,
    Drop,
    Go,
    Install,
    Installed,
    Moved,
    Settled,
    Switched,
    Traveller,
    Waits,
    Watch,
)
from actors.codec import Began
from actors.ref import Ref
from actors.restarts import Restarts
from actors.turn import DROP, Undelivered

if TYPE_CHECKING:
    from actors.cluster.cluster import Cluster
    from actors.kernel import Sender

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Arriving:
    """A group that is about to run here."""

    number: int
    source: str
    install: Install
    cells: list[Cell]
    waits: list[bytes] = field(default_factory=list)
    """What they find in their mailboxes."""
    runs: bool = False
    """Only what the actors of this node send to it still waits."""
    held: Held = field(default_factory=Held)


@dataclass(slots=True)
class Unsettled:
    """An actor that has come, as long as some node may still send to where it was."""

    source: str
    waiting: set[str]
    """The nodes that may."""
    heard: dict[tuple[str, int], int]
    """What came to the source before it left: the last envelope of each node and session."""
    had: dict[tuple[str, str, int], int] = field(default_factory=dict)
    """What came here over the source since: the last for each path, of each node and session."""

    def is_double(self, path: str, began: Began) -> bool:
        """Note an envelope whose travel began elsewhere; return whether it was here before."""
        node, session, number = began
        key = (path, node, session)
        if number <= max(self.had.get(key, 0), self.heard.get((node, session), 0)):
            return True
        self.had[key] = number
        return False


class Arrivals:
    """The groups that come to a node."""

    def __init__(self, cluster: "Cluster", states: States) -> None:
        self._cluster = cluster
        self._kernel = cluster.kernel
        self._states = states
        self._arriving: dict[str, Arriving] = {}
        """By each path of the group."""
        self._unsettled: dict[str, Unsettled] = {}
        cluster.for_node[Install] = self._install
        cluster.for_node[Waits] = self._waits
        cluster.for_node[Go] = self._go
        cluster.for_node[Drop] = self._drop
        cluster.for_node[Moved] = self._moved
        cluster.for_node[Switched] = self._switched

    def hold(self, parcel: Parcel) -> bool:
        """Keep what an actor here sends to one that has just come; return whether it has."""
        arriving = self._arriving.get(parcel.to.path)
        if arriving is None or not arriving.runs:
            return False
        arriving.held.keep(parcel, self._kernel)
        return True

    @property
    def quiet(self) -> bool:
        """Whether nobody is arriving."""
        return not self._arriving

    @property
    def groups(self) -> list[Arriving]:
        """Return those that are not yet found by the actors of this node."""
        return list({id(one): one for one in self._arriving.values()}.values())

    def arrived(self, path: str) -> Cell | None:
        """Return the cell of an actor that runs here, but is not yet found by the actors of this node."""
        arriving = self._arriving.get(path)
        if arriving is None or not arriving.runs:
            return None
        return next(cell for cell in arriving.cells if cell.me.path == path)

    def expects(self, path: str) -> bool:
        """Whether an actor is about to run here, or runs and is not yet found by the actors of this node."""
        return path in self._arriving

    def unsettled(self, path: str) -> bool:
        """Whether an actor has come, and some node may still send to where it was."""
        return path in self._unsettled

    def is_double(self, path: str, began: Began) -> bool:
        """Whether a message has come to an actor before, over the node where it was and that is lost since."""
        above = path if self._unsettled else ""
        while above:
            if above in self._unsettled:
                return self._unsettled[above].is_double(path, began)
            above = above.rpartition("/")[0]
        return False

    def _install(self, session: Session, _: "Sender", msg: Install) -> None:
        try:
            cells = [self._make(traveller) for traveller in msg.actors]
            self._check(msg)
        except (ValueError, TypeError, ImportError) as error:
            self._cluster.tell(session.peer, Declined(msg.move, str(error)))
            return
        arriving = Arriving(msg.move, session.peer, msg, cells)
        for cell in cells:
            self._arriving[cell.me.path] = arriving
        self._cluster.tell(session.peer, Installed(msg.move))

    def _check(self, msg: Install) -> None:
        if not msg.actors:
            raise ValueError("nobody is to move")
        if node_of(msg.parent) == self._cluster.name and msg.parent not in self._kernel.running:
            raise ValueError(f"there is no {msg.parent}")

    def _make(self, traveller: Traveller) -> Cell:
        ref: Ref[Any] = Ref(traveller.path)
        self._cluster.check_free(ref)
        if ref.path in self._arriving:
            raise ValueError(f"{ref} is on its way to node {self._cluster.name} already")
        foreign_behaviour(traveller.spec.behaviour)
        cell = Cell(self._kernel, None, traveller.spec, ref)
        cell.actor = self._states.decode(traveller.state)
        if type(cell.actor) is not cell.behaviour:
            raise ValueError(f"{ref} is a {type(cell.actor).__qualname__}, not a {cell.behaviour.__qualname__}")
        cell.state = State.MOVING
        cell.incarnation = traveller.incarnation
        return cell

    def _drop(self, session: Session, _: "Sender", msg: Drop) -> None:
        self.refuse(session.peer, msg.number)

    def refuse(self, source: str, number: int) -> None:
        """Forget a group that is not let go any more, should it be expected."""
        arriving = self._expected(number, source)
        if arriving is not None:
            self._discard(arriving)

    def _expected(self, number: int, node: str) -> Arriving | None:
        return next((one for one in self._arriving.values() if one.number == number and one.source == node), None)

    def _discard(self, arriving: Arriving) -> None:
        for cell in arriving.cells:
            del self._arriving[cell.me.path]
        self._cluster.redo_all(arriving.held)

    def _waits(self, session: Session, _: "Sender", msg: Waits) -> None:
        arriving = self._expected(msg.number, session.peer)
        if arriving is not None:
            arriving.waits += msg.envelopes

    def _go(self, session: Session, _: "Sender", msg: Go) -> None:
        arriving = self._expected(msg.number, session.peer)
        if arriving is None:
            log.error("node %s lets go what was not installed here", session.peer)
            return
        cluster = self._cluster
        install = arriving.install
        first = arriving.cells[0]
        arriving.runs = True
        path = first.me.path
        cluster.moving.doubts.takes(session, msg.number)
        orphan = self._place(arriving.cells, install)
        heard = {(node, number): received for node, number, received in msg.heard}
        self._unsettled[path] = Unsettled(session.peer, {cluster.name, *cluster.sessions}, heard)
        cluster.tell_all(Moved(path, cluster.family.number(path, install.number), session.peer))
        cluster.switching.begin(path, session.peer, lambda: self._settle(arriving))
        self._run(arriving.cells, install, arriving.waits, orphan=orphan, source=session)

    def come_back(self, install: Install, waits: list[bytes]) -> None:
        """Run actors that were let go here, and have not come to where they were to be."""
        cells = [self._make(traveller) for traveller in install.actors]
        orphan = self._place(cells, install)
        for cell in cells:
            self._kernel.directory.runs(cell)
        if install.number:
            self._cluster.family.announce(cells[0].me.path, install.number)
        self._run(cells, install, waits, orphan=orphan, source=None)

    def _place(self, cells: list[Cell], install: Install) -> bool:
        """Give actors their places; return whether the first has no parent any more."""
        cluster = self._cluster
        cluster.whereabouts.is_here(cells[0].me.path)
        orphan = cluster.family.adopt(cells, install.parent)
        for stayer in install.stayers:
            cluster.family.adopt_stayer(stayer, cells)
        return orphan

    def _run(
        self, cells: list[Cell], install: Install, waits: list[bytes], *, orphan: bool, source: Session | None
    ) -> None:
        """Let actors go on, with what has waited for them."""
        for cell, traveller in zip(cells, install.actors, strict=True):
            self._wake(cell, traveller, source)
        for data in waits:
            envelope = codec.decode(data)
            undelivered = Undelivered.RETURN if envelope.wanted_back else DROP
            self._cluster.arrive(Parcel(envelope.sender, envelope.to, envelope.message, undelivered))
        if orphan:
            self._kernel.supervisor.stop(cells[0], by_parent=True)

    def _wake(self, cell: Cell, traveller: Traveller, source: Session | None) -> None:
        kernel = self._kernel
        now = kernel.clock.now()
        cell.state = State.RUNNING
        cell.skew = traveller.now - now
        if traveller.watchers:
            cell.watchers = {path: Ref(path) for path in traveller.watchers}
        if traveller.watching:
            cell.watching = set(traveller.watching)
            for path in traveller.watching:
                if not self._cluster.is_here(path):
                    self._go_on_watching(path, cell.me, source)
        if traveller.restarts:
            cell.restarts = Restarts([now - age for age in traveller.restarts])
        for alarm in traveller.alarms:
            alarms.set_alarm(cell, alarm.name, alarm.delay, alarm.message)
        actor = cell.actor
        assert actor is not None  # noqa: S101 - for the type checker
        try:
            kernel.take_turn(cell, actor.moved)
        except Exception:  # noqa: BLE001 - the supervisor logs it
            kernel.supervisor.failed(cell, traveller)

    def _go_on_watching(self, path: str, watcher: Ref[Any], source: Session | None) -> None:
        """Watch from here what was watched from elsewhere.

        If nothing is known here of that one, it may have ended, and this node may have been told
        before it had anybody to tell: whence the watcher came is asked, or it has ended.
        """
        cluster = self._cluster
        cluster.watches.note(path, watcher.path)
        if cluster.whereabouts.find(path) is not None or cluster.moving.changes_place(path):
            return
        if source is None:
            cluster.arrive(Parcel(watcher, Ref(path), Watch()))
        else:
            cluster.send(source, watcher, Ref(path), Watch())

    def _settle(self, arriving: Arriving) -> None:
        """Let the actors of this node find them."""
        for cell in arriving.cells:
            del self._arriving[cell.me.path]
            if cell.state is State.RUNNING:
                self._kernel.directory.runs(cell)
        self._cluster.redo_all(arriving.held)
        self._has_switched(arriving.cells[0].me.path, self._cluster.name)
        self._cluster.moving.go_on()

    # The ways of all nodes.

    def _moved(self, session: Session, _: "Sender", msg: Moved) -> None:
        cluster = self._cluster
        cluster.whereabouts.is_at(msg.path, session.peer, msg.number)
        cluster.losses.look()
        answer = Switched(msg.path, msg.number)
        if msg.source == cluster.name:
            cluster.tell(session.peer, answer)
        else:
            cluster.switching.begin(msg.path, msg.source, lambda: cluster.tell(session.peer, answer))

    def _switched(self, session: Session, _: "Sender", msg: Switched) -> None:
        if self._cluster.family.announced.get(msg.path) == msg.number:
            self._has_switched(msg.path, session.peer)

    def _has_switched(self, path: str, node: str) -> None:
        unsettled = self._unsettled.get(path)
        if unsettled is None:
            return
        unsettled.waiting.discard(node)
        if not unsettled.waiting:
            del self._unsettled[path]
            self._cluster.tell(unsettled.source, Settled(path))

    def lost(self, node: str) -> None:
        """A node is lost: forget what has not yet come from there, and wait for none of its answers."""
        for arriving in self.groups:
            if arriving.source == node and not arriving.runs:
                self._discard(arriving)
        for path in list(self._unsettled):
            self._has_switched(path, node)
