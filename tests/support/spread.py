"""Several nodes as the tests of the bouncer see one engine: its actors are spread over them by chance."""

from collections.abc import Mapping
from random import Random
from typing import Any

from msgspec.structs import replace

from actors import ActorProtocol, ChildSpec, Endpoint, Ref, Service
from actors.bases.inline import InlineCluster, InlineNode, Peer, Server
from actors.bases.inline.cluster import Lag
from actors.bases.inline.system import Delay
from actors.cell import Cell
from actors.cluster.moving import MoveError
from actors.supervision import Place
from soju_actors.messages.listener import ListenerArgs

PACKAGES = ("actors", "soju_actors")
FOR_ONE = ("registry",)
"""Top-level actors that are on one node alone; the others are on each."""
HALF, OFTEN = 0.5, 0.7
BETWEEN_LOOKS = 0.0005
"""Virtual seconds."""


def short(_here: str, _there: str, rng: Random) -> float:
    """Let a frame take up to a millisecond."""
    return rng.choice((0.0, 0.0001, 0.001))


class Spread:
    """Nodes on which children run anywhere, except those that are given a socket; users can move."""

    def __init__(
        self,
        names: str,
        *,
        seed: int = 0,
        delay: Delay | None = None,
        lag: Lag = short,
        services: Mapping[str, Service],
        groups: bool = False,
        waits: bool = True,
        restless: str = "",
    ) -> None:
        self.cluster = InlineCluster(names, seed=seed, lag=lag, packages=PACKAGES)
        self.nodes = self.cluster.nodes
        self.moves: list[str] = []
        """How those that have ended ended: why they failed, or empty."""
        self._rng = Random(f"placement {seed}")  # noqa: S311 - chance that tests can repeat
        self._groups = groups
        self._waits = waits
        self._restless = restless
        """An actor that moves now and then."""
        for node in self.nodes.values():
            node.cluster.placer = lambda _, __: self.some_node.name
            node._kernel.delay = delay
            for name, service in services.items():
                node.attach(name, service)
            self._let_children_go(node)

    def _let_children_go(self, node: InlineNode) -> None:
        """Treat children as if they could be anywhere; those of a user by chance if groups are to be."""
        place = node.cluster.family.place

        def anywhere(cell: Cell) -> bool:
            path = cell.me.path
            stays = path.startswith("listener") or (self._groups and self._rng.random() < HALF)
            if not stays:
                cell.spec = replace(cell.spec, place=Place.ANYWHERE)
            return place(cell)

        node.cluster.family.place = anywhere  # type: ignore[method-assign]

    @property
    def now(self) -> float:
        """The virtual time."""
        return self.cluster.world.clock.time

    @property
    def _clock(self) -> Any:  # noqa: ANN401 - as InlineSystem has it
        return self.cluster.world.clock

    @property
    def some_node(self) -> InlineNode:
        """One of them."""
        return self._rng.choice([node for node in self.nodes.values() if node.alive])

    def attach(self, name: str, service: Service) -> None:
        """Let actors have jobs done by a service."""
        for node in self.nodes.values():
            node.attach(name, service)

    def spawn(self, spec: ChildSpec) -> None:
        """Start a top-level actor, on each node for that node, or on one for all."""
        if spec.name in FOR_ONE:
            self.some_node.spawn(spec)
            return
        for name, node in self.nodes.items():
            args = spec.args
            if isinstance(args, ListenerArgs):
                entrances = tuple(replace(each, endpoint=_on(name, each.endpoint)) for each in args.entrances)
                args = replace(args, entrances=entrances)
            node.spawn(replace(spec, name=f"{spec.name}@{name}", args=args))

    def tell(self, ref: Ref[Any], msg: ActorProtocol) -> None:
        """Send a message from outside."""
        self.some_node.tell(ref, msg)

    def running(self, ref: Ref[Any]) -> bool:
        """Whether an actor runs at the path now."""
        return self.cluster.node_of(ref) is not None

    def actor(self, ref: Ref[Any]) -> Any:  # noqa: ANN401 - an actor of any class
        """Return the actor itself.

        Raises:
            KeyError: it does not run.
        """
        node = self.cluster.node_of(ref)
        if node is None:
            raise KeyError(ref.path)
        return node.actor(ref)

    def run(self) -> None:
        """Go on until nothing more happens at this time, and nothing is on its way between nodes."""
        if self._restless and self._rng.random() < OFTEN:
            self.move(self._restless)
        self.cluster.run()
        while self._waits and not self._at_rest():
            self.cluster.advance(BETWEEN_LOOKS)

    def _at_rest(self) -> bool:
        alive = [node for node in self.nodes.values() if node.alive]
        return all(session.idle for node in alive for session in node.cluster.sessions.values())

    def advance(self, seconds: float) -> None:
        """Go on until so much virtual time has passed."""
        self.cluster.advance(seconds)

    def node_of(self, ref: Ref[Any]) -> str:
        """Return the name of the node on which an actor runs, or nothing."""
        node = self.cluster.node_of(ref)
        return "" if node is None else node.name

    def kill(self, name: str) -> None:
        """End a node in the middle of whatever it does."""
        self.cluster.kill(name)

    def connect(self, endpoint: Endpoint, *, fingerprint: str = "", node: str = "") -> Peer:
        """Connect from outside to a node, or to any."""
        node = node or self.some_node.name
        return self.nodes[node].connect(_on(node, endpoint), fingerprint=fingerprint)

    def serve(self, endpoint: Endpoint) -> Server:
        """Let actors dial an endpoint."""
        return self.some_node.serve(endpoint)

    def refuse(self, endpoint: Endpoint, reason: str = "connection refused") -> None:
        """Let dials of an endpoint fail."""
        self.some_node.refuse(endpoint, reason)

    def move(self, path: str) -> None:
        """Begin to move an actor, with its group, to some other node."""
        node = self.cluster.node_of(Ref(path))
        if node is None:
            return
        other = self._rng.choice(list(node.cluster.sessions))
        try:
            node.cluster.moving.move(path, other, self.moves.append)
        except MoveError as error:
            self.moves.append(str(error))


def _on(node: str, endpoint: Endpoint) -> Endpoint:
    """Return the endpoint of a node that stands for one of a lone bouncer."""
    if endpoint.path:
        return replace(endpoint, path=f"{endpoint.path}.{node}")
    return replace(endpoint, host=f"{node}.{endpoint.host}")
