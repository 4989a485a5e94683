"""The items of a convention, carried by the sessions of a cluster."""

import asyncio
import logging
from typing import Any

import msgspec

from actors.bases.node.carrier import Listener
from actors.bases.node.peers.peers import Peers
from actors.cluster.cluster import Cluster
from actors.cluster.hello import Hello
from actors.cluster.session import Session
from actors.message import SystemMessage

log = logging.getLogger(__name__)


class Carried(msgspec.Struct, SystemMessage, frozen=True, tag="cluster.carried"):
    """An item of a convention."""

    item: bytes


class PeersCarrier:
    """A way to other nodes that they have the certificates for, and nobody else.

    A node is known by the address that it says it has, and by that at which it was reached.
    """

    def __init__(self, cluster: Cluster, peers: Peers) -> None:
        self._cluster = cluster
        self._peers = peers
        self._listener: Listener | None = None
        self._early: list[Hello] = []
        """Nodes that were there before anybody wanted to know."""
        cluster.on_joined.append(self._joined)

    @property
    def address(self) -> str:
        """``host:port`` at which others reach this node."""
        return self._peers.address

    def start(self, loop: asyncio.AbstractEventLoop, listener: Listener) -> None:
        """Begin."""
        self._listener = listener
        self._cluster.for_node[Carried] = self._arrived
        self._cluster.on_lost.append(listener.down)
        self._cluster.on_room.append(listener.room)
        self._peers.on_reached = self._reached
        for hello in self._early:
            loop.call_soon(listener.up, hello.node, hello.address)
        self._early.clear()

    def dial(self, address: str) -> None:
        """Reach the node that listens at an address."""
        self._peers.dial(address)

    def send(self, node: str, item: bytes) -> bool:
        """Send an item, unless the node is lost or too much waits for it."""
        session = self._cluster.sessions.get(node)
        if session is None:
            return False
        if session.full:
            log.error("too much waits for node %s", node)
            return False
        self._cluster.tell(node, Carried(item))
        return True

    def congested(self, node: str) -> bool:
        """Whether so much waits for a node that who can should send nothing until the listener is told of room."""
        session = self._cluster.sessions.get(node)
        return session is not None and session.congested

    def close(self) -> None:
        """Nothing to do: the peers end with the node."""

    def _joined(self, hello: Hello) -> None:
        if self._listener is None:
            self._early.append(hello)
        else:
            self._listener.up(hello.node, hello.address)

    def _reached(self, node: str, address: str) -> None:
        if self._listener is not None and (node == self._cluster.name or node in self._cluster.sessions):
            self._listener.up(node, address)

    def _arrived(self, session: Session, *rest: Any) -> None:  # noqa: ANN401 - a handler's shape
        if self._listener is not None:
            self._listener.received(session.peer, rest[-1].item)
