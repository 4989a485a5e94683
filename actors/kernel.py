"""The heart of an engine: messages into mailboxes, turns out of them, effects committed."""

import logging
import math
import random
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from actors import alarms, mailbox
from actors.alarms import Alarm
from actors.cell import Cell, State
from actors.clock import Clock
from actors.directory import Directory
from actors.link import BytesReceived
from actors.message import Job, SystemMessage
from actors.ref import Ref
from actors.sockets import Network, Socket, Sockets
from actors.supervisor import Start, Supervisor
from actors.system import ChildGone, Down, Returned, Stop
from actors.turn import DROP, SEND, WRITE, Effect, Kind, Turn, Undelivered

if TYPE_CHECKING:
    from actors.cluster.cluster import Cluster

log = logging.getLogger(__name__)

Sender = Ref[Any] | None
RUNNING = State.RUNNING


class Services(Protocol):
    """How an engine has jobs done."""

    def perform(self, cell: Cell, service: str, job: Job) -> None:
        """Do a job and let the cell have the answer, unless it was restarted meanwhile."""


class Noting(Protocol):
    """What a kernel notes, where it is measured."""

    here: list[Any]
    """Messages to actors of this engine: for each its sender, its receiver and itself."""
    away: list[Any]
    """Messages to other nodes."""
    left: int
    """So many runs until one is measured."""
    meters: list[Any]

    def measure(self, cell: Cell, most: int) -> None:
        """Let an actor handle up to so many messages, and note how long that takes."""

    def settle(self) -> None:
        """Count what was noted."""


