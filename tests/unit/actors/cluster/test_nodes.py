"""Nodes that are lost, connections that break, and the order of what takes several ways."""

import random
from typing import Any

import pytest

from actors import ChildGone, ChildRestarted, Down, Ref, Restart, Returned, Turn, Undelivered
from actors.bases.inline import InlineCluster
from actors.supervision import ChildSpec, Place
from tests.contract.actors.cast import PUPPET, Do, Puppet, Say, Script, Stage, ref, stage


class Nodes:
    """Three nodes with puppets where the test wants them."""

    def __init__(self, lag: Any = None) -> None:  # noqa: ANN401 - a function or nothing
        Stage.__init__(stage)
        self.cluster = InlineCluster("abc", seed=1, lag=lag)
        for node in self.cluster.nodes.values():
            node.cluster.placer = lambda spec, _: spec.name.partition("-")[0]

    def puppet(self, name: str) -> Ref[Any]:
        """Start an actor on the node that its name begins with."""
        here = self.cluster.nodes[name[0]].spawn(ChildSpec(name, PUPPET))
        self.cluster.run()
        return here

    def do(self, actor: Ref[Any], script: Script) -> None:
        node = self.cluster.node_of(actor)
        assert node is not None
        node.tell(actor, Do(stage.script(script)))
        self.cluster.run()

    def child(self, parent: Ref[Any], name: str, **spec: Any) -> Ref[Any]:  # noqa: ANN401 - of any field
        """Let an actor have a child on the node that its name begins with."""
        self.do(parent, lambda _, turn: turn.spawn(ChildSpec(name, PUPPET, place=Place.ANYWHERE, **spec)))
        return ref(f"{parent.path}/{name}")

    def where(self, actor: Ref[Any]) -> str:
        node = self.cluster.node_of(actor)
        return "" if node is None else node.name

    def heard(self, actor: Ref[Any], kind: type = object) -> list[Any]:
        return [h.message for h in stage.heard if h.by == actor.path and isinstance(h.message, kind)]


@pytest.fixture
def nodes() -> Nodes:
    return Nodes()


LOST = "node b is lost"


def test_a_child_runs_where_it_is_put_and_can_be_found_from_everywhere(nodes: Nodes) -> None:
    parent, other = nodes.puppet("a-parent"), nodes.puppet("c-other")
    child = nodes.child(parent, "b-child")
    assert nodes.where(child) == "b"
    for actor in (parent, other):
        nodes.do(actor, lambda _, turn: turn.send(child, Say("hello")))
    assert nodes.heard(child, Say) == [Say("hello")] * 2


def test_a_watcher_hears_of_a_node_that_is_lost_within_its_time(nodes: Nodes) -> None:
    alice, bob = nodes.puppet("a-alice"), nodes.puppet("b-bob")
    nodes.do(alice, lambda _, turn: turn.watch(bob))
    nodes.cluster.kill("b")
    nodes.cluster.advance(1.2)
    assert nodes.heard(alice) == []
    nodes.cluster.advance(0.5)
    assert nodes.heard(alice) == [Down(bob, LOST)]


def test_a_child_of_a_lost_node_starts_again_where_there_is_a_node(nodes: Nodes) -> None:
    parent = nodes.puppet("a-parent")
    child = nodes.child(parent, "b-child")
    nodes.cluster.kill("b")
    nodes.cluster.advance(4.0)
    assert nodes.where(child) == "a"
    assert nodes.heard(parent) == [ChildRestarted(child, LOST)]


def test_a_temporary_child_of_a_lost_node_is_gone(nodes: Nodes) -> None:
    parent = nodes.puppet("a-parent")
    child = nodes.child(parent, "b-child", restart=Restart.TEMPORARY)
    nodes.cluster.kill("b")
    nodes.cluster.advance(4.0)
    assert nodes.heard(parent) == [ChildGone(child, LOST)]


def test_what_ran_for_a_parent_on_a_lost_node_ends(nodes: Nodes) -> None:
    parent = nodes.puppet("b-parent")
    child = nodes.child(parent, "a-child")
    nodes.cluster.kill("b")
    nodes.cluster.advance(4.0)
    assert nodes.heard(child) == ["stopping"]
    assert nodes.where(child) == ""


def test_a_parent_that_ends_does_not_wait_for_a_child_on_a_lost_node(nodes: Nodes) -> None:
    parent = nodes.puppet("a-parent")
    nodes.child(parent, "b-child")
    nodes.cluster.kill("b")
    nodes.do(parent, lambda _, turn: turn.stop())
    nodes.cluster.advance(4.0)
    assert nodes.heard(parent) == ["stopping"]


