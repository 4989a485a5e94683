"""Several inline engines as the nodes of a cluster: one time, links with delays, cuts and deaths."""

import itertools
import random
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from actors.bases.inline.clock import NodeClock
from actors.bases.inline.system import InlineSystem, World
from actors.bases.values import Values
from actors.cluster.cluster import Cluster
from actors.ref import Ref

Lag = Callable[[str, str, random.Random], float]
"""Seconds that a frame takes from one node to another."""


class InlineNode(InlineSystem):
    """One node."""

    def __init__(self, name: str, world: World, seed: int, packages: Iterable[str], incarnation: int) -> None:
        self.clock = NodeClock(world.clock)
        super().__init__(seed=seed, world=world, clock=self.clock)
        self.name = name
        self.alive = True
        self.incarnation = incarnation
        self.cluster = Cluster(self._kernel, name, Values(packages))


class InlineConnection:
    """One direction of a connection between two nodes; frames keep their order."""

    def __init__(self, cluster: "InlineCluster", here: InlineNode, there: InlineNode) -> None:
        self._cluster = cluster
        self._here = here
        self._there = there
        self._session = there.cluster.sessions[here.name]
        self._last = 0.0
        self.writable = True
        self.open = True

    def write(self, frame: bytes) -> None:
        """Send a frame; it is lost if the connection ends before it arrives."""
        if not self.writable:
            return
        world = self._cluster.world
        due = max(self._last, world.clock.time + self._cluster.lag(self._here.name, self._there.name))
        self._last = due
        self._there.clock.at(due, self._arrive, frame)

    def _arrive(self, frame: bytes) -> None:
        session = self._session
        if self.open and self._there.alive and self._there.cluster.sessions.get(self._here.name) is session:
            session.take(frame)

    def abort(self, reason: str) -> None:  # noqa: ARG002 - nobody asks
        """End it."""
        self.open = self.writable = False


class InlineCluster:
    """Nodes in one thread and virtual time; the same seed gives the same run."""

    def __init__(
        self, names: Iterable[str], *, seed: int = 0, lag: Lag | None = None, packages: Sequence[str] = ()
    ) -> None:
        self.world = World()
        self.nodes: dict[str, InlineNode] = {}
        self._rng = random.Random(seed)  # noqa: S311 - chance that tests can repeat
        self._seed = seed
        self._packages = packages
        self._numbers = itertools.count(1)
        self._lag = lag
        self._connections: dict[tuple[str, str], InlineConnection] = {}
        for name in names:
            self.nodes[name] = InlineNode(name, self.world, seed, packages, next(self._numbers))
        for one in self.nodes:
            for other in self.nodes:
                if one < other:
                    self.connect(one, other)
        self.run()

    def lag(self, here: str, there: str) -> float:
        """Return how long the next frame takes."""
        return 0.0 if self._lag is None else self._lag(here, there, self._rng)

    def connect(self, one: str, other: str) -> None:
        """Connect two nodes: their session goes on if both still have it, and begins anew if not."""
        nodes = self.nodes[one], self.nodes[other]
        old = [here.cluster.sessions.get(there.name) for here, there in (nodes, nodes[::-1])]
        if not all(old):
            for here, there in (nodes, nodes[::-1]):
                here.cluster.lose(there.name, "it begins anew")
                here.cluster.joined(there.name)
            numbers = next(self._numbers), next(self._numbers)
            for (here, there), ours in ((nodes, numbers), (nodes[::-1], numbers[::-1])):
                session = here.cluster.sessions[there.name]
                session.numbers, session.incarnation = ours, there.incarnation
        received = {here.name: here.cluster.sessions[there.name].received for here, there in (nodes, nodes[::-1])}
        for here, there in (nodes, nodes[::-1]):
            connection = self._connections[here.name, there.name] = InlineConnection(self, here, there)
            here.cluster.sessions[there.name].resume(connection, received[there.name])

    def cut(self, one: str, other: str) -> None:
        """Break the connection of two nodes; what was under way on it is lost."""
        for here, there in ((one, other), (other, one)):
            self._connections[here, there].abort("it is cut")
            session = self.nodes[here].cluster.sessions.get(there)
            if session is not None:
                session.connection = None

    def kill(self, name: str, *, arrives: bool = False) -> None:
        """End a node in the middle of whatever it does; what it has sent is lost, or arrives."""
        node = self.nodes[name]
        for other in self.nodes:
            if other != name:
                last_words = self._connections[name, other]
                self.cut(name, other)
                last_words.open = arrives
        node.alive = False
        node.die()

    def hang(self, name: str, seconds: float) -> None:
        """Let a node do nothing for a time, as a process that is busy or stopped; what comes meanwhile waits."""
        self.nodes[name].clock.goes_on = self.world.clock.time + seconds

    def restart(self, name: str) -> None:
        """Start a node again that was killed, with nothing of what it had."""
        self.nodes[name] = InlineNode(name, self.world, self._seed, self._packages, next(self._numbers))
        for other, node in self.nodes.items():
            if other != name and node.alive:
                self.connect(name, other)

    def run(self, most: int = 1_000_000) -> None:
        """Go on until nothing more happens at this time."""
        self.world.run_until(self.world.clock.time, most)

    def advance(self, seconds: float, most: int = 1_000_000) -> None:
        """Go on until so much virtual time has passed."""
        end = self.world.clock.time + seconds
        self.world.run_until(end, most)
        self.world.clock.time = end

    def node_of(self, ref: Ref[Any]) -> InlineNode | None:
        """Return the node on which an actor runs."""
        return next((node for node in self.nodes.values() if node.alive and node.running(ref)), None)
