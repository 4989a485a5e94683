"""The bases that the contract is for, each with virtual time."""

import asyncio
import random
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import uvloop

from actors import ActorProtocol, ChildSpec, Ref, Service
from actors.bases.inline import InlineCluster, InlineNode, InlineSystem
from actors.bases.inline.clock import VirtualClock
from actors.bases.node import NodeBase
from actors.supervision import Place
from tests.contract.actors.cast import PUPPET, Do, Heard, PuppetArgs, Script, Stage, stage

PATIENCE = 10.0
"""Real seconds after which something that should happen is taken not to."""


class World(ABC):
    """One base with puppets on it."""

    def __init__(self) -> None:
        Stage.__init__(stage)
        self.gave_up: list[tuple[str, str]] = []

    @abstractmethod
    def start(self, spec: ChildSpec, beside: Ref[Any] | None = None) -> Ref[Any]:
        """Start a top-level actor, on the node of another one if that is wanted."""

    @abstractmethod
    def tell(self, to: Ref[Any], msg: ActorProtocol) -> None:
        """Send a message from outside."""

    @abstractmethod
    def settle(self) -> None:
        """Let everything happen that is due now."""

    @abstractmethod
    def advance(self, seconds: float) -> None:
        """Let virtual time pass."""

    @abstractmethod
    def until(self, condition: Callable[[], bool]) -> None:
        """Let things happen until the condition holds, or fail."""

    @abstractmethod
    def attach(self, name: str, service: Service) -> None:
        """Add a service."""

    @abstractmethod
    def stop(self, ref: Ref[Any]) -> None:
        """Stop a top-level actor."""

    @abstractmethod
    def running(self, path: str) -> bool:
        """Whether an actor runs there."""

    @abstractmethod
    def close(self) -> None:
        """End the world."""

    def puppet(
        self,
        name: str,
        first: Script | None = None,
        last: Script | None = None,
        beside: Ref[Any] | None = None,
        **spec: Any,  # noqa: ANN401 - of any field
    ) -> Ref[Any]:
        """Start a top-level puppet."""
        ref = self.start(self.spec(name, first, last, **spec), beside)
        self.settle()
        return ref

    def spec(self, name: str, first: Script | None = None, last: Script | None = None, **spec: Any) -> ChildSpec:  # noqa: ANN401
        """Return the spec of a puppet with scripts for its first and last turn."""
        args = PuppetArgs(
            -1 if first is None else stage.script(first),
            -1 if last is None else stage.script(last),
        )
        return ChildSpec(name, PUPPET, args, **spec)

    def script(self, script: Script) -> Do:
        """Return the message that lets a puppet follow a script."""
        return Do(stage.script(script))

    def do(self, ref: Ref[Any], script: Script) -> None:
        """Let a puppet take a turn with the script."""
        self.tell(ref, self.script(script))
        self.settle()

    def fail(self, ref: Ref[Any]) -> None:
        """Let a puppet fail."""
        self.do(ref, _raise)

    def heard(self, ref: Ref[Any], kind: type | None = None) -> list[Any]:
        """Return what a puppet has heard."""
        return [h.message for h in self.hearings(ref) if kind is None or isinstance(h.message, kind)]

    def hearings(self, ref: Ref[Any]) -> list[Heard]:
        """Return what a puppet has heard, with sender and time."""
        return [h for h in stage.heard if h.by == ref.path]

    def await_heard(self, ref: Ref[Any], kind: type) -> Any:  # noqa: ANN401
        """Wait for a message and return the newest of its kind."""
        self.until(lambda: bool(self.heard(ref, kind)))
        return self.heard(ref, kind)[-1]


def _raise(_: object, __: object) -> None:
    raise RuntimeError("as the script says")


class InlineWorld(World):
    def __init__(self) -> None:
        super().__init__()
        self.system = InlineSystem(seed=1)
        self.system.on_gave_up = lambda ref, reason: self.gave_up.append((ref.path, reason))

    def start(self, spec: ChildSpec, beside: Ref[Any] | None = None) -> Ref[Any]:  # noqa: ARG002
        return self.system.spawn(spec)

    def tell(self, to: Ref[Any], msg: ActorProtocol) -> None:
        self.system.tell(to, msg)

    def settle(self) -> None:
        self.system.run()

    def advance(self, seconds: float) -> None:
        self.system.advance(seconds)

    def until(self, condition: Callable[[], bool]) -> None:
        self.settle()
        assert condition()

    def attach(self, name: str, service: Service) -> None:
        self.system.attach(name, service)

    def stop(self, ref: Ref[Any]) -> None:
        self.system.stop(ref)
        self.settle()

    def running(self, path: str) -> bool:
        return self.system.running(Ref(path))

    def close(self) -> None:
        self.system.stop()
        self.settle()


