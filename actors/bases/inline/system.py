"""The inline engine."""

import logging
import random
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from actors import codec
from actors.bases.inline.clock import NodeClock, VirtualClock
from actors.bases.inline.network import InlineNetwork, Peer, Server, address_of
from actors.cell import Cell
from actors.kernel import Kernel, Sender
from actors.link import Endpoint
from actors.message import ActorProtocol, Job, SystemMessage
from actors.ref import Ref
from actors.service import Service
from actors.sockets import Socket
from actors.supervision import ChildSpec
from actors.system import ServiceFailed, Stop
from actors.turn import DROP, Undelivered

log = logging.getLogger(__name__)

MOST_IN_A_RUN = 64
Arrive = Callable[[Sender, Ref[Any], Any, Undelivered], None]
Delay = Callable[[str, str, random.Random], float]


class InlineKernel(Kernel):
    """A kernel whose messages all take the way through an encoding and virtual time."""

    def __init__(
        self, clock: VirtualClock | NodeClock, network: InlineNetwork, services: "InlineServices", seed: int
    ) -> None:
        super().__init__(clock, network, services, lambda path: random.Random(f"{seed} {path}"))  # noqa: S311
        self.ready: deque[Cell] = deque()
        self.virtual = clock
        self.delay: Delay | None = None
        self.encode = True
        self.alive = True
        self.receivers: dict[str, Callable[[Sender, Any], None]] = {}
        """What is no actor, by path."""
        self._rng = random.Random(seed)  # noqa: S311 - chance that tests can repeat
        self._arrivals: dict[tuple[str, str], float] = {}

    def enqueue(self, cell: Cell) -> None:
        """Keep the cell until the system runs it."""
        if self.alive:
            self.ready.append(cell)

    def route(self, sender: Sender, to: Ref[Any], msg: Any, undelivered: Undelivered = DROP) -> None:  # noqa: ANN401
        """Send a message on its way."""
        self._travel(super().route, sender, to, msg, undelivered)

    def admit(self, sender: Sender, to: Ref[Any], msg: Any, undelivered: Undelivered = DROP) -> None:  # noqa: ANN401
        """Send what has come from another node on its way."""
        self._travel(super().admit, sender, to, msg, undelivered)

    def _travel(self, arrive: Arrive, sender: Sender, to: Ref[Any], msg: Any, undelivered: Undelivered) -> None:  # noqa: ANN401
        if not self.alive:
            return
        data = codec.encode(to, sender, msg) if self.encode else None
        path = sender.path if sender is not None else ""
        due = self._arrival(path, to.path, (path, to.path))
        self.virtual.at(due, self._arrive, arrive, sender, to, data, msg, undelivered)

    def _arrive(  # noqa: PLR0917 - all that is known of a message
        self,
        arrive: Arrive,
        sender: Sender,
        to: Ref[Any],
        data: bytes | None,
        msg: Any,  # noqa: ANN401 - any message
        undelivered: Undelivered,
    ) -> None:
        if data is not None:
            envelope = codec.decode(data)
            to, sender, msg = envelope.to, envelope.sender, envelope.message
        arrive(sender, to, msg, undelivered)

    def elsewhere(self, sender: Sender, to: Ref[Any], msg: Any, undelivered: Undelivered) -> bool:  # noqa: ANN401
        """Deliver to what is no actor."""
        receive = self.receivers.get(to.path)
        if receive is None:
            return super().elsewhere(sender, to, msg, undelivered)
        receive(sender, msg)
        return True

    def notify(self, socket: Socket, event: SystemMessage) -> None:
        """Send an event of a link on its way; its owner is known when it arrives."""
        if socket.owner is not None:
            path = f"link/{socket.link.id}"
            due = self._arrival(path, socket.owner.me.path, (path, ""))
            self.virtual.at(due, self._event, socket, codec.copy(event) if self.encode else event)

    def _event(self, socket: Socket, event: SystemMessage) -> None:
        super().notify(socket, event)

    def _arrival(self, sender: str, to: str, pair: tuple[str, str]) -> float:
        """Return when a message arrives: after a delay, but never before an older one of the pair."""
        if self.delay is None:
            return self.virtual.time
        due = max(self.virtual.time + self.delay(sender, to, self._rng), self._arrivals.get(pair, 0.0))
        self._arrivals[pair] = due
        return due


class InlineServices:
    """Services that are done with at once, at a virtual time."""

    def __init__(self, services: Mapping[str, Service]) -> None:
        self.services = dict(services)
        self.kernel: Kernel | None = None

    def perform(self, cell: Cell, service: str, job: Job) -> None:
        """Have the job done after the turn."""
        cell.kernel.clock.later(0.0, self._do, cell, cell.incarnation, service, job)

    def _do(self, cell: Cell, incarnation: int, service: str, job: Job) -> None:
        if service in self.services:
            try:
                answer = self.services[service].perform(job)
            except Exception as error:
                log.exception("service %s failed on %s", service, type(job).__qualname__)
                answer = ServiceFailed(service, job, f"{type(error).__name__}: {error}")
        else:
            answer = ServiceFailed(service, job, "no such service")
        if answer is not None and cell.incarnation == incarnation:
            cell.kernel.route(Ref(f"service/{service}"), cell.me, answer)


