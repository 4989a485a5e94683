"""Actors of Thespian's that send faster than others receive wait until these have caught up.

Thespian's own transports have an actor that has too much to send receive nothing until that is
sent. So it is here, where the queue that is full may also be the receiver's mailbox, on this node
or another one, which says so, or what waits for a node. Who waits handles no message. Nobody waits for whom
others wait for, so that no two ever wait for each other; what such ones send is bounded by the mailboxes alone.
"""

from typing import TYPE_CHECKING, Any

from actors.bases.node.carrier import Carrier
from actors.cluster.whereabouts import node_of
from actors.ref import Ref

if TYPE_CHECKING:
    from actors.bases.node.host import Host
    from actors.bases.node.hosted import HostedCell

MANY = 1000
"""Messages that wait for an actor, from which on those that send to it wait."""
FEW = 500
"""Messages with which it has caught up."""
FULL_MOST = 10_000
"""Actors of other nodes that are remembered to be behind."""
AGAIN = 1.0
"""Seconds after which a node is told again that there is room, if that could not be sent."""
FULL, ROOM = "full", "room"
"""What nodes tell each other of an actor."""


class Pressure:
    """Who waits for whom on one node."""

    def __init__(self, host: "Host") -> None:
        self._host = host
        self._waiting: dict[str, list[HostedCell]] = {}
        """By the path of an actor, or the name of a node behind an @."""
        self._told: dict[str, set[str]] = {}
        """The nodes that were told of an actor here that is behind."""
        self._behind: set[str] = set()
        """Actors of other nodes that are."""

    # Who sends.

    def sent(self, sender: Ref[Any] | None, to: Ref[Any]) -> None:
        """Something was sent to an actor here."""
        cell = self._host.cell(to.path)
        if cell is not None and cell.box is not None and len(cell.box) >= MANY:
            cell.behind = True
            self._wait(sender, to.path)

    def sent_on(self, sender: Ref[Any], to: Ref[Any], node: str, carrier: Carrier) -> None:
        """Something was sent to an actor on another node."""
        if to.path in self._behind:
            self._wait(sender, to.path)
        elif carrier.congested(node):
            self._wait(sender, f"@{node}")

    def _wait(self, sender: Ref[Any] | None, key: str) -> None:
        cell = None if sender is None else self._host.cell(sender.path)
        if cell is None or cell.waits or cell.behind or cell.me.path in self._waiting or cell.me.path == key:
            return
        cell.waits = True
        self._waiting.setdefault(key, []).append(cell)

    def _go_on(self, key: str) -> None:
        for cell in self._waiting.pop(key, ()):
            cell.go_on()

    # Who receives.

    def came(self, node: str, path: str) -> None:
        """Something has come from a node for an actor here."""
        cell = self._host.cell(path)
        if cell is not None and cell.behind and node not in self._told.get(path, ()) and self._tell(node, FULL, path):
            self._told.setdefault(path, set()).add(node)

    def caught_up(self, cell: "HostedCell") -> None:
        """An actor here that was behind is so no more, or has ended."""
        cell.behind = False
        path = cell.me.path
        self._go_on(path)
        for node in self._told.pop(path, ()):
            self._tell_room(node, path)

    def _tell(self, node: str, kind: str, path: str) -> bool:
        convention = self._host.convention
        return convention is not None and convention.mail.tell(node, kind, path)

    def _tell_room(self, node: str, path: str) -> None:
        convention = self._host.convention
        if not self._tell(node, ROOM, path) and convention is not None and convention.reaches(node):
            self._host.kernel.clock.later(AGAIN, self._tell_room, node, path)

    # What other nodes say, or is known of them.

    def told(self, node: str, kind: str, path: str) -> None:
        """A node says that an actor of its own is behind, or so no more.

        Raises:
            ValueError: the actor is not its own.
        """
        if node_of(path) != node:
            raise ValueError(f"it speaks for {path}")
        if kind == ROOM:
            self._behind.discard(path)
            self._go_on(path)
        elif len(self._behind) < FULL_MOST:
            self._behind.add(path)

    def room(self, node: str) -> None:
        """There is room in what waits for a node."""
        self._go_on(f"@{node}")

    def lost(self, node: str) -> None:
        """A node is lost: nobody waits for it or its actors."""
        self._behind = {path for path in self._behind if node_of(path) != node}
        for nodes in self._told.values():
            nodes.discard(node)
        for key in [key for key in self._waiting if key == f"@{node}" or self._is_on(key, node)]:
            self._go_on(key)

    def _is_on(self, key: str, node: str) -> bool:
        return node_of(key) == node and self._host.cell(key) is None
