"""Where a user's actors run, and the owners of its sockets."""

import random
from collections import Counter

import pytest
from msgspec.structs import replace

from actors import ChildSpec, Place, Ref
from actors.placement import BUILT_IN, UNKNOWN, Measure
from soju_actors.messages.cluster import LoadSeen, NodeSeen
from soju_actors.model.records import User, UserId
from soju_actors.policy.egress import parse_egress
from soju_actors.registry.placing import How, node_for, node_for_socket, nodes_for, view_of
from soju_actors.registry.state import Known

NODES = {
    "core": NodeSeen("core", "eu", "core", {}),
    "edge": NodeSeen("edge", "eu", "edge", {}),
}


def chance() -> random.Random:
    return random.Random(1)  # noqa: S311 - to be repeated


def socket_of(
    here: str, nodes: dict[str, NodeSeen], strategy: str = "rendezvous", egress: str = "", now: float = 0.0
) -> str:
    wish = parse_egress(egress)
    child = ChildSpec("upstream-1", "x:Y", place=Place.ANYWHERE, zones=wish.zones, needs=wish.needs)
    view = view_of(nodes, now, sockets=True)
    return node_for_socket(child, Ref("user/alice/upstream-1"), here, view, How(strategy, chance()))


@pytest.mark.parametrize("strategy", sorted(BUILT_IN))
def test_users_go_to_the_core_and_sockets_to_the_edge(strategy: str) -> None:
    assert node_for("user/alice", view_of(NODES, 0.0), strategy, chance()) == "core"
    assert socket_of("core", NODES, strategy) == "edge"


def seen(name: str, users: int, sockets: int = 0, *, busy: float = 0.0, at: float = 100.0) -> NodeSeen:
    return NodeSeen(name, "eu", "both", {}, load=LoadSeen(users, users, sockets, busy, 0.0, at))


def known(*numbers: int) -> list[Known]:
    return [Known(User(UserId(number), f"u{number}", "hash"), Ref(f"user/u{number}")) for number in numbers]


def test_a_user_goes_where_fewest_are_and_a_socket_where_fewest_of_those_are() -> None:
    nodes = {"a": seen("a", 100, 300), "b": seen("b", 200, 30)}
    assert node_for("user/x", view_of(nodes, 101.0), "least-loaded", chance()) == "a"
    assert socket_of("core", {**nodes, "core": NODES["core"]}, "least-loaded", now=101.0) == "b"


def test_a_node_whose_thread_is_busy_gets_nothing_though_few_run_there() -> None:
    nodes = {"a": seen("a", 1, busy=0.9), "b": seen("b", 200)}
    assert node_for("user/x", view_of(nodes, 101.0), "least-loaded", chance()) == "b"


def test_a_number_is_as_old_as_the_time_since_it_was_heard() -> None:
    view = view_of({"a": seen("a", 1, at=100.0), "c": NODES["core"]}, 112.5)
    assert view.node["a"].load.weight == Measure(1, 12.5)
    assert not view.is_fresh(view.node["a"])
    assert view.node["core"].load.weight == UNKNOWN


def test_what_a_node_has_told_is_in_the_view_and_what_it_has_not_is_unknown() -> None:
    load = LoadSeen(2, 20, 3, 0.5, 100.0, 7.0, bytes=5e4, waiting=6, memory=8_000_000)
    view = view_of({"a": replace(seen("a", 1), load=load), "b": seen("b", 1)}, 10.0)
    told = view.node["a"].load
    assert (told.bytes, told.waiting, told.memory) == (Measure(5e4, 3.0), Measure(6, 3.0), Measure(8_000_000, 3.0))
    assert view.node["b"].load.bytes == view.node["b"].load.waiting == view.node["b"].load.memory == UNKNOWN


