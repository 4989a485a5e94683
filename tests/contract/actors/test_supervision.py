"""Failures: restarts, back-off, intensity, and who is told."""

import logging
from typing import Any

import pytest

from actors import ChildGone, ChildRestarted, ChildSpec, Ref, Restart, Turn
from tests.contract.actors.cast import Do, Puppet, Say, ref, stage
from tests.contract.actors.worlds import World

CHILD: Ref[Any] = ref("parent/child")
FAILED = "failed on Do"


def family(world: World, **spec: Any) -> Ref[Any]:  # noqa: ANN401
    """A parent with one child."""
    child = world.spec("child", **spec)
    return world.puppet("parent", lambda _, turn: turn.spawn(child))


def made() -> int:
    """How many puppets were made beside the parent."""
    return len(stage.puppets) - 1


def test_a_failed_child_starts_again_with_fresh_state(world: World) -> None:
    parent = family(world)
    world.do(CHILD, lambda puppet, _: setattr(puppet, "value", 1))
    world.fail(CHILD)
    assert world.heard(parent) == []
    world.advance(1.0)
    world.do(CHILD, lambda puppet, turn: puppet.hear(puppet.value, turn))
    assert world.heard(CHILD) == [0]
    assert world.heard(parent) == [ChildRestarted(CHILD, FAILED)]


