"""Where a user's actors run, and the owners of its sockets."""

import random

import pytest

from actors.placement import BUILT_IN
from soju_actors.messages.cluster import NodeSeen
from soju_actors.registry.placing import node_for

NODES = {
    "core": NodeSeen("core", "eu", "core", {}),
    "edge": NodeSeen("edge", "eu", "edge", {}),
}


def chance() -> random.Random:
    return random.Random(1)  # noqa: S311 - to be repeated


@pytest.mark.parametrize("strategy", sorted(BUILT_IN))
def test_users_go_to_the_core_and_sockets_to_the_edge(strategy: str) -> None:
    assert node_for("user/alice", NODES, strategy, chance()) == "core"
    assert node_for("user/alice/upstream-1", NODES, strategy, chance(), sockets=True) == "edge"


def test_where_there_is_no_edge_no_socket_is_placed() -> None:
    core = {"core": NODES["core"]}
    assert node_for("user/alice/upstream-1", core, "rendezvous", chance(), sockets=True) == ""
