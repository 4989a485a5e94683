"""The node: an event loop full of actors, and a system base of Thespian's."""

import asyncio
import concurrent.futures
import itertools
import logging
import threading
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import msgspec
from thespian.actors import ActorAddress, ActorExitRequest, NoCompatibleSystemForActor
from thespian.system.messages.convention import CONV_ADDR_IPV4_CAPABILITY

from actors.bases.node.addresses import Addresses
from actors.bases.node.carrier import Carrier
from actors.bases.node.clock import LoopClock
from actors.bases.node.dispatch import LoopKernel
from actors.bases.node.host import Host
from actors.bases.node.hosted import HostedCell, is_thespian
from actors.bases.node.links import LoopNetwork
from actors.bases.node.outside import Outside
from actors.bases.node.services import Crews
from actors.cell import Cell
from actors.clock import Clock
from actors.kernel import Sender
from actors.ref import Ref
from actors.service import Service
from actors.supervision import ChildSpec
from actors.system import Stop
from actors.turn import Undelivered

if TYPE_CHECKING:  # large, and a node that is alone does without
    from actors.bases.node.peers.peers import Member, Peers
    from actors.cluster.cluster import Cluster

log = logging.getLogger(__name__)

T = TypeVar("T")
STOP_SECONDS = 15.0
"""How long an orderly stop may take."""
JOBS_MOST = 100_000
"""Jobs that may wait for a service."""


class NodeKernel(LoopKernel):
    """A kernel that knows the endpoints outside, and actors of Thespian's."""

    host: Host
    outside: dict[str, Outside]
    receivers: dict[str, Callable[[Sender, Any], None]]
    """What is no actor, and runs in the loop."""

    def nobody(self, sender: Sender, to: Ref[Any], msg: Any, undelivered: Undelivered) -> None:  # noqa: ANN401
        """Let the convention have what is Thespian's and for another node."""
        convention = self.host.convention
        if convention is None or not convention.mail.forward(sender, to, msg):
            super().nobody(sender, to, msg, undelivered)

    def elsewhere(self, sender: Sender, to: Ref[Any], msg: Any, undelivered: Undelivered) -> bool:  # noqa: ANN401
        """Deliver to an endpoint outside; what nobody wants back is a dead letter."""
        receive = self.receivers.get(to.path)
        if receive is not None:
            receive(sender, msg)
            return True
        endpoint = self.outside.get(to.path)
        if endpoint is not None:
            if not endpoint.put(msg):
                self.host.undeliverable(sender, to, msg)
            return True
        if undelivered is Undelivered.DROP:
            self.host.undeliverable(sender, to, msg)
        return False

    def full(self, cell: Cell, msg: Any, sender: Sender, undelivered: Undelivered) -> None:  # noqa: ANN401
        """Deal with a message for an actor of Thespian's that is too far behind: it is a dead letter."""
        if isinstance(cell, HostedCell):
            self.host.full(cell, msg, sender, undelivered)
        else:
            super().full(cell, msg, sender, undelivered)

    def unhandled(self, cell: Cell, msg: Any, sender: Sender) -> None:  # noqa: ANN401 - any message
        """Let Thespian end one of our actors; pass over its other messages."""
        if isinstance(msg, ActorExitRequest):
            self.supervisor.stop(cell, by_parent=True)
        elif not is_thespian(msg):
            super().unhandled(cell, msg, sender)


