"""Nodes of a cluster in one thread and virtual time, with the daemon's part and a stand-in for its registry in each."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, cast

import msgspec

from actors import Actor, ActorProtocol, ChildSpec, Ref, Turn, on
from actors.bases.inline import InlineCluster, InlineNode
from actors.bases.node import NodeBase
from actors.cluster.hello import Hello, Role
from soju_actors.config.settings import Cluster
from soju_actors.config.settings import Role as RoleSetting
from soju_actors.messages.cluster import ConfirmMove, MoveConfirmed, NodeSeen, NodesSeen, RunCluster
from soju_actors.messages.registry import AdminDone
from soju_actors.nodes import Nodes
from soju_actors.nodes.presence import is_user

NODES: Ref[Any] = Ref("nodes")


class ToQuiet(ActorProtocol):
    """What a user accepts here."""

    __slots__ = ()


class Hush(msgspec.Struct, ToQuiet, frozen=True, tag="test.hush"):
    """Do nothing."""


class Quiet(Actor[ToQuiet]):
    """A user that does nothing."""

    __slots__ = ()

    @on(Hush)
    def hush(self, msg: Hush, turn: Turn) -> None:
        """Do nothing."""


class ToHome(ActorProtocol):
    """What the parent of users accepts here."""

    __slots__ = ()


class UserStarts(msgspec.Struct, ToHome, frozen=True, tag="test.user-starts"):
    """Have a user run here."""

    name: str


class Home(Actor[ToHome]):
    """The parent of users."""

    __slots__ = ()

    @on(UserStarts)
    def user_starts(self, msg: UserStarts, turn: Turn) -> None:
        """Start a user."""
        turn.spawn(ChildSpec(msg.name, f"{__name__}:Quiet", path=f"user/{msg.name}"))


class Registry:
    """Gives every lease away that it is asked for, and remembers what it was told."""

    def __init__(self, node: InlineNode) -> None:
        self.node = node
        self.nodes: dict[str, NodeSeen] = {}
        self.answered: dict[str, str] = {}
        self.answers: list[AdminDone] = []
        self.me = node.answer_at(f"registry@{node.name}", self.receive)

    def receive(self, _: Ref[Any] | None, msg: Any) -> None:  # noqa: ANN401 - any message
        """Take what the daemon's part has to say."""
        match msg:
            case NodesSeen():
                self.nodes = {node.name: node for node in msg.nodes}
                self.answered = {path: answer.node for path, answer in msg.answers.items()}
            case ConfirmMove():
                self.node.tell(NODES, MoveConfirmed(msg.request))
            case AdminDone():
                self.answers.append(msg)


class Loop:
    """Does at once what would be done in another thread."""

    def run_in_executor(self, _: None, call: Callable[[], Any]) -> Future[Any]:
        """Call something; the future is done."""
        future: Future[Any] = Future()
        future.set_result(call())
        return future


class ClusterOfNodes:
    """Nodes by name; one starts when it is first connected with the others."""

    def __init__(self, names: str, **settings: Any) -> None:  # noqa: ANN401 - of any kind
        self.settings = settings
        self.inline = InlineCluster(names, packages=("tests", "soju_actors", "actors"))
        self.nodes: dict[str, Nodes] = {}
        self.registries: dict[str, Registry] = {}
        for name in names:
            self._start(name)
        for name in names:
            for other in names:
                if other != name:
                    self._joined(name, other)
        self.inline.advance(0.5)

    def _start(self, name: str) -> None:
        node = self.inline.nodes[name]
        settings = Cluster(**{"node": name, "role": RoleSetting.BOTH, **self.settings})
        node.loop = Loop()  # type: ignore[attr-defined]
        nodes = self.nodes[name] = Nodes(cast("NodeBase", node), settings)
        self.registries[name] = Registry(node)
        node.spawn(ChildSpec(f"home@{name}", f"{__name__}:Home"))
        nodes.take_part()
        nodes.begin()

    def _joined(self, name: str, other: str) -> None:
        """Have a node know another one, as its greeting does."""
        settings = Cluster(**{"node": other, "role": RoleSetting.BOTH, **self.settings})
        role = Role(settings.role.value)
        hello = Hello(
            cluster="test", node=other, incarnation=1, clock=0.0, address=f"{other}:1", zone=settings.zone, role=role
        )
        for call in self.inline.nodes[name].cluster.on_joined:
            call(hello)

    def node(self, name: str) -> InlineNode:
        """Return the engine of a node."""
        return self.inline.nodes[name]

    def start_users(self, name: str, *users: str) -> None:
        """Have users run on a node."""
        for user in users:
            self.node(name).tell(Ref("home"), UserStarts(user))
        self.inline.run()

    def say(self, name: str, client: str, user: str) -> None:
        """Have an actor of a node say something to a user."""
        self.node(name).tell(Ref(f"user/{user}"), Hush(), sender=Ref(client))

    def users_on(self, name: str) -> list[str]:
        """Return the paths of the users that run on a node."""
        return [path for path in self.node(name).cluster.kernel.running if is_user(path)]

    def users(self) -> dict[str, int]:
        """Return how many users run on each node."""
        return {name: len(self.users_on(name)) for name in self.nodes if self.node(name).alive}

    def run(self, name: str, command: str, *words: str) -> AdminDone:
        """Give a command to a node; return the answer."""
        registry = self.registries[name]
        self.node(name).tell(NODES, RunCluster(command, words, 1), sender=registry.me)
        before = len(registry.answers)
        for _ in range(200):
            self.inline.advance(0.1)
            if len(registry.answers) > before:
                return registry.answers[-1]
        raise AssertionError(f"{command} was not answered")
