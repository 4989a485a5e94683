"""The first half of a move: freezing a group of actors, and letting it go."""

import logging
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from msgspec.structs import replace

from actors import codec, mailbox
from actors.alarms import Alarm
from actors.cell import Cell, Item, State
from actors.clock import Timer
from actors.cluster.doubting import Gone
from actors.cluster.group import Done, MoveError, gather, new_parent, packed
from actors.cluster.held import Held
from actors.cluster.parcel import Parcel
from actors.cluster.session import Session
from actors.cluster.wire import (
    NODE,
    Declined,
    Drop,
    Go,
    Install,
    Installed,
    SavedAlarm,
    Stayer,
    Traveller,
    Waits,
)
from actors.ref import Ref
from actors.turn import Undelivered

if TYPE_CHECKING:
    from actors.cluster.cluster import Cluster
    from actors.kernel import Sender

log = logging.getLogger(__name__)

MOVE_MOST = 1.0
"""Seconds after which a move that has not come to its end is given up."""

Confirm = Callable[[Ref[Any], str, Done], None]
"""Asks whoever must agree, for example the keeper of a lease; the answer as in Done."""


class States(Protocol):
    """The state of an actor as bytes."""

    def encode(self, value: Any, name: str = ...) -> bytes:  # noqa: ANN401 - any state
        """Write down.

        Raises:
            ValueError, TypeError: something in it cannot travel.
        """

    def decode(self, data: bytes) -> Any:  # noqa: ANN401 - any state
        """Read.

        Raises:
            ValueError: it is no state.
        """


@dataclass(slots=True)
class Leaving:
    """A group that is about to leave."""

    number: int
    to: str
    cells: list[Cell]
    """The first is the one above the others."""
    stayers: list[Cell]
    boxes: list[deque[Item]]
    install: Install
    """As they were frozen."""
    done: Done
    held: Held = field(default_factory=Held)
    """What has come for them since."""
    room: dict[str, int] = field(default_factory=dict)
    """How much more finds room in the mailbox of each."""
    timer: Timer | None = None
    installed: bool = False
    """They are there, and paused."""
    asking: bool = False
    """Nothing that they have sent is held here any more."""
    confirming: bool = False
    """Whoever must agree was asked, and the answer decides."""
    agreed: bool = False