class NodeBase:
    """Thousands of actors in one process.

    In a running loop: ``base.start(loop)``, ``base.spawn(spec)``, ``await base.stop()``.
    With Thespian: ``ActorSystem(systemBase=NodeBase())``, which runs a loop in a thread
    of its own. Both kinds of actors live side by side and can talk to each other.

    With ``member`` it is a node of a cluster, and a member of its convention from the beginning; of the classes
    of what Thespian's actors say to each other, those of the packages in ``allowed`` reach other nodes,
    and these may have actors of these classes started here.
    """

    def __init__(
        self,
        *,
        name: str = "node",
        capabilities: dict[str, Any] | None = None,
        loop: asyncio.AbstractEventLoop | None = None,
        carrier: Carrier | None = None,
        member: "Member | None" = None,
        allowed: Iterable[str] = (),
    ) -> None:
        self.name = name
        self.capabilities = {} if capabilities is None else capabilities
        self.thread = 0
        """The thread of the loop."""
        self.on_gave_up: Callable[[Ref[Any], str], None] = lambda ref, reason: None  # noqa: ARG005
        """Called when a top-level actor is not started again."""
        self.cluster: Cluster | None = None
        self.peers: Peers | None = None
        self._carrier = carrier
        """To the other systems of a convention."""
        self._allowed = tuple(allowed)
        self._addresses = Addresses(name)
        self._crews = Crews(self._post)
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._own_thread: threading.Thread | None = None
        self._stopping: asyncio.Task[None] | None = None
        self._main: Outside | None = None
        self._started: NodeKernel | None = None
        if loop is not None:
            self.start(loop)
        elif carrier is not None or member is not None:
            self._start_thread()
            if member is not None:
                asyncio.run_coroutine_threadsafe(self.join(member), self._kernel.loop).result()

    # For programs with a loop.

    def start(self, loop: asyncio.AbstractEventLoop, clock: Clock | None = None) -> None:
        """Begin to run actors in a loop, from the thread in which it runs or will run.

        Raises:
            RuntimeError: it has begun already.
        """
        if self._started is not None:
            raise RuntimeError("the node has been started")
        self.thread = threading.get_ident()
        kernel = NodeKernel(loop, clock or LoopClock(loop), LoopNetwork(loop), self._crews)
        kernel.outside = {}
        kernel.receivers = {}
        kernel.host = Host(kernel, loop, self._addresses, self.capabilities)
        kernel.supervisor.on_gave_up = self._gave_up
        self._started = kernel
        if self._carrier is not None:
            self.convene(self._carrier)

    def convene(self, carrier: Carrier) -> None:
        """Become a member of a convention, with the nodes that can be reached so."""
        from actors.bases.node.convention import Convention  # noqa: PLC0415 - see above

        self._carrier = carrier
        kernel = self._kernel
        convention = kernel.host.convention = Convention(kernel.host, carrier, self._allowed)
        carrier.start(kernel.loop, convention)
        convention.begin()

    async def join(self, member: "Member") -> None:
        """Become a node of a cluster, and a member of the convention of its nodes. Its name is that of the node.

        Where it listens and who leads may be said by Thespian's capabilities instead.

        Raises:
            OSError: it cannot listen where others are to reach it.
        """
        from actors.bases.node.peers.carrier import PeersCarrier  # noqa: PLC0415 - see above
        from actors.bases.node.peers.peers import Peers  # noqa: PLC0415
        from actors.bases.values import Values  # noqa: PLC0415
        from actors.cluster.cluster import Cluster  # noqa: PLC0415

        kernel = self._kernel
        member = with_capabilities(member, self.capabilities)
        self._addresses.shared = True
        self.cluster = Cluster(kernel, self.name, Values(member.packages))
        self.peers = Peers(kernel.loop, kernel.clock, self.cluster, member)
        carrier = PeersCarrier(self.cluster, self.peers)
        await self.peers.start()
        if member.leaders:
            self.capabilities.setdefault(CONV_ADDR_IPV4_CAPABILITY, list(member.leaders))
        self.convene(carrier)

    @property
    def kernel(self) -> NodeKernel:
        """What runs the actors, to be measured."""
        return self._kernel

    @property
    def _kernel(self) -> NodeKernel:
        if self._started is None:
            self._start_thread()
        assert self._started is not None  # noqa: S101 - for the type checker
        return self._started

    def _post(self, call: Callable[..., None], *args: Any) -> None:  # noqa: ANN401 - passed on
        self._kernel.post(call, *args)

    def _gave_up(self, ref: Ref[Any], reason: str) -> None:
        self.on_gave_up(ref, reason)

    def attach(self, name: str, service: Service, threads: int = 1, limit: int = JOBS_MOST) -> None:
        """Let actors have jobs done by a service, on so many threads; ``limit`` jobs may wait.

        Raises:
            ValueError: the name is taken.
        """
        self._crews.attach(name, service, threads, limit)

    def spawn(self, spec: ChildSpec) -> Ref[Any]:
        """Start a top-level actor.

        Raises:
            ValueError: the name is not one, or is taken.
            ImportError, TypeError: the behaviour is not an actor class.
        """
        return self._in_loop(self._kernel.supervisor.spawn_top, spec)

    def tell(self, to: Any, msg: Any) -> None:  # noqa: ANN401 - a ref and its message, or Thespian's
        """Send a message from outside, to a ref or to an address."""
        if isinstance(to, ActorAddress):
            self._endpoint.tell(to, msg)
        else:
            self._soon(self._kernel.route, None, to, msg)

    def answer_at(self, name: str, receive: Callable[[Any, Any], None]) -> Ref[Any]:
        """Let actors send to what is none: ``receive`` is called in the loop, with sender and message."""
        ref: Ref[Any] = Ref(name)
        self._kernel.receivers[name] = receive
        self._kernel.receivers[ref.unmarked] = receive
        return ref

    def stop_actor(self, ref: Ref[Any]) -> None:
        """Stop a top-level actor, in order."""
        self._soon(self._kernel.route, self._kernel.supervisor.root.me, ref, Stop())

    def running(self, ref: Ref[Any]) -> bool:
        """Whether an actor runs at the path now."""
        return ref.path in self._kernel.running

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop in which the actors run."""
        return self._kernel.loop

    @property
    def idle(self) -> bool:
        """Whether no actor has anything to do now; sockets and services may bring something any time."""
        return self._kernel.idle

    def address_of(self, ref: Ref[Any]) -> ActorAddress:
        """Return Thespian's address of an actor on this node."""
        return self._addresses.of(ref)

    async def stop(self, timeout: float = STOP_SECONDS) -> None:  # noqa: ASYNC109 - parts of it are bounded in turn
        """Stop all actors in order, let links flush and services finish; give up after a time."""
        kernel = self._kernel
        loop = kernel.loop
        end = loop.time() + timeout
        for cell in list((kernel.supervisor.root.children or {}).values()):
            kernel.route(kernel.supervisor.root.me, cell.me, Stop())
        if kernel.host.convention is not None:
            kernel.host.convention.leave()
        kernel.host.end_all()
        await _until_empty(kernel.supervisor, end)
        self._close_guests()
        await _until_empty(kernel.host, end)
        await _until_empty(kernel.sockets, end)
        if self._carrier is not None:
            self._carrier.close()
        if self.peers is not None:
            await self.peers.stop()
        for crew in self._crews.finish():
            left = max(0.0, end - loop.time())
            if not await loop.run_in_executor(None, crew.join, left):
                log.error("a service has not finished in time")

    def _close_guests(self) -> None:
        """Close the connections of those whose parents are on other nodes, where they begin again."""
        guests = [] if self.cluster is None else list(self.cluster.family.guests.values())
        for cell in guests:
            for link in list(cell.links or ()):
                self._kernel.sockets.abort(cell, link)

    # For threads.

    def _start_thread(self) -> None:
        with self._lock:
            if self._started is not None:
                return
            loop = asyncio.new_event_loop()
            begun = threading.Event()
            self._own_thread = threading.Thread(target=self._run_loop, args=(loop, begun), name=self.name, daemon=True)
            self._own_thread.start()
            begun.wait()

    def _run_loop(self, loop: asyncio.AbstractEventLoop, begun: threading.Event) -> None:
        asyncio.set_event_loop(loop)
        self.start(loop)
        loop.call_soon(begun.set)
        try:
            loop.run_forever()
        finally:
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.close()

    def _soon(self, call: Callable[..., None], *args: Any) -> None:  # noqa: ANN401 - passed on
        if threading.get_ident() == self.thread:
            call(*args)
        else:
            self._kernel.post(call, *args)

    def _in_loop(self, call: Callable[..., T], *args: Any) -> T:  # noqa: ANN401 - passed on
        """Call something in the loop's thread and wait for the result."""
        if threading.get_ident() == self.thread:
            return call(*args)
        done: concurrent.futures.Future[T] = concurrent.futures.Future()

        def run() -> None:
            try:
                done.set_result(call(*args))
            except Exception as error:  # noqa: BLE001 - it is the caller's
                done.set_exception(error)

        self._kernel.post(run)
        return done.result()

    # What Thespian's ActorSystem calls.

    @property
    def _endpoint(self) -> Outside:
        if self._main is None:
            self._main = self.external_clone()
        return self._main

    def external_clone(self) -> Outside:
        """Return an endpoint for a thread."""
        endpoint = Outside(self, self._addresses.outside(str(next(self._numbers))).path)
        self._kernel.outside[endpoint.ref.path] = endpoint
        return endpoint

    def forget_outside(self, endpoint: Outside) -> None:
        """End an endpoint."""
        self._kernel.outside.pop(endpoint.ref.path, None)

    def send_from(self, sender: Ref[Any], to: ActorAddress, msg: Any) -> None:  # noqa: ANN401 - any message
        """Send a message of Thespian's kind from an endpoint."""
        self._soon(self._kernel.host.send, sender, to, msg)

    def newPrimaryActor(  # noqa: N802 - Thespian's name
        self,
        actor_class: Any,  # noqa: ANN401 - a class or its import path
        requirements: Any,  # noqa: ANN401 - what the actor wants of a system
        global_name: str | None = None,
        source_hash: str | None = None,
    ) -> ActorAddress:
        """Start an actor of Thespian's."""
        host = self._kernel.host
        try:
            return self._in_loop(host.create_primary, actor_class, requirements, global_name, source_hash)
        except NoCompatibleSystemForActor:
            if host.convention is None or threading.get_ident() == self.thread:
                raise
        done: concurrent.futures.Future[ActorAddress] = concurrent.futures.Future()
        endpoint = self._addresses.of(self._endpoint.ref)
        births = host.convention.births
        self._kernel.post(births.ask, actor_class, endpoint, requirements, global_name, partial(_done, done))
        return done.result()

    def listen(self, timeout: Any = None) -> Any:  # noqa: ANN401 - seconds or a timedelta; any message
        """Wait for a message from any actor."""
        return self._endpoint.listen(timeout)

    def ask(self, address: ActorAddress, msg: Any, timeout: Any = None) -> Any:  # noqa: ANN401
        """Send a message and wait for the next that comes."""
        return self._endpoint.ask(address, msg, timeout)

    def updateCapability(self, name: str, value: Any = None) -> None:  # noqa: ANN401, N802 - Thespian's name
        """Change what the system says of itself."""
        self._in_loop(self._kernel.host.update_capability, name, value)

    def loadActorSource(self, fname: Any) -> str:  # noqa: ANN401, N802 - Thespian's name
        """Refuse to load code."""
        return self._kernel.host.load_source(fname)

    def unloadActorSource(self, source_hash: str) -> None:  # noqa: N802 - Thespian's name
        """Nothing to do: nothing is loaded."""

    def _handleDeadLetters(self, address: ActorAddress, enable: bool) -> None:  # noqa: N802 - Thespian's name
        self._soon(self._kernel.host.handle_dead_letters, address, enable)

    def shutdown(self) -> None:
        """End all actors, and the thread if it is the node's own."""
        if self._started is None:
            return
        loop = self._kernel.loop
        if self._own_thread is None:
            self._stopping = loop.create_task(self.stop())
            return
        asyncio.run_coroutine_threadsafe(self.stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        self._own_thread.join()


class Emptying(Protocol):
    """What says when it is empty."""

    on_empty: Callable[[], None]

    @property
    def empty(self) -> bool:
        """Whether it is."""


def with_capabilities(member: "Member", capabilities: dict[str, Any]) -> "Member":
    """Return a member that listens and has leaders as Thespian's capabilities say, where it does not say itself."""
    from actors.bases.node.convention import leaders_of  # noqa: PLC0415 - see above

    listen, leaders = member.listen, member.leaders
    if not listen.port and "Admin Port" in capabilities:
        listen = msgspec.structs.replace(listen, port=int(capabilities["Admin Port"]))
    return msgspec.structs.replace(member, listen=listen, leaders=leaders or tuple(leaders_of(capabilities)))


def _done(future: "concurrent.futures.Future[T]", result: T | Exception) -> None:
    if isinstance(result, Exception):
        future.set_exception(result)
    else:
        future.set_result(result)


async def _until_empty(what: Emptying, end: float) -> None:
    """Wait until something says that it is empty, but not for ever."""
    loop = asyncio.get_running_loop()
    if what.empty:
        return
    empty = asyncio.Event()
    what.on_empty = empty.set
    try:
        await asyncio.wait_for(empty.wait(), max(0.0, end - loop.time()))
    except TimeoutError:
        log.warning("%s has not ended in time", type(what).__name__.lower())
