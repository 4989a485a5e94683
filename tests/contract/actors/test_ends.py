"""Watches, and ends in order."""

from typing import Any

import pytest

from actors import ChildGone, Down, Ref, Turn
from tests.contract.actors.cast import Puppet, Say, ref, stage
from tests.contract.actors.worlds import World


def watch(world: World, watcher: Ref[Any], *watched: Ref[Any]) -> None:
    for one in watched:
        world.do(watcher, lambda _, turn, one=one: turn.watch(one))  # type: ignore[misc]


def test_the_end_of_a_watched_actor_is_told_once(world: World) -> None:
    alice, bob = world.puppet("alice"), world.puppet("bob")
    watch(world, alice, bob, bob)
    world.do(bob, lambda _, turn: turn.stop())
    assert [(h.message, h.sender) for h in world.hearings(alice)] == [(Down(bob, "stopped"), "bob")]


def test_a_failure_is_an_end_too_and_the_watch_is_over_then(world: World) -> None:
    alice, bob = world.puppet("alice"), world.puppet("bob")
    watch(world, alice, bob)
    world.fail(bob)
    world.advance(1.0)
    world.fail(bob)
    assert world.heard(alice) == [Down(bob, "failed on Do")]


def test_a_watch_on_nobody_is_told_at_once(world: World) -> None:
    alice = world.puppet("alice")
    watch(world, alice, ref("nobody"))
    assert world.heard(alice) == [Down(ref("nobody"), "not running")]


def test_what_a_watched_actor_said_comes_before_its_end(world: World) -> None:
    alice = world.puppet("alice")
    bob = world.puppet("bob", last=lambda _, turn: turn.send(alice, Say("goodbye")))
    watch(world, alice, bob)
    world.do(bob, lambda _, turn: turn.stop())
    assert world.heard(alice) == [Say("goodbye"), Down(bob, "stopped")]


def test_an_actor_that_watches_no_more_is_not_told(world: World) -> None:
    alice, bob = world.puppet("alice"), world.puppet("bob")
    watch(world, alice, bob)
    world.do(alice, lambda _, turn: turn.unwatch(bob))
    world.do(bob, lambda _, turn: turn.stop())
    assert world.heard(alice) == []


def test_a_watch_does_not_outlive_its_watcher(world: World) -> None:
    alice, bob = world.puppet("alice"), world.puppet("bob")
    watch(world, alice, bob)
    world.fail(alice)
    world.advance(1.0)
    world.do(bob, lambda _, turn: turn.stop())
    assert world.running("alice")
    assert world.heard(alice) == []


def test_children_end_before_their_parents(world: World) -> None:
    def family(_: Puppet, turn: Turn) -> None:
        turn.spawn(world.spec("b", first=lambda _, turn: turn.spawn(world.spec("c"))))
        turn.spawn(world.spec("d"))

    a = world.puppet("a", family)
    world.do(a, lambda _, turn: turn.stop())
    ends = [h.by for h in stage.heard if h.message == "stopping"]
    assert set(ends) == {"a", "a/b", "a/b/c", "a/d"}
    assert ends.index("a/b/c") < ends.index("a/b") < ends.index("a")
    assert ends[-1] == "a"


def test_what_was_sent_before_a_stop_is_handled_before_it(world: World) -> None:
    parent = world.puppet("parent", lambda _, turn: turn.spawn(world.spec("child")))
    child = ref("parent/child")

    def script(_: Puppet, turn: Turn) -> None:
        turn.send(child, Say("before"))
        turn.stop(child)
        turn.send(child, Say("after"))

    world.do(parent, script)
    assert world.heard(child) == [Say("before"), "stopping"]
    assert world.heard(parent) == [ChildGone(child, "stopped")]


def test_an_actor_that_stops_itself_finishes_its_turn(world: World) -> None:
    alice, bob = world.puppet("alice"), world.puppet("bob")

    def script(_: Puppet, turn: Turn) -> None:
        turn.stop()
        turn.send(bob, Say("my last words"))
        turn.send(turn.me, Say("to nobody"))

    world.do(alice, script)
    assert world.heard(bob) == [Say("my last words")]
    assert world.heard(alice) == ["stopping"]


def test_a_last_turn_that_raises_is_an_end_like_any_other(world: World, caplog: pytest.LogCaptureFixture) -> None:
    def fail(_: Puppet, __: Turn) -> None:
        raise RuntimeError("as the script says")

    alice, bob = world.puppet("alice", last=fail), world.puppet("bob")
    watch(world, bob, alice)
    world.do(alice, lambda _, turn: turn.stop())
    world.advance(10.0)
    assert world.heard(bob) == [Down(alice, "stopped")]
    assert not world.running("alice")
    assert "alice failed in its last turn" in caplog.text


def test_only_children_and_oneself_can_be_stopped(world: World) -> None:
    errors: list[str] = []

    def script(_: Puppet, turn: Turn) -> None:
        for other in (ref("bob"), ref("alice/child/grandchild"), ref("alic/x")):
            try:
                turn.stop(other)
            except ValueError as error:
                errors.append(str(error))

    alice = world.puppet("alice")
    world.do(alice, script)
    assert errors == [f"{path} is not a child of alice" for path in ("bob", "alice/child/grandchild", "alic/x")]


def test_a_top_level_actor_can_be_stopped_and_its_name_used_again(world: World) -> None:
    alice = world.puppet("alice")
    with pytest.raises(ValueError, match="there is an actor 'alice' already"):
        world.puppet("alice")
    world.stop(alice)
    assert not world.running("alice")
    world.puppet("alice")
    assert world.running("alice")
