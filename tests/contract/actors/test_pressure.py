"""Actors of Thespian's that send faster than others receive: they wait, and nothing grows without end or is lost."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from thespian.actors import ActorAddress, ActorExitRequest

from actors.bases.node import NodeBase, hosted, mail, outside, pressure
from actors.bases.node.hosted import HostedCell
from tests.contract.actors.systems import (
    WAIT,
    Counter,
    DeadLetters,
    Flooder,
    HubSystems,
    LinkedSystems,
    Parent,
    Systems,
    patiently,
)

TOTAL = 4000
MANY = 100


@pytest.fixture(autouse=True)
def waited(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let actors be behind soon; return who has waited, and goes on."""
    waited: list[str] = []
    go_on = HostedCell.go_on

    def note(cell: HostedCell) -> None:
        waited.append(cell.me.path)
        go_on(cell)

    monkeypatch.setattr(HostedCell, "go_on", note)
    monkeypatch.setattr(pressure, "MANY", MANY)
    monkeypatch.setattr(hosted, "FEW", MANY // 2)
    return waited


def in_loop(base: NodeBase, call: Callable[[], Any]) -> None:
    """Have something done at once in the loop of a node, between the turns of its actors."""
    done = threading.Event()
    base._soon(call)
    base._soon(done.set)
    assert done.wait(WAIT)


def told(systems: Systems, by: str, actor: ActorAddress, total: int) -> tuple[int, bool, int]:
    """Return how many numbers an actor was told, whether in order, and how many waited at most."""
    for _ in patiently():
        answer: tuple[int, bool, int] = systems.ask(by, actor, "told?")
        if answer[0] >= total:
            return answer
    raise AssertionError


@pytest.mark.parametrize("where", ["a", "b"])
def test_who_sends_too_fast_waits_and_nothing_is_lost(nodes: Systems, where: str, waited: list[str]) -> None:
    """On one node, and from one to another, which says how far behind it is."""
    flooder, slow = nodes.start(Flooder, "a"), nodes.start(Flooder, where)
    nodes.systems["a"].tell(flooder, ("flood", slow, TOTAL))
    count, in_order, most = told(nodes, "c", slow, TOTAL)
    assert (count, in_order) == (TOTAL, True)
    assert most >= MANY
    ref = nodes.bases["a"]._addresses.ref(flooder)
    assert ref is not None
    assert ref.path in waited
    assert nodes.systems["a"].listen(WAIT) == "done"


@pytest.mark.parametrize("where", ["a", "b"])
def test_two_that_send_to_each_other_do_not_wait_for_ever(nodes: Systems, where: str) -> None:
    one, other = nodes.start(Flooder, "a"), nodes.start(Flooder, where)
    nodes.systems["a"].tell(one, ("flood", other, TOTAL))
    nodes.systems["a"].tell(other, ("flood", one, TOTAL))
    for actor in (one, other):
        assert told(nodes, "c", actor, TOTAL)[:2] == (TOTAL, True)
    nodes.forget("a")


def test_who_waits_goes_on_when_the_other_ends(nodes: Systems) -> None:
    flooder, slow = nodes.start(Flooder, "a"), nodes.start(Flooder, "b")
    nodes.systems["a"].tell(flooder, ("flood", slow, TOTAL))
    nodes.systems["a"].tell(slow, ActorExitRequest())
    assert nodes.systems["a"].listen(WAIT) == "done"


def test_who_waits_goes_on_when_the_node_of_the_other_is_lost(hub: HubSystems) -> None:
    flooder, slow = hub.start(Flooder, "a"), hub.start(Flooder, "b")
    who_waits = hub.bases["a"]._kernel.host.pressure
    hub.systems["a"].tell(flooder, ("flood", slow, TOTAL))
    for _ in patiently():
        if who_waits._behind:
            break
    hub.carriers["b"].cut()
    assert hub.systems["a"].listen(WAIT) == "done"
    assert (who_waits._behind, who_waits._waiting, who_waits._told) == (set(), {}, {})


@pytest.mark.parametrize("where", ["a", "b"])
def test_what_is_too_much_of_who_cannot_wait_is_a_dead_letter(
    nodes: Systems, where: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A thread outside sends as fast as it likes."""
    letters, counter = nodes.start(DeadLetters, "a"), nodes.start(Counter, where)
    assert nodes.ask("a", letters, "begin") == "begun"
    assert nodes.ask("a", counter, "told?") == []
    here, there = nodes.bases["a"], nodes.bases[where]
    ref = there._addresses.ref(counter)
    assert ref is not None
    cell = there._kernel.host.cell(ref.path)
    assert cell is not None
    cell.limit, receiver = 10, cell.instance
    assert isinstance(receiver, Counter)
    host, outside_ref = here._kernel.host, here._endpoint.ref

    def send() -> None:
        for number in range(30):
            host.send(outside_ref, counter, number)

    in_loop(here, send)
    for _ in patiently():
        found = [letter for address, letter in nodes.ask("a", letters, "letters?") if address == counter]
        had = list(receiver.told)
        if len(found) + len(had) == 30:
            break
    assert sorted([*had, *found]) == list(range(30))
    assert had == sorted(had)
    assert where == "b" or len(found) == 20
    assert not found or "is too far behind: int of " in caplog.text


def test_who_ends_is_told_of_also_where_too_much_waits(nodes: Systems) -> None:
    counter = nodes.start(Counter, "a")
    host = nodes.bases["a"]._kernel.host
    ref = nodes.bases["a"]._addresses.ref(counter)
    assert ref is not None
    cell = host.cell(ref.path)
    assert cell is not None
    cell.limit = 3

    def send() -> None:
        for number in range(5):
            host.send(None, counter, number)
        host.send(None, counter, ActorExitRequest())

    in_loop(nodes.bases["a"], send)
    for _ in patiently():
        if not nodes.bases["a"].running(ref):
            break


def test_what_waits_for_a_child_that_is_being_made_is_bounded(nodes: Systems, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "MAILBOX", 5)
    letters, parent = nodes.start(DeadLetters, "b"), nodes.start(Parent, "b")
    assert nodes.ask("b", letters, "begin") == "begun"
    child = nodes.ask("a", parent, ("begin", "c", 10)).address
    for _ in patiently():
        had = nodes.ask("a", child, "told?")
        dead = [message for _, message in nodes.ask("b", letters, "letters?")]
        if len(had) + len(dead) >= 20:
            break
    assert had == [0, 1, 2, 3, 4]
    assert set(range(5, 20)) <= set(dead) | {19}


def test_what_nobody_outside_listens_for_is_bounded(nodes: Systems, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outside, "MAILBOX", 3)
    counter = nodes.start(Counter, "a")
    with nodes.systems["a"].private() as private:
        for _ in range(10):
            private.tell(counter, "told?")
        assert nodes.ask("a", counter, "told?") == []
        for _ in range(3):
            assert private.listen(WAIT) == []
        assert private.listen(0) is None


def test_what_is_too_large_to_travel_comes_back(nodes: Systems) -> None:
    counter, parent = nodes.start(Counter, "b"), nodes.start(Parent, "a")
    assert nodes.ask("a", parent, ("send", counter, bytes(9 << 20)))[0] == "PoisonMessage"


def test_who_sends_to_a_node_for_which_too_much_waits_waits(
    linked: LinkedSystems, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until there is room; nobody there is behind."""
    flooder, counter = linked.start(Flooder, "a"), linked.start(Counter, "b")
    assert linked.ask("a", counter, "told?") == []
    cluster = linked.bases["a"].cluster
    assert cluster is not None
    session = cluster.sessions["b"]
    monkeypatch.setattr(session, "_congested", True)
    who_waits = linked.bases["a"]._kernel.host.pressure
    flush = session.flush
    monkeypatch.setattr(session, "flush", lambda: None)
    linked.systems["a"].tell(flooder, ("flood", counter, 50))
    for _ in patiently():
        if who_waits._waiting:
            break
    assert list(who_waits._waiting) == ["@b"]
    monkeypatch.setattr(session, "flush", flush)
    in_loop(linked.bases["a"], session.flush)
    assert linked.systems["a"].listen(WAIT) == "done"
    for _ in patiently():
        if linked.ask("a", counter, "told?") == list(range(50)):
            break