class World:
    """What engines that run side by side share: time, the network, and whose turn is next."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.network = InlineNetwork(self.clock.later)
        self.ready: deque[Cell] = deque()

    def run_until(self, end: float, most: int) -> None:
        """Go on until nothing more is due by then.

        Raises:
            RuntimeError: there is no end to it.
        """
        ready = self.ready
        for _ in range(most):
            # What is due arrives before anybody has a turn, so that mailboxes fill as they do elsewhere.
            if self.clock.step(self.clock.time):
                continue
            if ready:
                ready.popleft().run(MOST_IN_A_RUN)
            elif not self.clock.step(end):
                return
        raise RuntimeError(f"still busy after {most} steps")


class InlineSystem:
    """Actors in one thread and virtual time; the same seed gives the same run.

    Every message is encoded and decoded. With ``delay``, a message takes so many
    virtual seconds more, from a function of the paths of sender and receiver; messages
    of one pair keep their order.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        delay: Delay | None = None,
        services: Mapping[str, Service] | None = None,
        encode: bool = True,
        world: World | None = None,
        clock: NodeClock | None = None,
    ) -> None:
        self._world = world or World()
        self._clock = self._world.clock
        self._network = self._world.network
        self._services = InlineServices(services or {})
        self._kernel = InlineKernel(clock or self._clock, self._network, self._services, seed)
        self._kernel.ready = self._world.ready
        self._kernel.delay = delay
        self._kernel.encode = encode

    @property
    def now(self) -> float:
        """The virtual time in seconds, zero at the start."""
        return self._clock.time

    @property
    def on_gave_up(self) -> Callable[[Ref[Any], str], None]:
        """Called when a top-level actor is not started again."""
        return self._kernel.supervisor.on_gave_up

    @on_gave_up.setter
    def on_gave_up(self, hook: Callable[[Ref[Any], str], None]) -> None:
        self._kernel.supervisor.on_gave_up = hook

    def attach(self, name: str, service: Service) -> None:
        """Let actors have jobs done by a service."""
        self._services.services[name] = service

    def spawn(self, spec: ChildSpec) -> Ref[Any]:
        """Start a top-level actor.

        Raises:
            ValueError: the name is not one, or is taken.
        """
        return self._kernel.supervisor.spawn_top(spec)

    def tell(self, ref: Ref[Any], msg: ActorProtocol, sender: Ref[Any] | None = None) -> None:
        """Send a message from outside."""
        self._kernel.route(sender, ref, msg)

    def answer_at(self, name: str, receive: Callable[[Any, Any], None]) -> Ref[Any]:
        """Let actors send to what is none: ``receive`` is called with sender and message."""
        ref: Ref[Any] = Ref(name)
        self._kernel.receivers[name] = receive
        self._kernel.receivers[ref.unmarked] = receive
        return ref

    def stop(self, ref: Ref[Any] | None = None) -> None:
        """Stop one top-level actor, or all, in order; takes effect as the system runs."""
        root = self._kernel.supervisor.root
        for cell in list((root.children or {}).values()):
            if ref is None or cell.me == ref:
                self._kernel.route(root.me, cell.me, Stop())

    def running(self, ref: Ref[Any]) -> bool:
        """Whether an actor runs at the path now."""
        return ref.path in self._kernel.running

    def actor(self, ref: Ref[Any]) -> Any:  # noqa: ANN401 - an actor of any class
        """Return the actor itself, to look at its state.

        Raises:
            KeyError: it does not run.
        """
        return self._kernel.running[ref.path].actor

    def die(self) -> None:
        """End in the middle of everything: no actor of this engine does anything any more."""
        self._kernel.alive = False
        for cell in [cell for cell in self._world.ready if cell.kernel is self._kernel]:
            self._world.ready.remove(cell)

    def run(self, most: int = 1_000_000) -> None:
        """Go on until nothing more happens at this time.

        Raises:
            RuntimeError: there is no end to it.
        """
        self._world.run_until(self._clock.time, most)

    def advance(self, seconds: float, most: int = 1_000_000) -> None:
        """Go on until so much virtual time has passed.

        Raises:
            RuntimeError: there is no end to it.
        """
        end = self._clock.time + seconds
        self._world.run_until(end, most)
        self._clock.time = end

    def connect(self, endpoint: Endpoint, *, remote: str = "", fingerprint: str = "") -> Peer:
        """Connect from outside to a listening actor, from an address and with a certificate's fingerprint.

        Raises:
            ConnectionRefusedError: nobody listens there.
        """
        return self._network.connect(endpoint, remote, fingerprint)

    def serve(self, endpoint: Endpoint, *, fingerprint: str = "") -> Server:
        """Let actors dial an endpoint."""
        address = address_of(endpoint)
        self._network.refused.pop(address, None)
        server = self._network.servers[address] = Server(fingerprint)
        return server

    def refuse(self, endpoint: Endpoint, reason: str = "connection refused") -> None:
        """Let dials of an endpoint fail."""
        self._network.refused[address_of(endpoint)] = reason
