"""Messages of Thespian's kind, any objects, from node to node.

An item is a value (:mod:`actors.bases.values`): a kind, the receiver's path, the sender's
path, the message. Addresses within a message are those that all nodes know: a child that an
actor here has got elsewhere has an address of its own here (:mod:`.kin`), which others never see.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from thespian.actors import ActorAddress, ChildActorExited, DeadEnvelope, PoisonMessage

from actors.bases.node.addresses import SYSTEM, address_at, path_of
from actors.bases.node.carrier import Carrier
from actors.bases.node.kin import Kin
from actors.bases.node.patience import Patience
from actors.bases.values import CannotTravelError, Values
from actors.bases.values.wire import Limits
from actors.cluster.session import MESSAGE_MOST
from actors.cluster.whereabouts import node_of
from actors.message import ActorProtocol
from actors.ref import Ref
from actors.supervision import MAILBOX

if TYPE_CHECKING:
    from actors.bases.node.host import Host

log = logging.getLogger(__name__)

OWN = ("thespian.actors", "thespian.system.messages", "thespian.system.timing", "thespian.troupe")
"""Modules of Thespian's whose messages always travel."""
MESSAGE, ADMIN, DEAD = "message", "admin", "dead"
"""For an actor; for the system itself; back from where its actor was not found."""
ITEM_MOST = MESSAGE_MOST - 1024
"""Bytes of an item: a frame with it alone can be sent."""
Waiting = tuple[str, Ref[Any], Ref[Any], Any]


class UnknownYetError(Exception):
    """A message has the address of an actor that is still being made."""