class Departures:
    """The groups that are about to leave a node."""

    def __init__(self, cluster: "Cluster", states: States) -> None:
        self.confirm: Confirm = lambda ref, node, done: done("")  # noqa: ARG005
        self.may_return: Callable[[Ref[Any]], bool] = lambda ref: True  # noqa: ARG005
        """Whether an actor may run here again although it was let go: not if a lease was given away with it."""
        self.left: dict[str, str] = {}
        """What has left and may still be sent to here: where it is."""
        self._cluster = cluster
        self._kernel = cluster.kernel
        self._states = states
        self._leaving: dict[str, Leaving] = {}
        """By each path of the group."""
        cluster.for_node[Installed] = self._installed
        cluster.for_node[Declined] = self._declined

    def hold(self, parcel: Parcel) -> bool:
        """Keep what is for an actor that is leaving; return whether it is."""
        leaving = self._leaving.get(parcel.to.path)
        if leaving is None:
            return False
        if leaving.held.take_in(parcel, self._kernel, leaving.room[parcel.to.path]):
            parcel.is_delivered()
        return True

    def leaves(self, path: str) -> bool:
        """Whether an actor is about to leave."""
        return path in self._leaving

    @property
    def quiet(self) -> bool:
        """Whether nobody is leaving."""
        return not self._leaving

    @property
    def groups(self) -> list[Leaving]:
        """Return those that are about to leave."""
        return list({id(one): one for one in self._leaving.values()}.values())

    def move(self, path: str, node: str, done: Done = lambda _: None) -> None:
        """Begin to move an actor and its group to another node.

        Raises:
            MoveError: it cannot move now, or not there.
        """
        session = self._cluster.sessions.get(node)
        if session is None:
            raise MoveError(f"node {node} is not connected")
        first = self._kernel.running.get(path)
        if first is None:
            raise MoveError(f"{path} does not run on node {self._cluster.name}")
        if self._cluster.moving.unsettled(path):
            raise MoveError(f"{path} has just come to node {self._cluster.name}")
        parent = new_parent(first, self._cluster.name, node)
        cells: list[Cell] = []
        stayers: list[Cell] = []
        gather(first, cells, stayers)
        travellers = [self._write_down(cell) for cell in cells]
        staying = [Stayer(cell.me.path, cell.spec, self._where(cell)) for cell in stayers]
        announced = self._cluster.family.announced.get(path, 0)
        install = Install(next(self._cluster.numbers), parent, announced, travellers, staying)
        leaving = Leaving(install.move, node, cells, stayers, [], install, done)
        for cell in cells:
            leaving.boxes.append(self._freeze(cell))
            leaving.room[cell.me.path] = cell.limit - len(leaving.boxes[-1])
            self._leaving[cell.me.path] = leaving
        leaving.timer = self._kernel.clock.later(MOVE_MOST, self._too_late, leaving)
        self._cluster.send(session, None, NODE, install)

    def _where(self, cell: Cell) -> str:
        if cell.state is not State.AWAY:
            return self._cluster.name
        return self._cluster.whereabouts.find(cell.me.path) or self._cluster.name

    def _write_down(self, cell: Cell) -> Traveller:
        try:
            state = self._states.encode(cell.actor, cell.me.path)
        except (ValueError, TypeError) as error:
            raise MoveError(str(error)) from None
        now = self._kernel.clock.now()
        return Traveller(
            path=cell.me.path,
            spec=cell.spec,
            state=state,
            now=now + cell.skew,
            incarnation=cell.incarnation,
            alarms=[
                SavedAlarm(alarm.name, max(0.0, alarm.due - now), alarm.message)
                for alarm in (cell.alarms or {}).values()
            ],
            watchers=list(cell.watchers or ()),
            watching=[path for path in cell.watching or () if not self._is_own(path)],
            restarts=[now - time for time in cell.restarts.times] if cell.restarts is not None else [],
        )

    def _is_own(self, path: str) -> bool:
        """Whether it is the name by which an actor that each node has is known on its own."""
        cell = self._kernel.running.get(path)
        return cell is not None and cell.me.path != path

    def _freeze(self, cell: Cell) -> deque[Item]:
        self._kernel.settle()
        self._kernel.directory.forget(cell)
        cell.state = State.MOVING
        box, cell.box = cell.box, None
        for alarm in (cell.alarms or {}).values():
            alarm.disarm()
        return deque() if box is None else box

    def _installed(self, session: Session, _: "Sender", msg: Installed) -> None:
        leaving = self._find(msg.number, session.peer)
        if leaving is not None:
            leaving.installed = True
            self._deliver_all(leaving)

    def _deliver_all(self, leaving: Leaving) -> None:
        """Go on once nothing that they have sent is held on this node, or under way to another."""
        if not leaving.installed or leaving.asking or self._cluster.losses.open or self._holds_of(leaving):
            return
        leaving.asking = True
        losses = self._cluster.losses.count
        others = [other for node, other in self._cluster.sessions.items() if node != leaving.to]
        left = len(others)

        def one_is_done() -> None:
            nonlocal left
            left -= 1
            if left > 0:
                return
            if losses == self._cluster.losses.count:
                self._ask(leaving)
            else:  # what a lost node had in hand for others may have been sent again
                leaving.asking = False
                self._deliver_all(leaving)

        for other in others:
            other.when_all_delivered(one_is_done)
        if not others:
            self._ask(leaving)

    def _holds_of(self, leaving: Leaving) -> bool:
        """Whether anything that they have sent waits on this node for its way."""
        paths = {cell.me.path for cell in leaving.cells}
        queues = [*self._cluster.switching.queues, *self._cluster.moving.queues, *self._cluster.losses.queues]
        return any(one.sender is not None and one.sender.path in paths for queue in queues for one in queue)

    def _ask(self, leaving: Leaving) -> None:
        """All that they have sent is where it was to go: ask whoever must agree."""
        if self._leaving.get(leaving.cells[0].me.path) is leaving:
            leaving.confirming = True
            self.confirm(leaving.cells[0].me, leaving.to, lambda reason: self._answered(leaving, reason))

    def _answered(self, leaving: Leaving, reason: str) -> None:
        if reason:
            self._take_back(leaving, reason)
        else:
            leaving.agreed = True
            self._let_go(leaving)

    def _declined(self, session: Session, _: "Sender", msg: Declined) -> None:
        leaving = self._find(msg.number, session.peer)
        if leaving is not None and not leaving.installed:
            self._take_back(leaving, msg.reason)

    def _too_late(self, leaving: Leaving) -> None:
        if not leaving.confirming:
            self._take_back(leaving, f"node {leaving.to} was not ready within {MOVE_MOST:g} s")

    def _find(self, number: int, node: str) -> Leaving | None:
        return next((one for one in self._leaving.values() if one.number == number and one.to == node), None)

    def _end(self, leaving: Leaving) -> bool:
        """Forget a move; return whether it was still going on."""
        if leaving.timer is not None:
            leaving.timer.cancel()
        there = False
        for cell in leaving.cells:
            there = self._leaving.pop(cell.me.path, None) is not None
        return there

    def _take_back(self, leaving: Leaving, reason: str) -> None:
        """Let them go on here."""
        if not self._end(leaving):
            return
        kernel = self._kernel
        self._cluster.tell(leaving.to, Drop(leaving.number))
        now = kernel.clock.now()
        for cell, box in zip(leaving.cells, leaving.boxes, strict=True):
            cell.state = State.RUNNING
            kernel.directory.runs(cell)
            for alarm in (cell.alarms or {}).values():
                if not any(item[0] is alarm for item in box):
                    alarm.arm(kernel.clock, now)
            for msg, sender, about in box:
                mailbox.put(cell, msg, sender, about)
        self._cluster.redo_all(leaving.held)
        leaving.done(reason)

    def _let_go(self, leaving: Leaving) -> None:
        """From here on they are there.

        Not while it is unsure what has become of the actors of a lost node: whoever is told of
        their end would be told here, and would not be here.
        """
        if self._cluster.losses.open or not self._end(leaving):
            return
        cluster = self._cluster
        session = cluster.sessions.get(leaving.to)
        first = leaving.cells[0]
        above = first.parent.me.path if first.parent is not None else ""
        self._part(leaving)
        if session is None:
            self._lost_on_the_way(leaving)
            return
        waits = list(self._what_waits(leaving))
        for envelopes in packed(waits):
            cluster.send(session, None, NODE, Waits(leaving.number, envelopes))
        heard = [(peer, other.numbers[1], other.received) for peer, other in cluster.sessions.items()]
        cluster.send(session, None, NODE, Go(leaving.number, heard))
        back = replace(leaving.install, parent=above)
        cluster.moving.doubts.note(
            Gone(leaving.to, session, back, waits, returns=self.may_return(first.me), done=leaving.done)
        )

    def _what_waits(self, leaving: Leaving) -> Iterator[bytes]:
        """Yield what was in the mailboxes, and what has come since."""
        parcels = [
            Parcel(sender, cell.me, msg, about)
            for cell, box in zip(leaving.cells, leaving.boxes, strict=True)
            for msg, sender, about in box
            if type(msg) is not Alarm
        ]
        for sender, to, msg, undelivered, *_ in (*parcels, *leaving.held):
            try:
                wanted_back = undelivered is Undelivered.RETURN
                yield codec.encode(to, self._cluster.global_name(sender), msg, wanted_back=wanted_back)
            except (TypeError, OverflowError) as error:
                log.error("%s cannot send to another node: %s", sender, error)  # noqa: TRY400 - the sender's error

    def _part(self, leaving: Leaving) -> None:
        """Give up what this node knew of them: who is above them and below them, and whom they watch."""
        cluster = self._cluster
        first = leaving.cells[0]
        path = first.me.path
        self.left[path] = leaving.to
        number = cluster.family.announced.pop(path, 0)
        cluster.whereabouts.is_at(path, leaving.to, number)
        cluster.family.part(first)
        for cell in leaving.stayers:
            cluster.family.stay(cell)
        for cell in leaving.cells:
            for watched in cell.watching or ():
                if self._is_own(watched):
                    self._kernel.forget_watch(cell, watched)
                cluster.watches.forget(watched, cell.me.path)
            for watcher in cell.watchers or ():
                if cluster.is_here(watcher) or watcher in self._leaving:
                    cluster.watches.note(cell.me.path, watcher)
            cell.actor = None
            cell.state = State.AWAY
            cell.children = cell.alarms = cell.watchers = cell.watching = cell.restarts = None

    def _lost_on_the_way(self, leaving: Leaving) -> None:
        """Whoever must agree has agreed, but their node is lost meanwhile."""
        first = leaving.cells[0]
        reason = f"node {leaving.to} is lost"
        if self._cluster.family.away.pop(first.me.path, None) is not None:
            self._kernel.supervisor.lost(first, reason)
        self._cluster.moving.doubts.has_ended(leaving.install, leaving.to)
        self._cluster.watches.lost([cell.me.path for cell in leaving.cells], reason)
        self._cluster.whereabouts.is_gone(first.me.path, leaving.to)
        self._cluster.redo_all(leaving.held)
        leaving.done(reason)

    def go_on(self) -> None:
        """Look again whether those that leave can: less may be held here than was."""
        for leaving in self.groups:
            if leaving.agreed:
                self._let_go(leaving)
            else:
                self._deliver_all(leaving)

    def lost(self, node: str) -> None:
        """A node is lost: take back what was about to go there."""
        for leaving in self.groups:
            if leaving.to == node and not leaving.confirming:
                self._take_back(leaving, f"node {node} is lost")
        self.left = {path: at for path, at in self.left.items() if at != node}
