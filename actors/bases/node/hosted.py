"""Unmodified actors of Thespian's, in cells of a node."""

import logging
import traceback
from typing import TYPE_CHECKING, Any

from thespian.actors import (
    Actor,
    ActorAddress,
    ActorExitRequest,
    ActorSystemMessage,
    ChildActorExited,
    PoisonMessage,
    ThespianWatch,
    WakeupMessage,
    WatchMessage,
)
from thespian.system.messages.status import Thespian_ActorStatus, Thespian_StatusReq
from thespian.system.timing import ExpirationTimer, timePeriodSeconds

from actors import mailbox
from actors.bases.node.pressure import FEW
from actors.cell import Cell
from actors.clock import Timer
from actors.ref import Ref
from actors.supervision import ChildSpec

if TYPE_CHECKING:
    from actors.bases.node.host import Host

log = logging.getLogger(__name__)


class HostedCell(Cell):
    """The place of one actor of Thespian's, and what it knows as ``_myRef``.

    Thespian's bases call ``receiveMessage`` again when it has raised; this one does
    not, the message may have had its effect. The sender gets the ``PoisonMessage``
    that it would get after the second failure, and the actor lives on.
    """

    __slots__ = (
        "address",
        "behind",
        "exiting",
        "filenos",
        "globalName",
        "host",
        "instance",
        "kids",
        "owner_address",
        "ready_filenos",
        "requirements",
        "waits",
        "wakeups",
    )

    def __init__(self, host: "Host", ref: Ref[Any], parent: ActorAddress, requirements: Any, name: str | None) -> None:  # noqa: ANN401
        super().__init__(host.kernel, None, ChildSpec(ref.path, "actors.root:Root"), ref)
        self.host = host
        self.address = host.addresses.of(ref)
        self.owner_address = parent
        self.requirements = requirements
        self.globalName = name
        self.instance: Actor | None = None
        self.exiting = False
        self.behind = False
        """Much waits for it, and who sends to it waits."""
        self.waits = False
        """It handles nothing, since much waits for what it has sent to."""
        self.kids: dict[str, ActorAddress] = {}
        self.wakeups: dict[Timer, float] = {}
        self.filenos: frozenset[int] = frozenset()
        self.ready_filenos: list[int] | None = None

    # What Thespian's Actor calls.

    def createActor(  # noqa: N802 - Thespian's name
        self,
        actor_class: Any,  # noqa: ANN401 - a class or its import path
        requirements: Any,  # noqa: ANN401 - what the actor wants of a system
        global_name: str | None,
        source_hash: str | None = None,
    ) -> ActorAddress:
        """Start a child."""
        return self.host.create_child(self, actor_class, requirements, global_name, source_hash)

    def actor_send(self, address: ActorAddress, msg: Any) -> None:  # noqa: ANN401 - any message
        """Send a message."""
        self.host.send(self.me, address, msg)

    def wakeupAfter(self, period: Any, payload: Any = None) -> None:  # noqa: ANN401, N802 - Thespian's name
        """Send the actor a ``WakeupMessage`` later."""
        if self.exiting:
            return
        seconds = timePeriodSeconds(period)
        clock = self.kernel.clock

        def wake() -> None:
            self.wakeups.pop(timer, None)
            mailbox.put(self, WakeupMessage(period, payload), self.me)

        timer = clock.later(max(0.0, seconds), wake)
        self.wakeups[timer] = clock.now() + seconds

    def handleDeadLetters(self, address: ActorAddress, enable: bool) -> None:  # noqa: N802 - Thespian's name
        """Let the actor have what finds nobody."""
        self.host.handle_dead_letters(address, enable)

    def updateCapability(self, name: str, value: Any) -> None:  # noqa: ANN401, N802 - Thespian's name
        """Change what the system says of itself."""
        self.host.update_capability(name, value)

    def actorSystemShutdown(self) -> None:  # noqa: N802 - Thespian's name
        """End all actors."""
        self.host.end_all()

    def notifyOnSystemRegistrationChanges(self, address: ActorAddress, enable: bool) -> None:  # noqa: N802
        """Let the actor know which systems come and go, or no more."""
        if self.host.convention is not None:
            self.host.convention.notify(address, enable=enable)

    def preRegisterRemoteSystem(self, address: str, capabilities: dict[str, Any]) -> None:  # noqa: N802
        """Invite a system."""
        if self.host.convention is not None:
            self.host.convention.announce(address, capabilities)

    def deRegisterRemoteSystem(self, address: ActorAddress | str) -> None:  # noqa: N802
        """Take the invitation back."""
        if self.host.convention is not None:
            self.host.convention.renounce(address)

    def loadActorSource(self, fname: Any) -> str:  # noqa: ANN401, N802 - Thespian's name
        """Refuse: no code is loaded from messages."""
        return self.host.load_source(fname)

    def unloadActorSource(self, source_hash: str) -> None:  # noqa: N802 - Thespian's name
        """Nothing to do: nothing is loaded."""

    def registerSourceAuthority(self, address: ActorAddress) -> None:  # noqa: N802 - Thespian's name
        """Nothing to do: nothing is loaded."""

    def notifyOnSourceAvailability(self, address: ActorAddress, enable: bool) -> None:  # noqa: N802
        """Nothing to tell: nothing is loaded."""

    # Turns.

    def run(self, most: int) -> None:
        """Handle up to so many messages."""
        box = self.box
        while box and most and not self.waits:
            most -= 1
            msg, sender, _ = box.popleft()
            self._receive(msg, self.me if sender is None else sender)
        if self.behind and len(self.box or ()) <= FEW:
            self.host.pressure.caught_up(self)
        if self.box and not self.waits:
            self.kernel.enqueue(self)
            return
        self.queued = False
        if not self.box:
            mailbox.drop_box(self)

    def go_on(self) -> None:
        """Handle messages again."""
        self.waits = False
        if self.box and not self.queued:
            self.queued = True
            self.kernel.enqueue(self)

    def _receive(self, msg: Any, sender: Ref[Any]) -> None:  # noqa: ANN401 - any message
        if self.instance is None or (self.exiting and not isinstance(msg, (ActorExitRequest, ChildActorExited))):
            self.host.undeliverable(sender, self.me, msg)
            return
        if isinstance(msg, Thespian_StatusReq):
            self.host.send(self.me, self.host.addresses.of(sender), self._status())
            return
        if isinstance(msg, WatchMessage):
            self.ready_filenos = None
        watch = self._call(msg, sender)
        if isinstance(msg, ActorExitRequest):
            self.host.exit(self, recursive=msg.isRecursive)
            return
        if isinstance(msg, ChildActorExited):
            self.host.child_gone(self, msg.childAddress)
        if self.filenos or isinstance(watch, ThespianWatch):
            self._watch(watch)

    def _call(self, msg: Any, sender: Ref[Any]) -> Any:  # noqa: ANN401 - any message
        assert self.instance is not None  # noqa: S101 - for the type checker
        try:
            return self.instance.receiveMessage(msg, self.host.addresses.of(sender))
        except SystemExit:
            # Where each actor is a process, it ends itself so, and not the others.
            self.host.exit(self, recursive=True)
            return None
        except Exception:
            log.exception("%s failed on %s", self.instance.__class__.__name__, type(msg).__qualname__)
            if not isinstance(msg, (PoisonMessage, ActorExitRequest)):
                self.kernel.route(self.me, sender, PoisonMessage(msg, traceback.format_exc()))
            return None

    # File descriptors that the actor watches.

    def _watch(self, watch: Any) -> None:  # noqa: ANN401 - what receiveMessage has returned
        wanted = frozenset(watch.filenos) if isinstance(watch, ThespianWatch) else frozenset()
        loop = self.host.loop
        for number in self.filenos - wanted:
            loop.remove_reader(number)
        for number in wanted - self.filenos:
            try:
                loop.add_reader(number, self._readable, number)
            except (OSError, ValueError):
                log.warning("%s watches %s, which is no open file", self.me, number)
        self.filenos = wanted

    def _readable(self, number: int) -> None:
        """Tell the actor at once, since the loop tells us until the file is read."""
        if self.ready_filenos is not None:
            if number not in self.ready_filenos:
                self.ready_filenos.append(number)
            return
        self.ready_filenos = [number]
        msg = WatchMessage(self.ready_filenos)
        if self.box or self.waits:
            mailbox.put(self, msg, self.me)
        else:
            self._receive(msg, self.me)

    def release(self) -> None:
        """Let go of timers and file descriptors."""
        for timer in self.wakeups:
            timer.cancel()
        self.wakeups.clear()
        self._watch(None)

    def _status(self) -> Thespian_ActorStatus:
        status = Thespian_ActorStatus(
            self.address,
            self.instance.__class__.__name__,
            self.host.system_address,
            self.owner_address,
            None,
            self.exiting or None,
        )
        for kid in self.kids.values():
            status.addChild(kid)
        now = self.kernel.clock.now()
        status.addWakeups([(self.address, ExpirationTimer(due - now)) for due in self.wakeups.values()])
        return status


def is_thespian(msg: object) -> bool:
    """Whether a message is one of Thespian's own."""
    return isinstance(msg, (ActorSystemMessage, Thespian_StatusReq))
