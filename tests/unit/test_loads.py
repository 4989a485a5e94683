"""What nodes tell each other of their load, and that it is used."""

from pathlib import Path
from typing import Any

import pytest

from actors import ChildSpec, mailbox
from actors.bases.inline import InlineSystem
from soju_actors.nodes import loads
from soju_actors.nodes.loads import Gauge, resident
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


def test_what_waits_and_the_memory_are_told_as_they_are() -> None:
    system = InlineSystem()
    user = system.spawn(ChildSpec("u", f"{nodes.__name__}:Quiet"))
    system.run()
    gauge = Gauge(system._kernel, memory=lambda: 123)
    for _ in range(3):
        mailbox.put(system._kernel.running[user.path], Hush())
    load = gauge.look(0)
    assert (load.waiting, load.memory, load.bytes) == (3, 123, 0.0)
    system.run()
    assert gauge.look(0).waiting == 0


def test_the_memory_is_that_of_this_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if loads.STATM.exists():
        assert 1_000_000 < (resident() or 0) < 100_000_000_000
    monkeypatch.setattr(loads, "STATM", tmp_path / "missing")
    assert resident() is None


def test_bytes_between_nodes_are_counted_on_both_and_stay_when_one_is_lost() -> None:
    cluster = ClusterOfNodes("ab")
    here, there = (cluster.inline.nodes[name].cluster for name in "ab")
    cluster.start_users("b", "alice")
    cluster.inline.advance(2.1)
    before = here.bytes, there.bytes
    for _ in range(100):
        cluster.say("a", "client", "alice")
    cluster.inline.advance(0.01)
    assert here.bytes - before[0] > 100
    assert here.bytes - before[0] == there.bytes - before[1]
    cluster.inline.advance(2.0)
    load = cluster.registries["a"].nodes["b"].load
    assert load is not None
    assert load.bytes
    counted = here.bytes
    cluster.inline.cut("a", "b")
    cluster.inline.advance(4.0)
    assert set(cluster.registries["a"].nodes) == {"a"}
    assert here.bytes >= counted


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