class Kernel:
    """Runs turns and carries out what they ask for.

    An engine gives it a clock, a network and services, and calls :meth:`run` for
    the cells that :meth:`enqueue` named. Nothing here waits or blocks.
    """

    def __init__(
        self,
        clock: Clock,
        network: Network,
        services: Services,
        random_for: Callable[[str], random.Random],
    ) -> None:
        self.clock = clock
        self.services = services
        self.random_for = random_for
        self.directory = Directory()
        self.running = self.directory.running
        self.cluster: Cluster | None = None
        """The other nodes, if there are any."""
        self.sockets = Sockets(self, network)
        self.supervisor = Supervisor(self)
        self.tap: Noting | None = None
        """If somebody measures it."""
        self.handled = 0
        """So many messages actors have been given."""
        self.act_until = math.inf
        """When :attr:`on_late` is called before anything else is done."""
        self.on_late: Callable[[], None] = lambda: None
        self._turn = Turn(self.supervisor.root, self.supervisor.root.me, 0.0)
        self._committers: dict[Kind, Callable[[Cell, Any, Any], None]] = {
            Kind.SEND_OR_RETURN: self._send_or_return,
            Kind.AFTER: lambda cell, name, alarm: alarms.set_alarm(cell, name, *alarm),
            Kind.CANCEL: lambda cell, name, _: alarms.cancel_alarm(cell, name),
            Kind.SPAWN: self.supervisor.spawn,
            Kind.STOP: self._stop,
            Kind.WATCH: lambda cell, ref, _: self.watch(cell, ref),
            Kind.UNWATCH: lambda cell, ref, _: self.unwatch(cell, ref),
            Kind.PERFORM: services.perform,
            Kind.DIAL: self.sockets.dial,
            Kind.LISTEN: self.sockets.listen,
            Kind.CLOSE: lambda cell, link, _: self.sockets.close(cell, link),
            Kind.ABORT: lambda cell, link, _: self.sockets.abort(cell, link),
            Kind.PAUSE: lambda cell, link, _: self.sockets.pause(cell, link),
            Kind.RESUME: lambda cell, link, _: self.sockets.resume(cell, link),
            Kind.GIVE: self.sockets.give,
        }

    # What an engine replaces.

    def soon(self, call: Callable[[], None]) -> None:
        """Call something when what is going on is done."""
        self.clock.later(0.0, call)

    def enqueue(self, cell: Cell) -> None:
        """Have :meth:`run` called for a cell, once."""
        raise NotImplementedError

    def elsewhere(self, sender: Sender, to: Ref[Any], msg: Any, undelivered: Undelivered) -> bool:  # noqa: ANN401
        """Deliver to what is no actor of this engine; return whether there is such a thing."""
        del sender, to, msg, undelivered
        return False

    def full(self, cell: Cell, msg: Any, sender: Sender, undelivered: Undelivered) -> None:  # noqa: ANN401
        """Deal with a message that finds a mailbox full."""
        mailbox.overflow(cell, msg, sender, undelivered)

    def unhandled(self, cell: Cell, msg: Any, sender: Sender) -> None:  # noqa: ANN401 - any message
        """Pass over a message that is not of the actor's protocol: a bug of its sender."""
        log.error("%s has no handler for %s from %s", cell.me, type(msg).__qualname__, sender)

    # Delivery.

    def route(self, sender: Sender, to: Ref[Any], msg: Any, undelivered: Undelivered = DROP) -> None:  # noqa: ANN401
        """Deliver a message, or do with it what its sender wants if nobody is there."""
        cell = self.running.get(to.path)
        if cell is None:
            self.nobody(sender, to, msg, undelivered)
            return
        box = cell.box
        if box is None:
            box = cell.box = mailbox.new_box()
        elif len(box) >= cell.limit:
            self.full(cell, msg, sender, undelivered)
            return
        box.append((msg, sender, undelivered))
        tap = self.tap
        if tap is not None:
            tap.here += (sender, to, msg)
        if not cell.queued:
            cell.queued = True
            self.enqueue(cell)

    def admit(self, sender: Sender, to: Ref[Any], msg: Any, undelivered: Undelivered = DROP) -> None:  # noqa: ANN401
        """Deliver what has come from another node, where it has been counted already."""
        tap, self.tap = self.tap, None
        try:
            Kernel.route(self, sender, to, msg, undelivered)
        finally:
            self.tap = tap

    def settle(self) -> None:
        """Have what was noted counted, before an actor is gone or somebody looks."""
        if self.tap is not None:
            self.tap.settle()

    def nobody(self, sender: Sender, to: Ref[Any], msg: Any, undelivered: Undelivered) -> None:  # noqa: ANN401
        """Deal with a message for a path at which no actor runs here."""
        cluster = self.cluster
        if cluster is None or to.path in self.directory.waiting or not cluster.forward(sender, to, msg, undelivered):
            self.undelivered(sender, to, msg, undelivered)

    def undelivered(self, sender: Sender, to: Ref[Any], msg: Any, undelivered: Undelivered) -> None:  # noqa: ANN401
        """Do with a message for a path at which no actor runs at all what its sender wants."""
        if type(msg) is Stop:
            waiting = self.directory.waiting.get(to.path)
            if waiting is not None:
                self.supervisor.stop_waiting(waiting)
        elif not self.elsewhere(sender, to, msg, undelivered):
            if undelivered is Undelivered.RETURN and sender is not None:
                self.route(to, sender, Returned(to, msg))
            else:
                log.debug("nobody at %s for %s", to, type(msg).__qualname__)

    def notify(self, socket: Socket, event: SystemMessage) -> None:
        """Let the owner of a socket have an event of it."""
        if socket.owner is not None:
            mailbox.put(socket.owner, event, None, socket)

    # Turns.

    def run(self, cell: Cell, most: int) -> None:
        """Let an actor handle up to so many messages; it is enqueued again if there are more."""
        box = cell.box
        actor = cell.actor
        if box and actor is None:  # its first turn: Start is the first message
            self._special(cell, *box.popleft())
            actor = cell.actor
            box = cell.box
        handlers = cell.behaviour.handlers
        turn = self._turn
        turn.context = cell
        turn.me = cell.me
        now = self.clock.now()
        if now >= self.act_until:
            self.act_until = math.inf
            self.on_late()
            box = cell.box
        turn.now = now + cell.skew
        effects = turn.effects
        allowed = most
        while box and most:
            most -= 1
            msg, sender, about = box.popleft()
            kind = msg.__class__
            handler = handlers.get(kind)
            if handler is None:
                self._special(cell, msg, sender, about)
            elif kind is not BytesReceived or about.consume(len(msg.data)):
                turn.sender = sender
                try:
                    handler(actor, msg, turn)
                    if effects:
                        self._commit(cell, effects)
                except Exception:  # noqa: BLE001 - the supervisor logs it
                    effects.clear()
                    self.supervisor.failed(cell, msg)
                    break
            if cell.state is not RUNNING:
                break
        self.handled += allowed - most
        self._end_run(cell)

    def _end_run(self, cell: Cell) -> None:
        if self.sockets.dirty:
            self.sockets.flush()
        if cell.box:
            self.enqueue(cell)
        else:
            cell.queued = False
            mailbox.drop_box(cell)

    def take_turn(self, cell: Cell, handler: Callable[[Turn], None]) -> None:
        """Run a handler outside the mailbox, and commit its effects unless it raises."""
        turn = Turn(cell, cell.me, self.clock.now() + cell.skew)
        handler(turn)
        self._commit(cell, turn.effects)

    def _special(self, cell: Cell, msg: Any, sender: Sender, about: Any) -> None:  # noqa: ANN401 - any message
        """Handle what has no handler: the engine's own messages, and those that an actor may pass over."""
        if type(msg) is Alarm:
            self._alarm(cell, msg)
        elif type(msg) is Start:
            self.supervisor.first_turn(cell)
        elif type(msg) is Stop:
            self.supervisor.stop(cell, by_parent=sender is not None)
        elif type(msg) is BytesReceived:
            about.consume(len(msg.data))
        elif type(msg) is ChildGone and msg.gave_up:
            self.supervisor.fail(cell, f"its child {msg.child} failed for good")
        elif not isinstance(msg, SystemMessage):
            self.unhandled(cell, msg, sender)

    def _alarm(self, cell: Cell, alarm: Alarm) -> None:
        msg = alarms.take_alarm(cell, alarm)
        if msg is None:
            return
        handler = cell.behaviour.handlers.get(type(msg))
        if handler is None:
            self._special(cell, msg, None, DROP)
            return
        try:
            self.take_turn(cell, lambda turn: handler(cell.actor, msg, turn))
        except Exception:  # noqa: BLE001 - the supervisor logs it
            self.supervisor.failed(cell, msg)

    # Effects.

    def _commit(self, cell: Cell, effects: list[Effect]) -> None:
        route = self.route
        me = cell.me
        for kind, a, b in effects:
            if kind is SEND:
                route(me, a, b)
            elif kind is WRITE:
                self.sockets.write(cell, a, b)
            else:
                self._committers[kind](cell, a, b)
        effects.clear()

    def _send_or_return(self, cell: Cell, to: Ref[Any], msg: Any) -> None:  # noqa: ANN401 - any message
        self.route(cell.me, to, msg, Undelivered.RETURN)

    def _stop(self, cell: Cell, ref: Ref[Any], _: None) -> None:
        if ref == cell.me:
            mailbox.put_first(cell, Stop())
        else:
            self.route(cell.me, ref, Stop())

    def watch(self, cell: Cell, ref: Ref[Any]) -> None:
        """Let the cell know when that actor ends."""
        target = self.running.get(ref.path)
        if target is not None:
            if target.watchers is None:
                target.watchers = {}
            target.watchers[cell.me.path] = cell.me
        elif self.cluster is None or not self.cluster.watches.begin(cell, ref):
            self.route(ref, cell.me, Down(ref, "not running"))
            return
        if cell.watching is None:
            cell.watching = set()
        cell.watching.add(ref.path)

    def unwatch(self, cell: Cell, ref: Ref[Any]) -> None:
        """Do not let it know any more."""
        if cell.watching is not None:
            cell.watching.discard(ref.path)
        self.forget_watch(cell, ref.path)

    def forget_watch(self, cell: Cell, path: str) -> None:
        """Let an actor, if it runs, not tell the cell of its end."""
        target = self.directory.find(path)
        if target is not None:
            if target.watchers is not None:
                target.watchers.pop(cell.me.path, None)
        elif self.cluster is not None:
            self.cluster.watches.end(cell, path)