class NodeWorld(World):
    """A node in a loop that runs only while the test waits for it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self.loop = loop
        self.clock = VirtualClock()
        self.base = NodeBase()
        self.base.start(loop, self.clock)
        self.base.on_gave_up = lambda ref, reason: self.gave_up.append((ref.path, reason))
        self.something = asyncio.Event()
        stage.on_heard = self.something.set

    def start(self, spec: ChildSpec, beside: Ref[Any] | None = None) -> Ref[Any]:  # noqa: ARG002
        return self.base.spawn(spec)

    def tell(self, to: Ref[Any], msg: ActorProtocol) -> None:
        self.base.tell(to, msg)

    def settle(self) -> None:
        self.loop.run_until_complete(self._settled())

    async def _settled(self) -> None:
        await asyncio.sleep(0)
        while not self.base.idle or self.clock.step(self.clock.time):  # noqa: ASYNC110 - all must be idle, not one event
            await asyncio.sleep(0)

    def advance(self, seconds: float) -> None:
        self.loop.run_until_complete(self._advance(self.clock.time + seconds))

    async def _advance(self, end: float) -> None:
        await self._settled()
        while self.clock.step(end):
            await self._settled()
        self.clock.time = end

    def until(self, condition: Callable[[], bool]) -> None:
        self.loop.run_until_complete(asyncio.wait_for(self._until(condition), PATIENCE))

    async def _until(self, condition: Callable[[], bool]) -> None:
        await self._settled()
        while not condition():
            self.something.clear()
            await self.something.wait()
            await self._settled()

    def attach(self, name: str, service: Service) -> None:
        self.base.attach(name, service)

    def stop(self, ref: Ref[Any]) -> None:
        self.base.stop_actor(ref)
        self.settle()

    def running(self, path: str) -> bool:
        return self.base.running(Ref(path))

    def close(self) -> None:
        self.loop.run_until_complete(self.base.stop())
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()


class InlineClusterWorld(World):
    """Inline nodes, over which the puppets are spread by chance."""

    def __init__(self, nodes: int, seed: int) -> None:
        super().__init__()
        self.rng = random.Random(seed)  # noqa: S311 - a test that repeats
        self.cluster = InlineCluster("abc"[:nodes], seed=seed)
        for node in self.cluster.nodes.values():
            node.on_gave_up = lambda ref, reason: self.gave_up.append((ref.path, reason))
            node.cluster.placer = lambda _, __: self.rng.choice(list(self.cluster.nodes))

    @property
    def some_node(self) -> InlineNode:
        return self.rng.choice(list(self.cluster.nodes.values()))

    def spec(self, name: str, first: Script | None = None, last: Script | None = None, **spec: Any) -> ChildSpec:  # noqa: ANN401
        spec.setdefault("place", Place.ANYWHERE)
        return super().spec(name, first, last, **spec)

    def start(self, spec: ChildSpec, beside: Ref[Any] | None = None) -> Ref[Any]:
        if self.running(spec.name):
            raise ValueError(f"there is an actor {spec.name!r} already")
        node = self.some_node if beside is None else self.cluster.node_of(beside)
        assert node is not None
        return node.spawn(spec)

    def tell(self, to: Ref[Any], msg: ActorProtocol) -> None:
        self.some_node.tell(to, msg)

    def settle(self) -> None:
        self.cluster.run()

    def advance(self, seconds: float) -> None:
        self.cluster.advance(seconds)

    def until(self, condition: Callable[[], bool]) -> None:
        self.settle()
        assert condition()

    def attach(self, name: str, service: Service) -> None:
        for node in self.cluster.nodes.values():
            node.attach(name, service)

    def stop(self, ref: Ref[Any]) -> None:
        node = self.cluster.node_of(ref)
        assert node is not None
        node.stop(ref)
        self.settle()

    def running(self, path: str) -> bool:
        return self.cluster.node_of(Ref(path)) is not None

    def close(self) -> None:
        for node in self.cluster.nodes.values():
            node.stop()
        self.settle()


WORLDS: dict[str, Callable[[], World]] = {
    "inline": InlineWorld,
    "inline-2": lambda: InlineClusterWorld(2, seed=2),
    "inline-3": lambda: InlineClusterWorld(3, seed=3),
    "node": lambda: NodeWorld(asyncio.new_event_loop()),
    "node-uvloop": lambda: NodeWorld(uvloop.new_event_loop()),
}
"""A base is added here, and everything in this directory is asked of it."""
