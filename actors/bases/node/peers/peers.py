"""The other nodes: who is known, who is dialed, and by which connection each is reached."""

import asyncio
import logging
import random
import socket
from collections.abc import Callable, Coroutine
from typing import Any

import msgspec

from actors.bases.node import dial, listen
from actors.bases.node.peers.complaints import Complaints
from actors.bases.node.peers.connection import PeerConnection
from actors.bases.node.peers.standing import CHANCE, Standing
from actors.bases.node.peers.strangers import Stranger, Strangers
from actors.bases.node.peers.trust import Trust, describe, is_of_another_authority
from actors.clock import Clock
from actors.cluster.cluster import Cluster
from actors.cluster.hello import Capability, Hello, Role, Welcome
from actors.cluster.session import Session
from actors.link import DIAL_TIMEOUT, HANDSHAKE_TIMEOUT, Endpoint, format_address
from actors.message import SystemMessage

log = logging.getLogger(__name__)

PAUSES = (0.05, 2.0)
"""Seconds before a node is dialed again, at first and at most; doubled each time, with jitter."""
THEIR_CHANCE = 1.0
"""Seconds that a node whose name comes first has to dial us, before we dial it."""
FORGOTTEN_AFTER = 3600.0
"""Seconds for which a node that cannot be reached is dialed, unless it is a leader."""
STRANGERS_MOST = 64
"""Connections that may be open before they have said who they are."""


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """What a node needs to be one of a cluster."""

    trust: Trust
    listen: Endpoint
    advertise: str = ""
    """``host:port`` at which others reach it, if that is not where it listens."""
    leaders: tuple[str, ...] = ()
    """``host:port`` of those that are asked who else there is; this node's own may be among them."""
    zone: str = "default"
    role: Role = Role.BOTH
    capabilities: dict[str, Capability] = {}
    packages: tuple[str, ...] = ()
    """Those whose classes the states of actors that come from other nodes may have."""


class Known(msgspec.Struct, SystemMessage, frozen=True, tag="cluster.known"):
    """Nodes that the sender is connected with, and where they listen."""

    nodes: dict[str, str]


