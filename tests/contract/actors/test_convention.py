"""Several nodes in one convention: what Thespian's own tests do not ask."""

import pytest
from thespian.actors import (
    ActorExitRequest,
    NoCompatibleSystemForActor,
)

from actors import ChildSpec
from tests.contract.actors.systems import (
    HERE,
    SHORTLY,
    WAIT,
    Counter,
    DeadLetters,
    Double,
    Endless,
    HubSystems,
    LinkedSystems,
    Note,
    Parent,
    Systems,
    patiently,
)


def test_messages_to_a_child_keep_their_order_while_it_is_made(nodes: Systems) -> None:
    parent = nodes.start(Parent, "b")
    child = nodes.ask("a", parent, ("begin", "c", 50)).address
    for _ in patiently():
        if len(told := nodes.ask("a", child, "told?")) == 100:
            break
    assert told == list(range(100))


def test_a_parent_knows_its_child_by_one_address(nodes: Systems) -> None:
    """Its own, the sender's, and the one that the child says of itself."""
    parent = nodes.start(Parent, "b")
    nodes.ask("a", parent, ("begin", "c", 1))
    assert nodes.ask("a", parent, "know it?") == (True, True)


def test_everybody_else_knows_a_child_by_the_address_on_its_node(nodes: Systems) -> None:
    parent = nodes.start(Parent, "b")
    child = nodes.ask("a", parent, ("begin", "c", 1)).address
    assert nodes.ask("c", child, Note("whose?")).address == child
    assert "~c/" in str(child)


def test_a_parent_hears_of_a_child_whose_node_has_died(hub: HubSystems) -> None:
    parent = hub.start(Parent, "b")
    hub.ask("a", parent, ("begin", "c", 1))
    assert hub.ask("a", parent, ("tell", hub.bases["a"].address_of(hub.bases["a"]._endpoint.ref))) == "noted"
    hub.carriers["c"].cut()
    assert hub.systems["a"].listen(WAIT) == ("ChildActorExited", True)


def test_a_child_ends_with_the_node_of_its_parent(hub: HubSystems) -> None:
    parent = hub.start(Parent, "b")
    child = hub.ask("a", parent, ("begin", "c", 1)).address
    assert hub.ask("a", child, "told?") is not None
    hub.carriers["b"].cut()
    letters = hub.start(DeadLetters, "a")
    hub.ask("a", letters, "begin")
    for _ in patiently():
        if found := hub.ask("a", letters, "letters?"):
            break
        hub.systems["a"].tell(child, "there?")
    assert found[0] == (child, "there?")


def test_a_child_ends_with_its_parent(nodes: Systems) -> None:
    parent = nodes.start(Parent, "b")
    child = nodes.ask("a", parent, ("begin", "c", 1)).address
    nodes.systems["a"].tell(parent, ActorExitRequest())
    ref = nodes.bases["c"]._addresses.ref(child)
    assert ref is not None
    for _ in patiently():
        if not nodes.bases["c"].running(ref):
            break


def test_what_finds_nobody_on_another_node_is_a_dead_letter_of_its_sender(nodes: Systems) -> None:
    letters = nodes.start(DeadLetters, "a")
    nodes.ask("a", letters, "begin")
    gone = nodes.start(Counter, "b")
    nodes.systems["a"].tell(gone, ActorExitRequest())
    nodes.systems["a"].tell(gone, Note("lost"))
    for _ in patiently():
        if found := nodes.ask("a", letters, "letters?"):
            break
    ((address, letter),) = found
    assert (address, letter.what) == (gone, "lost")


def test_what_may_not_travel_comes_back_to_its_sender(nodes: Systems) -> None:
    counter = nodes.start(Counter, "b")
    parent = nodes.start(Parent, "a")
    assert nodes.ask("a", parent, ("send", counter, [open]))[0] == "PoisonMessage"


def test_a_node_that_leaves_is_no_member_any_more(hub: HubSystems) -> None:
    hub.start(Counter, "c")
    hub.systems["c"].shutdown()
    with pytest.raises(NoCompatibleSystemForActor):
        hub.systems["a"].createActor(Counter, targetActorRequirements={"name": "c"})


def test_the_leader_may_come_and_go_without_an_actor_noticing(hub: HubSystems) -> None:
    parent = hub.start(Parent, "b")
    child = hub.ask("a", parent, ("begin", "c", 1)).address
    hub.carriers["a"].cut()
    assert hub.ask("b", parent, "know it?") == (True, True)
    assert hub.ask("c", child, Note("whose?")).address == child


def test_what_is_created_nowhere_says_so(nodes: Systems) -> None:
    with pytest.raises(NoCompatibleSystemForActor):
        nodes.systems["b"].createActor(Endless)


def test_actors_of_both_kinds_talk_to_each_other_over_nodes(nodes: Systems) -> None:
    refs = {name: nodes.bases[name].spawn(ChildSpec(f"doubler-of-{name}", f"{HERE}:Doubler")) for name in "ab"}
    doublers = [nodes.bases[name].address_of(ref) for name, ref in refs.items()]
    parent = nodes.start(Parent, "c")
    for doubler in doublers:
        for _ in patiently():
            # At first others may not know yet where it is.
            nodes.systems["a"].tell(parent, ("send", doubler, Double(21)))
            if (answer := nodes.systems["a"].listen(SHORTLY)) is not None:
                break
        assert answer == (Double(42), doubler)
        nodes.forget("a")


def test_thespian_ends_an_actor_of_ours_on_another_node(nodes: Systems) -> None:
    ref = nodes.bases["b"].spawn(ChildSpec("ended", f"{HERE}:Doubler"))
    parent = nodes.start(Parent, "c")
    for _ in patiently():
        # At first others may not know yet where it is.
        nodes.systems["a"].tell(parent, ("send", nodes.bases["b"].address_of(ref), ActorExitRequest()))
        if not nodes.bases["b"].running(ref):
            break


def test_a_node_registers_again_with_a_leader_that_was_lost(linked: LinkedSystems) -> None:
    leader = linked.bases["a"].cluster
    assert leader is not None
    linked.bases["a"]._in_loop(leader.lose, "b", "the test wants it")
    linked.start(Counter, "b")
