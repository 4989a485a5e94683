"""Users that the strategy moves by itself in a running cluster, within limits."""

import logging
from random import Random
from typing import Any

import pytest

from actors.placement import Limits, Move, Node, Peer, Side, Strategy, Traffic, View
from actors.placement.strategies.simple import random as anywhere
from soju_actors.messages.cluster import Talk, UsersThere
from soju_actors.nodes.moves import Carrying
from soju_actors.nodes.rebalancing import with_groups
from tests.support.fast import fast_first
from tests.support.nodes import ClusterOfNodes

USERS = tuple(f"u{number}" for number in range(1, 31))
REST = Limits().rest


def started_one_after_the_other(**settings: Any) -> ClusterOfNodes:  # noqa: ANN401 - of any kind
    """Three nodes, of which the first has all users."""
    cluster = ClusterOfNodes("abc", **settings)
    cluster.start_users("a", *USERS)
    return cluster


@pytest.mark.parametrize("strategy", fast_first(["least-loaded", "power-of-two", "spread"]))
def test_the_users_of_the_first_node_are_spread_over_those_that_came_later(strategy: str) -> None:
    cluster = started_one_after_the_other(placement=strategy, rebalance=10)
    cluster.inline.advance(REST)
    assert cluster.users() == {"a": 30, "b": 0, "c": 0}, "they have not been there for long"
    cluster.inline.advance(60.0)
    spread = cluster.users()
    assert sum(spread.values()) == 30
    assert max(spread.values()) - min(spread.values()) <= 3


def test_rendezvous_gives_each_new_node_its_share_and_then_nothing_moves() -> None:
    cluster = started_one_after_the_other(rebalance=10)
    cluster.inline.advance(REST + 60.0)
    spread = cluster.users()
    assert sum(spread.values()) == 30
    assert min(spread.values()) >= 5
    cluster.inline.advance(10 * REST)
    assert cluster.users() == spread


def test_nobody_moves_unless_that_is_wanted() -> None:
    cluster = started_one_after_the_other(placement="least-loaded")
    cluster.inline.advance(10 * REST)
    assert cluster.users() == {"a": 30, "b": 0, "c": 0}


def test_at_each_look_only_some_move() -> None:
    cluster = started_one_after_the_other(rebalance=10, placement="least-loaded")
    counts = []
    for _ in range(12):
        before = cluster.users()["a"]
        cluster.inline.advance(10.0)
        counts.append(before - cluster.users()["a"])
    assert max(counts) == Limits().moves
    assert sum(counts) >= 18


def test_what_is_even_stays_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    cluster = ClusterOfNodes("abc", rebalance=10, placement="least-loaded")
    for name, number in (("a", 10), ("b", 11), ("c", 9)):
        cluster.start_users(name, *(f"{name}{one}" for one in range(number)))
    cluster.inline.advance(10 * REST)
    assert cluster.users() == {"a": 10, "b": 11, "c": 9}
    assert "is to move" not in caplog.text


@pytest.mark.parametrize("strategy", fast_first(["near-client", "zone-aware", "exchange"]))
def test_a_user_follows_its_clients(strategy: str) -> None:
    cluster = ClusterOfNodes("abc", rebalance=10, placement=strategy, rest=20.0)
    for node, user in (("a", "u1"), ("a", "u2"), ("b", "u3"), ("c", "u4")):
        cluster.start_users(node, user)
    for _ in range(400):
        cluster.say("c", "listener@c/1", "u1")
        for node, user in (("a", "u2"), ("b", "u3"), ("a", "u4")):
            cluster.say(node, f"listener@{node}/1", user)
        cluster.inline.advance(0.2)
    assert cluster.users_on("c")[-1] == "user/u1"
    assert strategy == "exchange" or cluster.users_on("a") == ["user/u2", "user/u4"]


def test_a_user_follows_its_servers() -> None:
    cluster = ClusterOfNodes("ab", rebalance=10, placement="near-server", rest=20.0)
    cluster.start_users("a", "u1", "u2")
    for _ in range(400):
        cluster.say("b", "user/u1/upstream-1", "u1")
        cluster.inline.advance(0.2)
    assert cluster.users() == {"a": 1, "b": 1}
    assert cluster.users_on("b") == ["user/u1"]