class Peers:
    """The connections of one node to all others.

    Whoever is connected tells who else is, so it is enough to know one that is up. Of two nodes,
    the one whose name comes first dials. A connection that breaks is dialed again at once, by
    both; when that is refused, the other process has ended, and nobody waits for it any longer.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, clock: Clock, cluster: Cluster, member: Member) -> None:
        self.trust = member.trust
        self.address = member.advertise
        """Where others reach this node."""
        self.on_reached: Callable[[str, str], None] = lambda node, address: None  # noqa: ARG005
        """Called when it is known which node is at an address that was dialed; it may be this one."""
        self.complaints = Complaints(log, clock.now)
        self.standing = Standing((), 0.0)
        """Whether the others have this node among them."""
        self.on_standing: Callable[[], None] = lambda: None
        """Called when that changes."""
        self._loop = loop
        self._clock = clock
        self._cluster = cluster
        self._member = member
        self._incarnation = random.SystemRandom().getrandbits(62) + 1
        self._listening: list[socket.socket] = []
        self._tasks: set[asyncio.Task[None]] = set()
        """What listens, and what lets in."""
        self._dials: dict[str, asyncio.Task[None]] = {}
        """By address."""
        self._open: dict[str, PeerConnection] = {}
        """By node."""
        self._strangers = Strangers(STRANGERS_MOST)
        """Those that have connected."""
        self._dialed: set[PeerConnection] = set()
        """Those that were dialed, and have not said yet who they are."""
        self._stopped = False
        self._changed = asyncio.Event()
        """A node is connected, or is not any more."""
        cluster.for_node[Known] = self._known

    async def start(self) -> None:
        """Listen, and begin to dial.

        Raises:
            OSError: it cannot listen there.
        """
        where = self._member.listen
        for sock in await listen.bind(self._loop, where):
            sock.setblocking(False)
            sock.listen(STRANGERS_MOST)
            self._listening.append(sock)
            self._work(self._accept(sock))
            if not self.address:
                self.address = listen.name_of(sock)
        others = [address for address in self._member.leaders if address != self.address]
        self.standing = Standing(others, self._clock.now())
        for address in others:
            self._dial(address, leader=True)
        self._clock.later(CHANCE, self._look)

    async def stop(self) -> None:
        """Stop listening and dialing, and hang up."""
        self._stopped = True
        connections = [*self._open.values(), *self._strangers, *self._dialed]
        dials = [*self._dials.values(), *self._tasks]
        for task in dials:
            task.cancel()
        await asyncio.gather(*dials, return_exceptions=True)
        for sock in self._listening:
            sock.close()
        ending = [connection.ended for connection in connections if connection.open]  # those being dialed have no end
        for connection in connections:
            connection.close()
        if ending:
            await asyncio.wait(ending, timeout=1.0)

    async def until_connected(self, count: int) -> None:
        """Wait until so many nodes are connected."""
        while len(self._open) < count:
            self._changed.clear()
            await self._changed.wait()

    def _work(self, what: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = self._loop.create_task(what)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _accept(self, sock: socket.socket) -> None:
        """Let whoever connects come."""
        while True:
            try:
                accepted, address = await self._loop.sock_accept(sock)
            except OSError as error:  # too many files are open, for example
                log.error("cannot accept connections of nodes: %s", describe(error))  # noqa: TRY400 - no bug
                await asyncio.sleep(PAUSES[1])
                continue
            stranger = Stranger(PeerConnection(self, dialed=False), address[0], format_address(*address[:2]))
            stranger.letting_in = self._work(self._let_in(stranger, accepted))
            gives_way = self._strangers.add(stranger)
            if gives_way is not None:
                self._turn_away(gives_way)

    async def _let_in(self, stranger: Stranger, accepted: socket.socket) -> None:
        """Let whoever has connected show a certificate, and greet."""
        try:
            await self._loop.connect_accepted_socket(
                lambda: stranger.connection,
                accepted,
                ssl=self.trust.server_context(),
                ssl_handshake_timeout=HANDSHAKE_TIMEOUT,
            )
        except OSError as error:  # SSLError and TimeoutError are among them
            self._strangers.discard(stranger.connection)
            accepted.close()
            self.complaints.tell(logging.ERROR, stranger.remote, "is refused", describe(error))

    def _turn_away(self, stranger: Stranger) -> None:
        """Make room: it has said nothing for longer than the others from there."""
        reason = "others wait to be let in, and it has not said yet who it is"
        self.complaints.tell(logging.WARNING, stranger.remote, "is refused", reason)
        if stranger.letting_in is not None:
            stranger.letting_in.cancel()
        stranger.connection.abort(reason)

    # What connections ask.

    def hello(self) -> Hello:
        """Return what this node says first."""
        member = self._member
        return Hello(
            cluster=self.trust.own.cluster,
            node=self._cluster.name,
            incarnation=self._incarnation,
            clock=self.now(),
            address=self.address,
            zone=member.zone,
            role=member.role,
            capabilities=member.capabilities,
        )

    def now(self) -> float:
        """Return the Unix time."""
        return self._clock.wall()

    def incarnations(self) -> dict[str, int]:
        """Return those of the nodes that are not lost."""
        return {peer: session.incarnation for peer, session in self._cluster.sessions.items()}

    def welcome(self, peer: str) -> Welcome:
        """Return what a peer that is let in is told."""
        return self._cluster.welcome(peer)

    def admit(self, connection: PeerConnection, ours: Welcome, theirs: Welcome) -> Session | None:
        """Let a connection carry the session with its node, unless another one already does."""
        hello = connection.peer
        assert hello is not None  # noqa: S101 - for the type checker
        old = self._open.get(hello.node)
        if old is not None and self._is_first(old) and not self._is_first(connection):
            connection.why = "there is a connection already"
            return None
        session = self._cluster.admit(hello, ours, theirs)
        if session is None:
            connection.why = "the session has changed"
            return None
        if old is not None:
            old.close()
        self._stand(self.standing.let_in)
        self._strangers.discard(connection)
        self._open[hello.node] = connection
        if old is None:
            log.info("connected with %s", connection)
        self._changed.set()
        self._introduce(hello)
        return session

    def _is_first(self, connection: PeerConnection) -> bool:
        """Whether the node whose name comes first has made the connection."""
        assert connection.peer is not None  # noqa: S101 - for the type checker
        return connection.dialed == (self._cluster.name < connection.peer.node)

    def ended(self, connection: PeerConnection) -> None:
        """Note that a connection is gone."""
        self._strangers.discard(connection)
        peer = connection.peer
        if peer is not None and self._open.get(peer.node) is connection:
            del self._open[peer.node]
            self._changed.set()
            if connection.final:
                self._cluster.lose(peer.node, "it has this node no longer among the nodes")
                self._refused(peer.address, connection.refusal, final=True)

    # Whether this node is one of the cluster.

    def use(self, trust: Trust) -> None:
        """Judge by other keys from now on, also those that are connected.

        Who is connected is to see another certificate of this node before the old one counts no more: its session
        goes on with the next connection.
        """
        renewed, self.trust = trust.certificate != self.trust.certificate, trust
        for connection in (*self._open.values(), *self._strangers, *self._dialed):
            objection = connection.look_again(trust)
            if objection and connection.peer is not None:
                self._cluster.lose(connection.peer.node, objection)
            elif renewed:
                connection.close()

    def _stand(self, change: Callable[..., None], *args: Any, **more: Any) -> None:  # noqa: ANN401 - passed on
        before = self.standing.apart
        change(*args, **more)
        if self.standing.apart != before:
            self.on_standing()

    def _look(self) -> None:
        self._stand(self.standing.look, self._clock.now())

    def _unreached(self, address: str) -> None:
        self._stand(self.standing.unreached, address, self._clock.now())

    def _refused(self, address: str, reason: str, *, final: bool = False) -> None:
        connected = bool(self._cluster.sessions)
        self._stand(self.standing.refused, address, reason, self._clock.now(), connected=connected, final=final)

    # Who there is.

    def _introduce(self, hello: Hello) -> None:
        """Tell a new node of the others, and them of it, and dial it should the connection break."""
        others = {peer.node: peer.address for c in self._open.values() if (peer := c.peer) and peer.node != hello.node}
        if others:
            self._cluster.tell(hello.node, Known(others))
        for node in others:
            self._cluster.tell(node, Known({hello.node: hello.address}))
        self._dial(hello.address, node=hello.node)

    def _known(self, _: Session, __: Any, msg: Known) -> None:  # noqa: ANN401 - a handler's shape
        for node, address in msg.nodes.items():
            if node != self._cluster.name and node not in self._open:
                self._dial(address, node=node)

    def dial(self, address: str) -> None:
        """Reach the node at an address, now or as soon as there is one."""
        self._dial(address)

    def _dial(self, address: str, *, node: str = "", leader: bool = False) -> None:
        if address not in self._dials and not self._stopped:
            task = self._dials[address] = self._loop.create_task(self._keep(address, node, leader=leader))
            task.add_done_callback(lambda _: self._dials.pop(address, None))

    async def _keep(self, address: str, node: str, *, leader: bool) -> None:
        """Dial an address whenever its node is not connected."""
        pause, since = 0.0, self._loop.time()
        if node and node < self._cluster.name:
            pause = THEIR_CHANCE
        while leader or self._loop.time() - since < FORGOTTEN_AFTER:
            if node in self._open:
                await self._until_gone(node)
                pause, since = 0.0, self._loop.time()
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - jitter
            if node in self._open:
                continue
            connection = await self._try(address, node)
            if connection is not None and connection.peer is not None:
                node = connection.peer.node
                self.on_reached(node, address)
            if node == self._cluster.name:
                self._unreached(address)
                return
            pause = min(max(PAUSES[0], 2 * pause), PAUSES[1])

    async def _until_gone(self, node: str) -> None:
        while node in self._open:
            self._changed.clear()
            await self._changed.wait()

    async def _try(self, address: str, node: str) -> PeerConnection | None:
        """Dial once; return the connection when it has ended, or carries the session."""
        connection = PeerConnection(self, dialed=True)
        self._dialed.add(connection)
        try:
            return await self._connect(address, node, connection)
        finally:
            self._dialed.discard(connection)

    async def _connect(self, address: str, node: str, connection: PeerConnection) -> PeerConnection | None:
        host, _, port = address.rpartition(":")
        try:
            async with asyncio.timeout(DIAL_TIMEOUT):
                sock = await dial.connect(self._loop, host.strip("[]"), int(port))
                context = self.trust.client_context()
                await self._loop.create_connection(lambda: connection, sock=sock, ssl=context, server_hostname="")
        except ConnectionRefusedError:
            if node:
                self._cluster.lose(node, "nobody listens at its address any more")
            else:
                self.complaints.tell(logging.INFO, f"the node at {address}", "is not there yet", "nobody listens")
            self._unreached(address)
            return None
        except (OSError, ValueError, TimeoutError) as error:
            reason = describe(error)
            self.complaints.tell(logging.WARNING, f"the node at {address}", "cannot be connected with", reason)
            if is_of_another_authority(error):
                self._refused(address, f"the node at {address}: {reason}")
            else:
                self._unreached(address)
            return None
        while not connection.ended.done() and connection not in self._open.values():
            self._changed.clear()
            changed = self._loop.create_task(self._changed.wait())
            await asyncio.wait([connection.ended, changed], return_when=asyncio.FIRST_COMPLETED)
            changed.cancel()
        if connection.refusal:
            self._refused(address, connection.refusal, final=connection.final)
        elif connection.peer is None:
            self._unreached(address)
        return connection
