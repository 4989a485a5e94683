"""What nodes tell each other of their load, and that it is used."""

from typing import Any

import pytest

from actors import ChildSpec
from actors.bases.inline import InlineSystem
from soju_actors.nodes.loads import Gauge
from tests.support import nodes
from tests.support.nodes import ClusterOfNodes, Hush


class Cpu:
    """The time for which a thread was at work."""

    def __init__(self) -> None:
        self.spent = 0.0

    def __call__(self) -> float:
        return self.spent


def test_a_gauge_tells_what_was_done_since_the_last_look() -> None:
    system, cpu = InlineSystem(), Cpu()
    user = system.spawn(ChildSpec("u", f"{nodes.__name__}:Quiet"))
    system.run()
    gauge = Gauge(system._kernel, cpu)
    for _ in range(10):
        system.tell(user, Hush())
    cpu.spent += 0.5
    system.advance(2.0)
    load = gauge.look(users=1)
    assert (load.users, load.actors, load.sockets) == (1, 1, 0)
    assert load.busy == 0.25
    assert load.messages == 5.0
    assert load.at == system.now


def test_one_busy_second_does_not_make_a_busy_node() -> None:
    system, cpu = InlineSystem(), Cpu()
    gauge = Gauge(system._kernel, cpu)
    found = []
    for spent in (0.0, 1.0, 1.0, 0.0):
        cpu.spent += spent
        system.advance(1.0)
        found.append(gauge.look(0).busy)
    assert found == pytest.approx([0.0, 0.3, 0.51, 0.357])


def test_all_nodes_know_how_much_each_has_to_do_and_how_old_that_is() -> None:
    cluster = ClusterOfNodes("abc")
    cluster.start_users("a", "alice", "bob")
    cluster.start_users("b", "carol")
    cluster.inline.advance(2.1)
    for name in "abc":
        seen = cluster.registries[name].nodes
        loads = {node: seen[node].load for node in "abc"}
        assert {node: load.users for node, load in loads.items() if load} == {"a": 2, "b": 1, "c": 0}
        assert all(0.0 < cluster.inline.world.clock.time - load.at < 2.0 for load in loads.values() if load)


def test_what_a_silent_node_has_said_gets_old_until_the_node_is_lost() -> None:
    cluster = ClusterOfNodes("ab")
    cluster.inline.advance(1.0)
    cluster.inline.cut("a", "b")
    cluster.inline.advance(1.5)
    load = cluster.registries["a"].nodes["b"].load
    assert load is not None
    assert cluster.inline.world.clock.time - load.at > 1.5
    cluster.inline.advance(2.0)
    assert set(cluster.registries["a"].nodes) == {"a"}


def test_users_leave_a_drained_node_for_the_one_that_has_least_to_do() -> None:
    cluster = ClusterOfNodes("abc", placement="least-loaded")
    cluster.start_users("a", "alice", "bob")
    cluster.start_users("b", *(f"u{number}" for number in range(40)))
    cluster.inline.advance(2.0)
    answer: Any = cluster.run("a", "drain", "a")
    assert answer.error == ""
    assert cluster.users() == {"a": 0, "b": 40, "c": 2}
