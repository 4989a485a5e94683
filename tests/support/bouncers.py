"""A cluster of bouncers in virtual time: each node has a registry, and leases say which of them acts for a user."""

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any

import pytest
from msgspec.structs import replace

from actors import ChildSpec, Ref, Service
from actors.bases.inline import InlineNode
from soju_actors.adapters.database import Database, writer
from soju_actors.messages.cluster import ConfirmMove, MoveConfirmed, NodeSeen, NodesSeen
from soju_actors.messages.leases import LeasesArgs
from soju_actors.messages.registry import ClusterPart
from soju_actors.model.lease import Mandate, SessionId
from tests.support.databases import database_in_memory
from tests.support.leases import LeaseDatabase
from tests.support.spread import Spread
from tests.support.world import Setting, World

SETTLED = 4.0
"""Virtual seconds until all users run."""
MOST_USERS = 1000


class Bouncers(Spread):
    """Nodes of a cluster, each with all that a node has; users run where the leases say."""

    def __init__(self, names: str, *, database: Database, services: Mapping[str, Service], **more: Any) -> None:  # noqa: ANN401
        super().__init__(names, services=services, **more)
        self.leases = LeaseDatabase(lambda: self.now, MOST_USERS)
        self._confirming: dict[int, Any] = {}
        self._asked = 0
        for name, node in self.nodes.items():
            node.attach("writer", database.writer())
            for service in ("leaser", "renewer"):
                node.attach(service, self.leases)
            node.cluster.placer = lambda _, __, name=name: name  # type: ignore[misc]
            node.cluster.moving.departures.confirm = partial(self._confirm, node)
            node.cluster.on_lost.append(partial(self._see, node))
            self._answer_at_nodes(node)

    def _answer_at_nodes(self, node: InlineNode) -> None:
        """Stand for what knows the nodes, which is no actor."""
        kernel, route = node._kernel, node._kernel.route

        def routed(sender: Any, to: Ref[Any], msg: Any, *more: Any) -> None:  # noqa: ANN401
            if to.unmarked != "nodes":
                route(sender, to, msg, *more)
            elif isinstance(msg, MoveConfirmed):
                kernel.clock.later(0.0, self._confirming.pop(msg.request), msg.reason)

        kernel.route = routed  # type: ignore[method-assign, assignment]

    def _let_children_go(self, node: InlineNode) -> None:
        """Leave them where they are."""

    def spawn(self, spec: ChildSpec) -> None:
        """Start a top-level actor on each node; with the registry, the keeper of leases."""
        if spec.name != "registry":
            super().spawn(spec)
            return
        for name, node in self.nodes.items():
            part = ClusterPart(name, Ref("leases"))
            node.spawn(replace(spec, name=f"registry@{name}", args=replace(spec.args, cluster=part)))  # type: ignore[type-var]
            args = LeasesArgs(name, Ref("registry"), Ref("store"))
            node.spawn(ChildSpec(f"leases@{name}", "soju_actors.leases.actor:LeasesActor", args))
            self._see(node)

    def _see(self, node: InlineNode, *_: object) -> None:
        """Let a registry know which nodes its own one sees."""
        names = (node.name, *node.cluster.sessions)
        node.tell(Ref("registry"), NodesSeen(tuple(NodeSeen(name, "default", "both", {}) for name in names)))

    def meet(self, one: str, other: str) -> None:
        """Let two nodes see each other again."""
        self.cluster.connect(one, other)
        for name in (one, other):
            self._see(self.nodes[name])

    def lapsed(self, _: object, mandates: Collection[Mandate], of: SessionId | None) -> set[Mandate]:
        """Stand for what the writer asks PostgreSQL."""
        held = {lease.mandate for lease in self.leases.leases.values() if lease is not None and lease.session == of}
        return set(mandates) - held

    def to(self, path: str, node: str) -> None:
        """Begin to move a user."""
        at = self.cluster.node_of(Ref(path))
        assert at is not None, f"{path} runs nowhere"
        at.cluster.moving.move(path, node, self.moves.append)

    def _confirm(self, node: InlineNode, ref: Ref[Any], to: str, done: Any) -> None:  # noqa: ANN401
        if not ref.path.startswith("user/") or ref.path.count("/") > 1:
            done("")
            return
        self._asked += 1
        self._confirming[self._asked] = done
        node.tell(Ref("registry"), ConfirmMove(ref.path, to, self._asked))


def cluster_of_bouncers(
    names: str,
    monkeypatch: pytest.MonkeyPatch,
    setting: Setting | None = None,
    **more: Any,  # noqa: ANN401
) -> World:
    """Return nodes that act for all users of a new database."""
    setting = setting or Setting(users=())
    database = database_in_memory()
    setting.declare(database, {name: f"irc+insecure://irc.{name}.test" for name in setting.networks})
    made: list[Bouncers] = []

    def make(**given: Any) -> Bouncers:  # noqa: ANN401
        made.append(Bouncers(names, database=database, **given))
        monkeypatch.setattr(writer, "lapsed", made[0].lapsed)
        return made[0]

    world = World(setting, database=database, nodes=make, **more)
    world.advance(SETTLED)
    return world