def test_a_failure_is_logged_with_the_path_and_without_the_message(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    family(world)
    world.fail(CHILD)
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert record.getMessage() == "parent/child failed on Do"
    assert record.exc_info is not None


def test_the_pause_doubles_up_to_its_bound_and_the_supervisor_gives_up(world: World) -> None:
    parent = family(world, backoff=(1.0, 4.0), intensity=4, period=1000.0)
    pauses = []
    for _ in range(4):
        world.fail(CHILD)
        start = [h.at for h in world.hearings(parent)]
        passed = 0.0
        while len(world.hearings(parent)) == len(start):
            world.advance(0.25)
            passed += 0.25
        pauses.append(passed)
    assert 0.5 <= pauses[0] <= 1.25
    assert 1.0 <= pauses[1] <= 2.25
    assert 2.0 <= pauses[2] <= 4.25
    assert 2.0 <= pauses[3] <= 4.25
    world.fail(CHILD)
    world.advance(100.0)
    assert world.heard(parent, ChildGone) == [ChildGone(CHILD, FAILED, gave_up=True)]
    assert not world.running(CHILD.path)


def test_failures_further_apart_than_the_period_do_not_add_up(world: World) -> None:
    parent = family(world, intensity=1, period=10.0)
    for _ in range(3):
        world.fail(CHILD)
        world.advance(11.0)
    assert world.heard(parent) == [ChildRestarted(CHILD, FAILED)] * 3


@pytest.mark.parametrize(
    ("restart", "fails", "again"),
    [
        (Restart.PERMANENT, True, True),
        (Restart.PERMANENT, False, True),
        (Restart.TRANSIENT, True, True),
        (Restart.TRANSIENT, False, False),
        (Restart.TEMPORARY, True, False),
        (Restart.TEMPORARY, False, False),
    ],
)
def test_the_restart_kind_decides(world: World, restart: Restart, fails: bool, again: bool) -> None:
    parent = family(world, restart=restart)
    if fails:
        world.fail(CHILD)
    else:
        world.do(CHILD, lambda _, turn: turn.stop())
    world.advance(1.0)
    assert world.running(CHILD.path) is again
    reason = FAILED if fails else "stopped"
    told = ChildRestarted(CHILD, reason) if again else ChildGone(CHILD, reason)
    assert world.heard(parent) == [told]


def test_a_child_that_its_parent_stops_is_not_started_again(world: World) -> None:
    parent = family(world, restart=Restart.PERMANENT)
    world.do(parent, lambda _, turn: turn.stop(CHILD))
    world.advance(100.0)
    assert world.heard(parent) == [ChildGone(CHILD, "stopped")]
    assert made() == 1


def test_a_child_can_be_stopped_while_it_waits_for_its_restart(world: World) -> None:
    parent = family(world)
    world.fail(CHILD)
    world.do(parent, lambda _, turn: turn.stop(CHILD))
    world.advance(100.0)
    assert world.heard(parent) == [ChildGone(CHILD, "stopped")]
    assert made() == 1


def test_the_children_of_a_failed_actor_end_before_it_starts_again(world: World) -> None:
    def first(_: Puppet, turn: Turn) -> None:
        turn.spawn(world.spec("grandchild"))

    family(world, first=first)
    grandchild = ref("parent/child/grandchild")
    world.do(grandchild, lambda puppet, _: setattr(puppet, "value", 1))
    world.fail(CHILD)
    assert world.heard(grandchild) == ["stopping"]
    assert not world.running(grandchild.path)
    world.advance(1.0)
    world.do(grandchild, lambda puppet, turn: puppet.hear(puppet.value, turn))
    assert world.heard(grandchild) == ["stopping", 0]


def test_a_failed_actor_takes_no_last_turn(world: World) -> None:
    family(world)
    world.fail(CHILD)
    assert world.heard(CHILD) == []


def test_an_actor_that_fails_in_its_first_turn_is_restarted_and_given_up(world: World) -> None:
    parent = world.puppet(
        "parent", lambda _, turn: turn.spawn(ChildSpec("child", "tests.contract.actors.cast:Broken", intensity=2))
    )
    world.advance(100.0)
    assert world.heard(parent, ChildGone) == [ChildGone(CHILD, "failed on Start", gave_up=True)]
    assert made() == 3


def test_a_parent_without_a_handler_fails_with_a_child_that_is_given_up(world: World) -> None:
    world.start(ChildSpec("parent", "tests.contract.actors.cast:Careless", intensity=0))
    world.settle()
    assert world.gave_up == [("parent", "its child parent/child failed for good")]


def test_a_top_level_actor_that_is_given_up_is_reported(world: World, caplog: pytest.LogCaptureFixture) -> None:
    alice = world.puppet("alice", intensity=0)
    world.fail(alice)
    assert world.gave_up == [("alice", FAILED)]
    assert "alice failed on Do too often and is not started again" in caplog.text


def test_the_alarms_of_an_actor_end_with_it(world: World) -> None:
    family(world)
    world.do(CHILD, lambda _, turn: turn.after("alarm", 0.5, Say("from an earlier life")))
    world.fail(CHILD)
    world.advance(10.0)
    assert world.heard(CHILD) == []


def test_nothing_that_waited_is_handled_after_a_failure(world: World) -> None:
    family(world)

    def fail(_: Puppet, __: Turn) -> None:
        raise RuntimeError("as the script says")

    alice = world.puppet("alice")
    failing = stage.script(fail)

    def script(_: Puppet, turn: Turn) -> None:
        turn.send(CHILD, Do(failing))
        turn.send(CHILD, Say("too late"))

    world.do(alice, script)
    world.advance(10.0)
    assert world.heard(CHILD) == []


def test_a_neighbour_does_not_notice(world: World) -> None:
    bob = world.puppet("bob")
    world.do(bob, lambda puppet, _: setattr(puppet, "value", 1))
    family(world)
    world.fail(CHILD)
    world.do(bob, lambda puppet, turn: puppet.hear(puppet.value, turn))
    assert world.heard(bob) == [1]


@pytest.mark.parametrize("name", ["", "a/b"])
def test_a_top_level_name_is_one_part_of_a_path(world: World, name: str) -> None:
    with pytest.raises(ValueError, match="is no name for an actor"):
        world.puppet(name)


def test_an_actor_that_is_ending_starts_no_children(world: World, caplog: pytest.LogCaptureFixture) -> None:
    parent = world.puppet("parent", last=lambda _, turn: turn.spawn(world.spec("child")))
    world.do(parent, lambda _, turn: turn.stop())
    assert not world.running(CHILD.path)
    assert "parent is ending and cannot start child" in caplog.text


def test_a_child_that_is_ending_after_a_failure_can_be_stopped_for_good(world: World) -> None:
    order: list[str] = []

    def first(_: Puppet, turn: Turn) -> None:
        turn.spawn(world.spec("grandchild", last=lambda _, __: order.append("grandchild")))

    parent = family(world, first=first)

    def script(_: Puppet, turn: Turn) -> None:
        turn.send(CHILD, failing)
        turn.stop(CHILD)

    def fail(_: Puppet, __: Turn) -> None:
        raise RuntimeError("as the script says")

    failing = world.script(fail)
    world.do(parent, script)
    world.advance(100.0)
    assert order == ["grandchild"]
    assert world.heard(parent) == [ChildGone(CHILD, FAILED)]
    assert not world.running(CHILD.path)
