"""A node as a member of a convention, by Thespian's own rules.

Who is a member, who leads, who is told: that is Thespian's ``LocalConventionState``, which
takes messages and returns what is to be sent. This carries its intentions out. Two things
are not left to it: that a node has died is known at once, by its connection, and its
messages are sent when they are made. Thespian delays them, lest a system that comes and goes
sets off storms of connections, and there are none here: there is one for each pair of nodes.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, cast

from thespian.actors import ActorAddress, InvalidActorAddress
from thespian.system.admin.convention import LocalConventionState
from thespian.system.messages.admin import PendingActor, PendingActorResponse
from thespian.system.messages.convention import (
    CONV_ADDR_IPV4_CAPABILITY,
    ConventionDeRegister,
    ConventionInvite,
    ConventionRegister,
)
from thespian.system.messages.status import Thespian_SystemStatus
from thespian.system.transport import SendStatus, TransmitIntent
from thespian.system.utilis import StatsManager, thesplog_control

from actors.bases.node.addresses import node_at, system_of
from actors.bases.node.births import Births, is_actor_class
from actors.bases.node.carrier import Carrier
from actors.bases.node.kin import Kin
from actors.bases.node.mail import ADMIN, DEAD, MESSAGE, Mail
from actors.bases.node.pressure import FULL, ROOM
from actors.bases.values.allowed import Allowed
from actors.ref import Ref

if TYPE_CHECKING:
    from actors.bases.node.host import Host

log = logging.getLogger(__name__)

UNREGISTERED = "Admin cannot register with convention "
"""How Thespian begins to say that a leader is not there, which is no fault while nodes start: the carrier says so."""
CHECK = 1.0
"""Seconds between two looks at what is overdue."""
_LOCAL = ("", "localhost")


class Convention:
    """The part of one node; it listens to what carries messages to and from the others."""

    def __init__(self, host: "Host", carrier: Carrier, allowed: Iterable[str]) -> None:
        # Otherwise it writes to a file of its own, which a turn would wait for.
        thesplog_control(logging.WARNING, useLogging=True, tmpFileMaxSize=0)
        logging.getLogger("Thespian.System").addFilter(_tells_more)
        packages = tuple(allowed)
        self.host = host
        self.kin = Kin()
        self.mail = Mail(host, carrier, self.kin, packages)
        self._carrier = carrier
        self._allowed = Allowed(packages)
        self._nodes = {carrier.address: host.addresses.node}
        """Which node listens at an address, as far as it is known."""
        self._expected: dict[str, Any] = {}
        """Capabilities of systems that actors here have announced, by address, until they can be reached."""
        self._reached: set[str] = set()
        """Nodes that can be reached."""
        self._left = False
        self.state = LocalConventionState(host.addresses.system, host.capabilities, StatsManager(), self._leaders)
        self.births = Births(self)
        self._for_system: dict[type, Callable[[str, Any], None]] = {
            ConventionRegister: self._registers,
            ConventionDeRegister: self._deregisters,
            ConventionInvite: lambda node, _: self._carry_out(self.state.got_convention_invite(system_of(node))),
            PendingActor: self.births.wanted,
            PendingActorResponse: self.births.answered,
        }

    def begin(self) -> None:
        """Register with the leaders, as soon as they can be reached."""
        self._carry_out(self.state.setup_convention(activation=True))
        self._dial_leaders()
        self._check()

    def leave(self) -> None:
        """Tell the others that this node ends."""
        self._left = True
        self._carry_out(self.state.got_system_shutdown())

    def _check(self) -> None:
        if not self._left:
            self._carry_out(self.state.check_convention())
            self.host.kernel.clock.later(CHECK, self._check)

    # Leaders.

    def _leaders(self, capabilities: dict[str, Any]) -> list[ActorAddress] | None:
        """Return the addresses of the systems that may lead: those by the names of their nodes that are known."""
        found = [system_of(self._nodes.get(address, address)) for address in leaders_of(capabilities)]
        return found or None

    def _dial_leaders(self) -> None:
        for address in leaders_of(self.host.capabilities):
            if address != self._carrier.address:
                self._carrier.dial(address)

    # What the carrier tells.

    def up(self, node: str, address: str) -> None:
        """Register with a leader; go on with a system that was announced."""
        news = self._nodes.get(address) != node or node not in self._reached
        self._nodes[address] = node
        if news and node in [self._nodes.get(leader) for leader in leaders_of(self.host.capabilities)]:
            self._carry_out(self.state.setup_convention())
        if node == self.host.addresses.node:
            return
        self._reached.add(node)
        self.mail.patience.up(node)
        if address in self._expected:
            self._invite(node, self._expected.pop(address))
        elif any(m.remoteAddress == system_of(node) and m.preRegistered for m in self._members()):
            self._carry_out([TransmitIntent(system_of(node), ConventionInvite())])

    def reaches(self, node: str) -> bool:
        """Whether a node can be reached."""
        return node in self._reached

    def room(self, node: str) -> None:
        """Let actors send to a node again."""
        self.mail.patience.up(node)
        self.host.pressure.room(node)

    def down(self, node: str) -> None:
        """End what belongs to a node that is lost."""
        self._reached.discard(node)
        self.host.pressure.lost(node)
        self.mail.patience.down(node)
        self.host.orphan(node)
        self.births.lost(node)
        self._carry_out(self.state.got_convention_deregister(ConventionDeRegister(system_of(node))))

    def received(self, node: str, item: bytes) -> None:
        """Take what a node has sent. Nothing that it sends is an error of this one."""
        try:
            kind, to, sender, msg = self.mail.decode(node, item)
            if kind == MESSAGE:
                self.mail.deliver(node, to, sender, msg)
            elif kind == DEAD:
                self.mail.returned(to, msg)
            elif kind in {FULL, ROOM}:
                self.host.pressure.told(node, kind, to)
            elif kind == ADMIN and type(msg) in self._for_system:
                self._for_system[type(msg)](node, msg)
            else:
                raise ValueError(f"{type(msg).__qualname__} is for no system")  # noqa: TRY301 - as all that is wrong
        except Exception as error:  # noqa: BLE001 - its messages may have anything in them
            log.error("node %s sent what cannot be taken: %s: %s", node, type(error).__name__, error)  # noqa: TRY400

    def _registers(self, node: str, msg: ConventionRegister) -> None:
        if msg.adminAddress != system_of(node) or type(msg.capabilities) is not dict:
            raise ValueError("it registers another system")
        self._carry_out(self.state.got_convention_register(msg))

    def _deregisters(self, node: str, msg: ConventionDeRegister) -> None:
        if msg.adminAddress != system_of(node):
            raise ValueError("it deregisters another system")
        self._carry_out(self.state.got_convention_deregister(msg))

    # What the state wants.

    def _carry_out(self, intents: Sequence[Any]) -> None:
        """Send what is to be sent; what else there is concerns transports and logs of Thespian's own."""
        for intent in intents:
            if isinstance(intent, TransmitIntent):
                intent.tx_done(SendStatus.Sent if self._transmit(intent) else SendStatus.Failed)

    def _transmit(self, intent: TransmitIntent) -> bool:
        address = intent.targetAddr
        node = node_at(address)
        if node == self.host.addresses.node:
            self.host.send(Ref(""), address, intent.message)
            return True
        return self.mail.to_system(node, intent.message)

    # What actors and threads here want.

    def capabilities_changed(self) -> None:
        """Tell the convention."""
        self._dial_leaders()
        self._carry_out(self.state.capabilities_have_changed(self.host.capabilities))

    def notify(self, address: ActorAddress, *, enable: bool) -> None:
        """Let an actor know who comes and goes, or no more."""
        if enable:
            self._carry_out(self.state.add_notification_handler(address))
        else:
            self.state.remove_notification_handler(address)

    def announce(self, where: str, capabilities: dict[str, Any]) -> None:
        """Invite the system at an address, now or as soon as it can be reached.

        Raises:
            InvalidActorAddress: it is none.
        """
        address = address_of(where)
        node = self._nodes.get(address, "")
        if node in self._reached:
            self._invite(node, capabilities)
        else:
            self._expected[address] = capabilities
            self._carrier.dial(address)

    def _invite(self, node: str, capabilities: dict[str, Any]) -> None:
        announced = ConventionRegister(system_of(node), capabilities, preRegister=True)
        self._carry_out(self.state.got_convention_register(announced))

    def renounce(self, where: ActorAddress | str) -> None:
        """Take an announcement back.

        Raises:
            InvalidActorAddress: it is no address.
        """
        if isinstance(where, ActorAddress):
            system = where
        else:
            address = address_of(where)
            self._expected.pop(address, None)
            system = system_of(self._nodes.get(address, address))
        self._carry_out(self.state.got_convention_deregister(ConventionDeRegister(system, preRegistered=True)))

    def actor_class(self, name: Any) -> type:  # noqa: ANN401 - whatever has come
        """Return the class of an actor that another node may have created here.

        Raises:
            ValueError: there is none.
        """
        found = self._allowed.find(name) if type(name) is str else None
        if not is_actor_class(found):
            raise ValueError(f"{name} is no class of actors")
        return cast(type, found)

    def tell_status(self, status: Thespian_SystemStatus) -> None:
        """Add what there is to be told of the convention."""
        self.state.updateStatusResponse(status)

    def _members(self) -> list[Any]:
        return list(self.state._conventionMembers.values())  # noqa: SLF001 - there is no other way to ask


def _tells_more(record: logging.LogRecord) -> bool:
    return not str(record.msg).startswith(UNREGISTERED)


def leaders_of(capabilities: dict[str, Any]) -> list[str]:
    """Return the addresses of the systems that may lead, the first one first.

    Raises:
        InvalidActorAddress: one is no address.
    """
    value = capabilities.get(CONV_ADDR_IPV4_CAPABILITY)
    if not value:
        return []
    return [address_of(where) for where in (value if isinstance(value, list) else [value])]


def address_of(where: Any) -> str:  # noqa: ANN401 - as Thespian takes them
    """Return ``host:port`` for an address in one of the forms that Thespian takes.

    Raises:
        InvalidActorAddress: it is none.
    """
    try:
        host, port = where.rsplit(":", 1) if isinstance(where, str) else where
        return f"{'127.0.0.1' if host in _LOCAL else host}:{int(port)}"
    except (TypeError, ValueError, AttributeError) as error:
        raise InvalidActorAddress(where, str(error)) from error
