"""The bases that the contract is for, each with virtual time."""

import asyncio
import functools
import random
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any, Generic, TypeVar

import uvloop

from actors import ActorProtocol, ChildSpec, Ref, Service
from actors.bases.inline import InlineCluster, InlineNode, InlineSystem
from actors.bases.inline.clock import VirtualClock
from actors.bases.node import NodeBase
from actors.bases.node.peers.peers import Member
from actors.bases.node.peers.trust import Trust
from actors.link import Endpoint
from actors.supervision import Place
from soju_actors.adapters.authority import Authority
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


class LoopTime:
    """What a test waits with when its nodes run in a loop and their time is virtual."""

    loop: asyncio.AbstractEventLoop
    clock: VirtualClock
    something: asyncio.Event

    def busy(self) -> bool:
        """Whether anything is going on."""
        raise NotImplementedError

    def settle(self) -> None:
        self.loop.run_until_complete(self._settled())

    async def _settled(self) -> None:
        await asyncio.sleep(0)
        while self.busy() or self.clock.step(self.clock.time):  # noqa: ASYNC110 - all must be idle, not one event
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


class NodeWorld(LoopTime, World):
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

    def busy(self) -> bool:
        return not self.base.idle

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


N = TypeVar("N", InlineNode, NodeBase)


class ClusterWorld(World, Generic[N]):
    """Nodes over which the puppets are spread by chance."""

    nodes: dict[str, N]

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.rng = random.Random(seed)  # noqa: S311 - a test that repeats

    def ready(self) -> None:
        """Let actors run anywhere."""
        for node in self.nodes.values():
            assert node.cluster is not None
            node.on_gave_up = lambda ref, reason: self.gave_up.append((ref.path, reason))
            node.cluster.placer = lambda _, __: self.rng.choice(list(self.nodes))

    @property
    def some_node(self) -> N:
        return self.rng.choice(list(self.nodes.values()))

    def spec(self, name: str, first: Script | None = None, last: Script | None = None, **spec: Any) -> ChildSpec:  # noqa: ANN401
        spec.setdefault("place", Place.ANYWHERE)
        return super().spec(name, first, last, **spec)

    def node_of(self, path: str) -> N | None:
        return next((node for node in self.nodes.values() if node.running(Ref(path))), None)

    def start(self, spec: ChildSpec, beside: Ref[Any] | None = None) -> Ref[Any]:
        if self.running(spec.name):
            raise ValueError(f"there is an actor {spec.name!r} already")
        node = self.some_node if beside is None else self.node_of(beside.path)
        assert node is not None
        return node.spawn(spec)

    def tell(self, to: Ref[Any], msg: ActorProtocol) -> None:
        self.some_node.tell(to, msg)

    def attach(self, name: str, service: Service) -> None:
        for node in self.nodes.values():
            node.attach(name, service)

    def running(self, path: str) -> bool:
        return self.node_of(path) is not None


class InlineClusterWorld(ClusterWorld[InlineNode]):
    """Inline nodes."""

    def __init__(self, nodes: int, seed: int) -> None:
        super().__init__(seed)
        self.cluster = InlineCluster("abc"[:nodes], seed=seed)
        self.nodes = self.cluster.nodes
        self.ready()

    def settle(self) -> None:
        self.cluster.run()

    def advance(self, seconds: float) -> None:
        self.cluster.advance(seconds)

    def until(self, condition: Callable[[], bool]) -> None:
        self.settle()
        assert condition()

    def stop(self, ref: Ref[Any]) -> None:
        node = self.node_of(ref.path)
        assert node is not None
        node.stop(ref)
        self.settle()

    def close(self) -> None:
        for node in self.nodes.values():
            node.stop()
        self.settle()


class NodeClusterWorld(LoopTime, ClusterWorld[NodeBase]):
    """Nodes in one loop, with real connections between them."""

    def __init__(self, nodes: int, seed: int, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(seed)
        self.loop = loop
        self.clock = VirtualClock()
        self.clock.wall = time.time  # type: ignore[method-assign] # for certificates
        self.nodes = {name: NodeBase(name=name) for name in "abc"[:nodes]}
        self.something = asyncio.Event()
        stage.on_heard = self.something.set
        for node in self.nodes.values():
            node.start(loop, self.clock)
        self.loop.run_until_complete(asyncio.wait_for(self._join(), PATIENCE))
        self.ready()

    async def _join(self) -> None:
        """Let each know the first one, and wait until each knows all."""
        first = ""
        for name, node in self.nodes.items():
            await node.join(
                Member(trust=trust_of(name), listen=Endpoint("127.0.0.1"), leaders=(first,) if first else ())
            )
            assert node.peers is not None
            first = first or node.peers.address
        for node in self.nodes.values():
            assert node.peers is not None
            await node.peers.until_connected(len(self.nodes) - 1)

    def busy(self) -> bool:
        clusters = [node.cluster for node in self.nodes.values() if node.cluster is not None]
        at_rest = all(session.idle for cluster in clusters for session in cluster.sessions.values())
        return not at_rest or not all(node.idle for node in self.nodes.values())

    def stop(self, ref: Ref[Any]) -> None:
        node = self.node_of(ref.path)
        assert node is not None
        node.stop_actor(ref)
        self.settle()

    def close(self) -> None:
        for node in self.nodes.values():
            self.loop.run_until_complete(node.stop())
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()


def trust_of(node: str) -> Trust:
    """Return the certificates of a node of the cluster for tests; those of "a again" are the second ones of a."""
    return _trusts()[node]


@functools.cache
def _trusts() -> dict[str, Trust]:
    with tempfile.TemporaryDirectory() as folder:
        authority = Authority(Path(folder) / "keys")
        authority.init("test", time.time())
        for name in "abc":
            authority.issue(name, time.time())
        trusts = {name: Trust(authority.folder_of(name)) for name in "abc"}
        authority.issue("a", time.time(), again=True)
        return {**trusts, "a again": Trust(authority.folder_of("a"))}


WORLDS: dict[str, Callable[[], World]] = {
    "inline": InlineWorld,
    "inline-2": lambda: InlineClusterWorld(2, seed=2),
    "inline-3": lambda: InlineClusterWorld(3, seed=3),
    "node": lambda: NodeWorld(asyncio.new_event_loop()),
    "node-2": lambda: NodeClusterWorld(2, 2, asyncio.new_event_loop()),
    "node-3-uvloop": lambda: NodeClusterWorld(3, 3, uvloop.new_event_loop()),
    "node-uvloop": lambda: NodeWorld(uvloop.new_event_loop()),
}
"""A base is added here, and everything in this directory is asked of it."""
ONE_NODE = ("node", "node-uvloop")
"""Those of a node that is alone."""
