"""Thespian's rules: who creates whom, names, dead letters, capabilities, exits."""

import asyncio
import itertools
import logging
import secrets
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from thespian.actors import (
    ActorAddress,
    ActorExitRequest,
    ActorSystemException,
    ChildActorExited,
    DeadEnvelope,
    InvalidActorSourceHash,
    InvalidActorSpecification,
    NoCompatibleSystemForActor,
    ThespianGeneration,
)
from thespian.system.messages.status import Thespian_StatusReq, Thespian_SystemStatus
from thespian.system.utilis import actualActorClass, checkActorCapabilities, withPossibleInitArgs

from actors import mailbox
from actors.bases.node.addresses import Addresses, path_of
from actors.bases.node.hosted import HostedCell
from actors.bases.node.pressure import Pressure
from actors.cell import State
from actors.cluster.whereabouts import node_of
from actors.kernel import Kernel
from actors.ref import Ref
from actors.turn import Undelivered

if TYPE_CHECKING:
    from actors.bases.node.convention import Convention

log = logging.getLogger(__name__)


class Host:
    """The actors of Thespian's on one node."""

    def __init__(
        self, kernel: Kernel, loop: asyncio.AbstractEventLoop, addresses: Addresses, capabilities: dict[str, Any]
    ) -> None:
        self.kernel = kernel
        self.loop = loop
        self.addresses = addresses
        self.capabilities = capabilities
        self.system_address = addresses.system
        self.convention: Convention | None = None
        """Other systems, if this one knows any."""
        self.on_empty: Callable[[], None] = lambda: None
        """Called when the last primary actor has ended."""
        self.ending = False
        self.pressure = Pressure(self)
        self._cells: dict[str, HostedCell] = {}
        self._primary: dict[str, ActorAddress] = {}
        self._global_names: dict[str, ActorAddress] = {}
        self._dead_letters: ActorAddress | None = None
        self._numbers = itertools.count(1)
        self._run = secrets.token_hex(3)
        """Tells the actors of this run of a node from those of another one."""
        capabilities.update(
            {
                "Python Version": tuple(sys.version_info),
                "Thespian Generation": ThespianGeneration,
                "Thespian Version": str(int(time.time() * 1000)),
                "Thespian ActorSystem Name": "node",
                "Thespian ActorSystem Version": 1,
                "Thespian Watch Supported": True,
                "AllowRemoteActorSources": "No",
            }
        )

    @property
    def empty(self) -> bool:
        """Whether no primary actor is left."""
        return not self._primary

    # Messages.

    def send(self, sender: Ref[Any] | None, to: ActorAddress, msg: Any) -> None:  # noqa: ANN401 - any message
        """Send a message of Thespian's kind: any object, to any address."""
        if self.addresses.is_system(to):
            if isinstance(msg, Thespian_StatusReq) and sender is not None:
                self.kernel.route(Ref(path_of(self.system_address)), sender, self._status())
            return
        ref = self.addresses.ref(to)
        if ref is not None:
            self.kernel.route(sender, ref, msg)
            self.pressure.sent(sender, ref)
        else:
            self.dead_letter(to, msg, sender)

    def cell(self, path: str) -> HostedCell | None:
        """Return the cell of an actor of Thespian's on this node."""
        return self._cells.get(path)

    def full(self, cell: HostedCell, msg: Any, sender: Ref[Any] | None, undelivered: Undelivered) -> None:  # noqa: ANN401
        """Deal with a message for an actor that is too far behind; who ends is told of always."""
        if isinstance(msg, (ActorExitRequest, ChildActorExited)):
            mailbox.put(cell, msg, sender)
            return
        if not cell.overflowed:
            cell.overflowed = True
            log.error("%s is too far behind: %s of %s is a dead letter", cell.me, type(msg).__name__, sender)
        self.kernel.undelivered(sender, cell.me, msg, undelivered)

    def undeliverable(self, sender: Ref[Any] | None, to: Ref[Any], msg: Any) -> None:  # noqa: ANN401
        """Deal with a message for an actor that is not there."""
        node = node_of(sender.path) if sender is not None else ""
        if self.convention is not None and node and node != self.addresses.node:
            self.convention.mail.dead(node, to, msg)
        else:
            self.dead_letter(self.addresses.of(to), msg, sender)

    def dead_letter(self, to: ActorAddress, msg: Any, sender: Ref[Any] | None) -> None:  # noqa: ANN401
        """Let the actor that asked for it have a message that found nobody."""
        if isinstance(msg, (DeadEnvelope, ChildActorExited)):
            return
        ref = self.addresses.ref(self._dead_letters) if self._dead_letters is not None else None
        if ref is not None and ref.path in self._cells:
            self.kernel.route(sender, ref, DeadEnvelope(to, msg))

    def handle_dead_letters(self, address: ActorAddress, enable: bool) -> None:
        """Let an actor have the dead letters, instead of any other, or no more."""
        if enable:
            self._dead_letters = address
        elif self._dead_letters == address:
            self._dead_letters = None

    # Births.

    def create_primary(
        self,
        actor_class: Any,  # noqa: ANN401
        requirements: Any,  # noqa: ANN401
        name: str | None,
        source_hash: str | None,
    ) -> ActorAddress:
        """Start an actor that nobody but the system owns.

        Raises:
            ActorSystemException: the class is none, or wants what this system does not have.
        """
        if name and name in self._global_names:
            return self._global_names[name]
        if source_hash:
            raise InvalidActorSourceHash(source_hash)
        self._check_fits(actor_class, requirements)
        try:
            cell = self._make(actor_class, requirements, name, self.system_address)
        except (ImportError, ActorSystemException):
            raise
        except AttributeError as error:
            raise InvalidActorSpecification(actor_class, str(error)) from error
        self._adopt(cell, None)
        return cell.address

    def create_child(
        self,
        parent: HostedCell,
        actor_class: Any,  # noqa: ANN401
        requirements: Any,  # noqa: ANN401
        name: str | None,
        source_hash: str | None,
    ) -> ActorAddress:
        """Start an actor for another; the parent hears of a failure as of a child that has exited."""
        if name and name in self._global_names:
            return self._global_names[name]
        owner = None if name else parent
        try:
            if parent.exiting:
                raise ActorSystemException("the parent is exiting")  # noqa: TRY301 - as any other failure
            if source_hash:
                raise InvalidActorSourceHash(source_hash)  # noqa: TRY301 - as any other failure
            if self.convention is not None and not self._fits(actor_class, requirements):
                ref = self._new_ref()
                self.convention.births.create_child(parent, ref, actor_class, requirements, name)
                return self.addresses.of(ref)
            self._check_fits(actor_class, requirements)
            cell = self._make(actor_class, requirements, name, owner.address if owner else self.system_address)
        except Exception:
            log.warning("%s could not start an actor", parent.me, exc_info=True)
            ref = self._new_ref()
            self.kernel.route(ref, parent.me, ChildActorExited(self.addresses.of(ref)))
            return self.addresses.of(ref)
        self._adopt(cell, owner)
        return cell.address

    def create_guest(self, actor_class: type, requirements: Any, name: str | None, owner: ActorAddress) -> ActorAddress:  # noqa: ANN401
        """Start an actor for another node, of whose actor it is the child.

        Raises:
            ActorSystemException: the class wants what this system does not have, or the system is ending.
        """
        if name and name in self._global_names:
            return self._global_names[name]
        if self.ending:
            raise NoCompatibleSystemForActor(actor_class, "the system is ending")
        self._check_fits(actor_class, requirements)
        cell = self._make(actor_class, requirements, name, self.system_address if name else owner)
        self._adopt(cell, None)
        return cell.address

    def _fits(self, actor_class: Any, requirements: Any) -> bool:  # noqa: ANN401
        return bool(checkActorCapabilities(actor_class, self.capabilities, requirements))

    def _check_fits(self, actor_class: Any, requirements: Any) -> None:  # noqa: ANN401
        if not self._fits(actor_class, requirements):
            raise NoCompatibleSystemForActor(actor_class, "No compatible ActorSystem could be found")

    def _new_ref(self) -> Ref[Any]:
        return self.addresses.hosted(f"{self._run}-{next(self._numbers)}")

    def _make(self, actor_class: Any, requirements: Any, name: str | None, parent: ActorAddress) -> HostedCell:  # noqa: ANN401
        cell = HostedCell(self, self._new_ref(), parent, requirements, name)
        arguments = withPossibleInitArgs(capabilities=self.capabilities, requirements=requirements, globalName=name)
        try:
            cell.instance = arguments.create(actualActorClass(actor_class))
        except SystemExit as error:
            raise ActorSystemException(f"{actor_class} has ended while it began") from error
        cell.instance._myRef = cell  # noqa: SLF001 - how Thespian ties an actor to its base
        return cell

    def _adopt(self, cell: HostedCell, parent: HostedCell | None) -> None:
        path = cell.me.path
        cell.state = State.RUNNING
        self._cells[path] = cell
        self.kernel.directory.runs(cell)
        if cell.globalName:
            self._global_names[cell.globalName] = cell.address
        if parent is None:
            self._primary[path] = cell.address
        else:
            parent.kids[path] = cell.address

    # Deaths.

    def exit(self, cell: HostedCell, *, recursive: bool) -> None:
        """End an actor, its children first."""
        if cell.exiting:
            return
        cell.exiting = True
        cell.release()
        if recursive and cell.kids:
            for kid in list(cell.kids.values()):
                self.send(cell.me, kid, ActorExitRequest(recursive=True))
        else:
            self._bury(cell)

    def child_gone(self, cell: HostedCell, child: ActorAddress) -> None:
        """Forget a child; an actor that was waiting for its last one ends."""
        ref = self.addresses.ref(child)
        if ref is not None:
            cell.kids.pop(ref.path, None)
        if cell.exiting and not cell.kids:
            self._bury(cell)

    def _bury(self, cell: HostedCell) -> None:
        path = cell.me.path
        if self._cells.pop(path, None) is None:
            return
        self.kernel.settle()
        self.kernel.directory.forget(cell)
        cell.instance = None
        cell.state = State.DOWN
        self.handle_dead_letters(cell.address, enable=False)
        if cell.globalName:
            self._global_names.pop(cell.globalName, None)
        self.pressure.caught_up(cell)
        self.kernel.supervisor.tell_watchers(cell, "stopped")
        self._tell_owner(cell)
        box, cell.box = cell.box, None
        while box:  # who is at its turn has the same box
            msg, sender, _ = box.popleft()
            self.undeliverable(sender, cell.me, msg)

    def _tell_owner(self, cell: HostedCell) -> None:
        primary = self._primary.pop(cell.me.path, None) is not None
        if cell.owner_address != self.system_address:
            self.send(cell.me, cell.owner_address, ChildActorExited(cell.address))
        if primary and not self._primary:
            self.on_empty()

    def orphan(self, node: str) -> None:
        """End the actors that actors of another node have had started here: that node is lost."""
        assert self.convention is not None  # noqa: S101 - for the type checker
        for path, cell in list(self._cells.items()):
            if self.convention.kin.node_of(path_of(cell.owner_address)) == node:
                self.kernel.route(None, Ref(path), ActorExitRequest())

    def end_all(self) -> None:
        """Ask all primary actors to exit."""
        self.ending = True
        for address in list(self._primary.values()):
            self.send(Ref(""), address, ActorExitRequest(recursive=True))

    # The system itself.

    def update_capability(self, name: str, value: Any) -> None:  # noqa: ANN401 - any value
        """Change a capability; actors that need another value exit."""
        if value is None:
            self.capabilities.pop(name, None)
        else:
            self.capabilities[name] = value
        for cell in list(self._cells.values()):
            check = getattr(cell.instance, "actorSystemCapabilityCheck", None)
            if check is not None and not check(self.capabilities, cell.requirements or {}):
                self.kernel.route(cell.me, cell.me, ActorExitRequest())
        if self.convention is not None and not self.ending:
            self.convention.capabilities_changed()

    def load_source(self, fname: Any) -> str:  # noqa: ANN401 - a name or a file
        """Refuse to load code.

        Raises:
            ActorSystemException: always; nothing foreign runs here.
        """
        raise ActorSystemException(f"this system loads no sources ({fname})")

    def _status(self) -> Thespian_SystemStatus:
        status = Thespian_SystemStatus(self.system_address, capabilities=self.capabilities, inShutdown=self.ending)
        for address in self._primary.values():
            status.addChild(address)
        if self.convention is not None:
            self.convention.tell_status(status)
        return status