def test_the_view_has_what_users_say_to_the_connections_of_each_node() -> None:
    talk = (Talk("user/u", "b", 10.0), Talk("user/u", "gone", 5.0))
    there = {
        "a": UsersThere(0, "a", 5, ("u",), 2, (70.0,), handled=(40.0,), talk=talk),
        "b": UsersThere(0, "b", 5, (), 2, talk=(Talk("user/u", "b", 2.0), Talk("user/u", "b", 1.0, servers=True))),
    }
    view = with_groups(View((Node("a"), Node("b"))), there)
    user, connections = view.groups
    assert (user.node, user.settled, user.messages) == ("a", 70.0, 40.0)
    assert user.spec.peers == (Peer(Side.CLIENT, "b", weight=12.0), Peer(Side.SERVER, "b", weight=1.0))
    assert (connections.unit, connections.node, connections.spec.sockets) == ("connections@b", "b", True)
    assert view.traffic == (Traffic("user/u", "connections@b", 13.0),)


def test_when_the_node_that_decides_is_lost_the_next_one_does() -> None:
    cluster = ClusterOfNodes("abc", rebalance=10, placement="least-loaded")
    cluster.start_users("c", *USERS)
    cluster.inline.kill("a")
    cluster.inline.advance(REST + 60.0)
    assert cluster.users() == {"b": 12, "c": 18}


def test_nobody_moves_while_it_is_not_known_what_runs_where(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    cluster = started_one_after_the_other(rebalance=10, placement="least-loaded")
    cluster.node("c").answer_at("nodes@c", lambda *_: None)
    cluster.inline.advance(REST + 60.0)
    assert cluster.users() == {"a": 30, "b": 0, "c": 0}
    assert "no user is moved now: of node c it is not known what runs there" in caplog.text


def restless(view: View, limits: Limits, chance: Random) -> tuple[Move, ...]:  # noqa: ARG001
    """Want everybody elsewhere, always."""
    return tuple(
        Move(group.unit, group.node, next(node for node in sorted(view.node) if node != group.node), "it is restless")
        for group in view.groups
    )


def broken(view: View, limits: Limits, chance: Random) -> tuple[Move, ...]:  # noqa: ARG001
    """Fail."""
    raise ZeroDivisionError("of its own")


RESTLESS = Strategy("restless", "wants everybody elsewhere", anywhere, restless)
BROKEN = Strategy("broken", "fails", anywhere, broken)


def test_a_strategy_that_wants_everybody_elsewhere_is_held_back() -> None:
    cluster = ClusterOfNodes("ab", rebalance=10, placement=f"{__name__}:RESTLESS")
    cluster.start_users("a", "u1")
    moves, at = 0, "a"
    for _ in range(60):
        cluster.inline.advance(10.0)
        now = "a" if cluster.users()["a"] else "b"
        moves, at = moves + (now != at), now
    assert 5 <= moves <= 600 / REST


def test_a_strategy_that_fails_is_told_of_and_moves_nobody(caplog: pytest.LogCaptureFixture) -> None:
    cluster = started_one_after_the_other(rebalance=10, placement=f"{__name__}:BROKEN")
    cluster.inline.advance(REST + 30.0)
    assert "the placement strategy is wrong: broken raised ZeroDivisionError: of its own" in caplog.text
    assert cluster.users() == {"a": 30, "b": 0, "c": 0}


class Slow:
    """A node whose moves end when the test wants that."""

    def __init__(self) -> None:
        self.begun: list[tuple[str, str]] = []
        self.ends: list[Any] = []

    def move_to(self, path: str, node: str, done: Any) -> None:  # noqa: ANN401 - takes a reason
        self.begun.append((path, node))
        self.ends.append(done)


def test_few_are_under_way_at_a_time_and_none_twice(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    slow: Any = Slow()
    carrying = Carrying(slow.move_to)
    moves = tuple((f"user/u{number}", "b") for number in range(12))
    carrying.add(moves)
    carrying.add(moves)
    assert slow.begun == list(moves[:8])
    slow.ends[0]("it moves already")
    assert slow.begun == list(moves[:9])
    assert "user/u0 does not move to node b: it moves already" in caplog.text
    for number in range(1, 12):
        slow.ends[number]("")
    assert slow.begun == list(moves)


def test_a_drained_node_gets_nobody() -> None:
    cluster = started_one_after_the_other(rebalance=10, placement="least-loaded")
    assert cluster.run("a", "drain", "c").error == ""
    cluster.inline.advance(REST + 60.0)
    assert cluster.users() == {"a": 18, "b": 12, "c": 0}