def test_a_message_that_was_not_delivered_comes_back_when_the_node_is_lost(nodes: Nodes) -> None:
    alice, bob = nodes.puppet("a-alice"), nodes.puppet("b-bob")
    nodes.cluster.kill("b")
    nodes.do(alice, lambda _, turn: turn.send(bob, Say("there?"), undelivered=Undelivered.RETURN))
    nodes.cluster.advance(4.0)
    assert nodes.heard(alice) == [Returned(bob, Say("there?"))]
    nodes.do(alice, lambda _, turn: turn.send(bob, Say("now?"), undelivered=Undelivered.RETURN))
    assert nodes.heard(alice)[1:] == [Returned(bob, Say("now?"))]


def test_a_connection_that_breaks_for_a_second_costs_nothing(nodes: Nodes) -> None:
    alice, bob = nodes.puppet("a-alice"), nodes.puppet("b-bob")
    nodes.do(alice, lambda _, turn: turn.watch(bob))
    for number in range(10):
        nodes.cluster.cut("a", "b")
        nodes.do(alice, lambda _, turn, number=number: turn.send(bob, Say(str(number))))  # type: ignore[misc]
        nodes.cluster.advance(1.0)
        nodes.cluster.connect("a", "b")
        nodes.cluster.run()
    assert nodes.heard(bob) == [Say(str(number)) for number in range(10)]
    assert nodes.heard(alice) == []


def test_nodes_that_were_cut_off_for_long_begin_anew_and_know_each_others_actors(nodes: Nodes) -> None:
    alice, bob = nodes.puppet("a-alice"), nodes.puppet("b-bob")
    for actor, other in ((alice, bob), (bob, alice)):
        nodes.do(actor, lambda _, turn, other=other: turn.watch(other))  # type: ignore[misc]
    nodes.cluster.cut("a", "b")
    nodes.cluster.advance(4.0)
    assert nodes.heard(alice) == [Down(bob, LOST)]
    assert nodes.heard(bob) == [Down(alice, "node a is lost")]
    nodes.cluster.connect("a", "b")
    nodes.cluster.run()
    nodes.do(alice, lambda _, turn: turn.send(bob, Say("again")))
    assert nodes.heard(bob, Say) == [Say("again")]


def test_what_each_node_has_is_found_here_by_its_name_and_there_with_the_node(nodes: Nodes) -> None:
    for name in "ab":
        nodes.cluster.nodes[name].spawn(ChildSpec(f"store@{name}", PUPPET))
    alice = nodes.puppet("a-alice")

    def script(_: Puppet, turn: Turn) -> None:
        turn.send(ref("store"), Say("near"))
        turn.send(ref("store@b"), Say("far"))

    nodes.do(alice, script)
    assert nodes.heard(ref("store@a")) == [Say("near")]
    assert nodes.heard(ref("store@b")) == [Say("far")]


def test_the_name_of_what_each_node_has_is_whole_on_other_nodes(nodes: Nodes) -> None:
    bob = nodes.puppet("b-bob")
    store = nodes.cluster.nodes["a"].spawn(ChildSpec("store@a", PUPPET))
    nodes.cluster.run()
    nodes.do(store, lambda _, turn: turn.send(bob, Say("from the store")))
    assert [h.sender for h in stage.heard if h.by == bob.path] == ["store@a"]


@pytest.mark.parametrize("seed", range(20))
def test_order_holds_while_the_way_to_a_new_child_is_learned(seed: int) -> None:
    """A third node that hears of a child from its parent sends over the parent's node until it knows better."""
    rng = random.Random(seed)  # noqa: S311 - a test that repeats
    nodes = Nodes(lambda _, __, ___: rng.choice((0.001, 0.01, 0.1)))
    nodes.cluster.advance(1.0)
    parent, other = nodes.puppet("a-parent"), nodes.puppet("c-other")
    nodes.cluster.advance(1.0)
    nodes.child(parent, "b-child")
    child = ref("a-parent/b-child")
    for number in range(50):
        nodes.do(other, lambda _, turn, number=number: turn.send(child, Say(str(number))))  # type: ignore[misc]
        nodes.cluster.advance(rng.random() * 0.01)
    nodes.cluster.advance(2.0)
    assert nodes.heard(child) == [Say(str(number)) for number in range(50)]