class Mail:
    """Takes messages to other nodes, and takes in theirs."""

    def __init__(self, host: "Host", carrier: Carrier, kin: Kin, allowed: Iterable[str]) -> None:
        self._host = host
        self._carrier = carrier
        self.patience = Patience(carrier, host.kernel.clock)
        self._kin = kin
        self._node = host.addresses.node
        self.values = Values(
            (*OWN, *allowed), hooks={ActorAddress: (self._written, self._read)}, limits=Limits(size=ITEM_MOST)
        )
        self._held: dict[tuple[str, str], deque[Waiting]] = {}
        """Messages from one actor to another that wait because the first of them has an address that is not known."""

    # Out.

    def forward(self, sender: Ref[Any] | None, to: Ref[Any], msg: Any) -> bool:  # noqa: ANN401 - any message
        """Send a message for an actor that does not run here; return whether it is for another node."""
        child = self._kin.children.get(to.path)
        if child is not None and not child.actual:
            if len(child.waiting) < MAILBOX:
                child.waiting.append((sender, msg))
            else:
                self._host.dead_letter(address_at(to.path), msg, sender)
            return True
        if child is not None:
            to = Ref(child.actual)
        elif isinstance(msg, ActorProtocol) and self._host.kernel.cluster is not None:
            return False
        node = self._where(to.path)
        if node in ("", self._node):
            return False
        self._send(node, self._global(sender), to, msg)
        return True

    def _where(self, path: str) -> str:
        """Return the node of an actor, as far as it is known."""
        cluster = self._host.kernel.cluster
        return node_of(path) or ("" if cluster is None else cluster.whereabouts.find(path) or "")

    def _global(self, sender: Ref[Any] | None) -> Ref[Any]:
        """Return the path by which another node knows a sender; nobody has none."""
        if sender is None or not sender.path:
            return Ref("")
        return Ref(path_of(self._host.addresses.of(sender)))

    def _send(self, node: str, sender: Ref[Any], to: Ref[Any], msg: Any) -> None:  # noqa: ANN401 - any message
        pair = sender.path, to.path
        if pair in self._held:
            if len(self._held[pair]) < MAILBOX:
                self._held[pair].append((node, sender, to, msg))
            else:
                self._host.dead_letter(address_at(to.path), msg, sender)
            return
        try:
            item = self._encode(MESSAGE, to.path, sender.path, msg)
        except UnknownYetError:
            self._held[pair] = deque([(node, sender, to, msg)])
        except CannotTravelError as error:
            log.error("%s cannot send it to %s: %s", sender, to, error)  # noqa: TRY400 - the text says where
            self._host.kernel.route(to, sender, PoisonMessage(msg, str(error)))
        else:
            failed = partial(self._host.dead_letter, address_at(to.path), msg, sender)
            self.patience.send(node, item, failed)
            self._host.pressure.sent_on(sender, to, node, self._carrier)

    def known(self) -> None:
        """Send what has waited for an address, as far as that is known now."""
        held, self._held = self._held, {}
        for waiting in held.values():
            for item in waiting:
                self._send(*item)

    def to_system(self, node: str, msg: Any) -> bool:  # noqa: ANN401 - a message of Thespian's
        """Send a message to the system on another node; return whether that can be reached."""
        try:
            return self._carrier.send(node, self._encode(ADMIN, "", "", msg))
        except (CannotTravelError, UnknownYetError):
            log.exception("%s cannot be sent to node %s", type(msg).__qualname__, node)
            return False

    def tell(self, node: str, kind: str, path: str) -> bool:
        """Tell a node something of an actor here; return whether that can be sent."""
        return self._carrier.send(node, self._encode(kind, path, "", None))

    def answer(self, node: str, msg: Any, failed: Callable[[], None]) -> None:  # noqa: ANN401 - a message of Thespian's
        """Send a message to the system on a node that may be about to be reached."""
        try:
            item = self._encode(ADMIN, "", "", msg)
        except (CannotTravelError, UnknownYetError):
            log.exception("%s cannot be sent to node %s", type(msg).__qualname__, node)
            failed()
        else:
            self.patience.send(node, item, failed)

    def dead(self, node: str, to: Ref[Any], msg: Any) -> None:  # noqa: ANN401 - any message
        """Send a message back to the node of its sender, since its receiver is not here."""
        if not isinstance(msg, (DeadEnvelope, ChildActorExited)):
            try:
                self._carrier.send(node, self._encode(DEAD, to.path, "", msg))
            except (CannotTravelError, UnknownYetError):
                log.warning("a dead letter for %s cannot be returned to node %s", to, node)

    def _encode(self, kind: str, to: str, sender: str, msg: Any) -> bytes:  # noqa: ANN401 - any message
        return self.values.encode([kind, to, sender, msg], "item")

    # In.

    def decode(self, node: str, item: bytes) -> tuple[str, str, str, Any]:
        """Read an item.

        Raises:
            ValueError: it is none, or the node speaks for another.
        """
        parts = self.values.decode(item)
        if type(parts) is not list or [type(part) for part in parts[:3]] != [str, str, str] or len(parts) != 4:  # noqa: PLR2004
            raise ValueError("no item")
        kind, to, sender, msg = parts
        # What was sent to an actor that has moved is passed on, and says who has sent it.
        if node_of(sender) not in ("", node) and node_of(to):
            raise ValueError(f"it speaks for {sender}")
        return kind, to, sender, msg

    def deliver(self, node: str, to: str, sender: str, msg: Any) -> None:  # noqa: ANN401 - any message
        """Let an actor here have a message of another node.

        Raises:
            ValueError: it is for no actor here.
        """
        if node_of(to) not in ("", self._node):
            raise ValueError(f"{to} is not on this node")
        ref = Ref[Any](self._kin.here(sender)) if sender else None
        self._host.send(ref, self._host.addresses.of(Ref(to)), msg)
        self._host.pressure.came(node, to)
        if isinstance(msg, ChildActorExited):
            self._kin.gone(sender, node)

    def returned(self, to: str, msg: Any) -> None:  # noqa: ANN401 - any message
        """Deal with a message that has found nobody on another node."""
        self._host.dead_letter(address_at(self._kin.here(to)), msg, None)

    # Addresses within messages.

    def _written(self, address: ActorAddress) -> str:
        path = path_of(self._host.addresses.system if address.addressDetails == SYSTEM else address)
        child = self._kin.children.get(path)
        if child is None:
            return path
        if child.failed:
            raise CannotTravelError(f"{path} could not be created")
        if not child.actual:
            raise UnknownYetError
        return child.actual

    def _read(self, path: Any) -> ActorAddress:  # noqa: ANN401 - whatever has come
        if type(path) is not str:
            raise ValueError("no address")
        return address_at(self._kin.here(path))