def test_a_node_says_how_many_users_it_is_made_for_and_how_many_it_is_given_at_most() -> None:
    nodes = {"a": replace(seen("a", 0), capabilities={"capacity": 10, "limit": 12.5}), "b": seen("b", 0)}
    found = view_of(nodes, 100.0).node["a"]
    assert (found.capacity, found.limit) == (10.0, 12.5)
    assert view_of(nodes, 100.0, sockets=True).node["a"].limit is None, "a user has many"
    odd = {"a": replace(seen("a", 0), capabilities={"capacity": True, "limit": "many"})}
    assert (view_of(odd, 100.0).node["a"].capacity, view_of(odd, 100.0).node["a"].limit) == (1000.0, None)
    places = Counter(node for _, node in nodes_for(known(*range(1, 41)), view_of(nodes, 100.0), "least-loaded"))
    assert places["a"] < places["b"]


def test_users_are_packed_node_by_node_and_spread_zone_by_zone() -> None:
    nodes = {name: replace(seen(name, 0), capabilities={"capacity": 20}) for name in "abc"}
    places = Counter(node for _, node in nodes_for(known(*range(1, 31)), view_of(nodes, 100.0), "pack"))
    assert sorted(places.values()) == [10, 20]
    zoned = {"a": seen("a", 0), "b": seen("b", 0), "c": replace(seen("c", 0), zone="us")}
    places = Counter(node for _, node in nodes_for(known(*range(1, 41)), view_of(zoned, 100.0), "spread"))
    assert places == {"a": 10, "b": 10, "c": 20}


@pytest.mark.parametrize("strategy", ["least-loaded", "power-of-two", "random", "round-robin", "spread"])
def test_many_users_do_not_all_go_to_the_node_that_was_idle(strategy: str) -> None:
    nodes = {name: seen(name, 0) for name in "abc"}
    places = Counter(node for _, node in nodes_for(known(*range(1, 61)), view_of(nodes, 100.0), strategy))
    assert min(places[name] for name in "abc") >= 10


@pytest.mark.parametrize("strategy", sorted(BUILT_IN))
def test_nodes_that_see_the_same_answer_the_same(strategy: str) -> None:
    nodes = {name: seen(name, 0) for name in "abc"}
    users = known(*range(1, 31))
    here = [(one.user.id, node) for one, node in nodes_for(users, view_of(nodes, 100.0), strategy)]
    there = nodes_for(users[::-1], view_of(dict(reversed(nodes.items())), 100.0), strategy)
    assert [(one.user.id, node) for one, node in there] == here


def test_where_there_is_no_edge_no_socket_is_placed() -> None:
    assert socket_of("core", {"core": NODES["core"]}) == ""


SPOTS = {
    "a": NodeSeen("a", "us", "both", {}),
    "b": NodeSeen("b", "eu/de", "both", {"tor": True}),
    "c": NodeSeen("c", "eu/fr", "edge", {"address 192.0.2.7": True}),
    "d": NodeSeen("d", "eu/fr", "core", {"tor": True}),
}


@pytest.mark.parametrize("strategy", sorted(BUILT_IN))
@pytest.mark.parametrize(
    ("egress", "node"),
    [
        ("", "a"),
        ("zone=us", "a"),
        ("zone=eu/de", "b"),
        ("zone=eu/fr", "c"),
        ("zone=eu,capability=tor", "b"),
        ("zone=eu,address=192.0.2.7", "c"),
        ("zone=eu/fr,capability=tor", ""),
        ("zone=e", ""),
        ("zone=eu/de/1", ""),
        ("capability=tor=false", "a"),
        ("capability=tor=onion", ""),
        ("address=192.0.2.8", ""),
    ],
)
def test_a_socket_is_where_its_network_asks_for(egress: str, node: str, strategy: str) -> None:
    assert socket_of("a", SPOTS, strategy, egress) == node


def test_a_node_that_is_asked_for_and_here_is_the_one() -> None:
    for here in ("b", "c"):
        assert socket_of(here, SPOTS, egress="zone=eu") == here


def test_a_node_that_is_being_emptied_gets_no_connection_that_can_be_elsewhere() -> None:
    spots = SPOTS | {"b": NodeSeen("b", "eu/de", "both", {}, draining=True)}
    assert socket_of("b", spots, egress="zone=eu") == "c"
    assert socket_of("b", spots) == "b"
