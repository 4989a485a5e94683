"""Named, replaceable alarms."""

from actors import Turn
from tests.contract.actors.cast import Puppet, Say
from tests.contract.actors.worlds import World


def test_an_alarm_rings_when_it_is_due_and_once(world: World) -> None:
    alice = world.puppet("alice")
    world.do(alice, lambda _, turn: turn.after("alarm", 5.0, Say("ring")))
    world.advance(4.9)
    assert world.heard(alice) == []
    world.advance(100.0)
    assert [(h.message, h.sender, h.at) for h in world.hearings(alice)] == [(Say("ring"), None, 5.0)]


def test_an_alarm_of_the_same_name_replaces_the_one_before(world: World) -> None:
    alice = world.puppet("alice")
    world.do(alice, lambda _, turn: turn.after("alarm", 5.0, Say("first")))
    world.advance(3.0)
    world.do(alice, lambda _, turn: turn.after("alarm", 5.0, Say("put off")))
    world.advance(4.9)
    assert world.heard(alice) == []
    world.advance(0.2)
    assert world.heard(alice) == [Say("put off")]


def test_an_alarm_can_be_brought_forward(world: World) -> None:
    alice = world.puppet("alice")
    world.do(alice, lambda _, turn: turn.after("alarm", 50.0, Say("first")))
    world.do(alice, lambda _, turn: turn.after("alarm", 1.0, Say("earlier")))
    world.advance(2.0)
    assert world.heard(alice) == [Say("earlier")]
    world.advance(100.0)
    assert world.heard(alice) == [Say("earlier")]


def test_alarms_ring_in_order_of_time(world: World) -> None:
    def script(_: Puppet, turn: Turn) -> None:
        for name, delay in (("c", 3.0), ("a", 1.0), ("b", 2.0)):
            turn.after(name, delay, Say(name))

    alice = world.puppet("alice")
    world.do(alice, script)
    world.advance(10.0)
    assert world.heard(alice) == [Say("a"), Say("b"), Say("c")]


def test_a_cancelled_alarm_never_rings(world: World) -> None:
    alice = world.puppet("alice")
    world.do(alice, lambda _, turn: turn.after("alarm", 5.0, Say("ring")))
    world.do(alice, lambda _, turn: turn.cancel("alarm"))
    world.do(alice, lambda _, turn: turn.cancel("no such alarm"))
    world.advance(100.0)
    assert world.heard(alice) == []


def test_an_alarm_that_is_due_can_still_be_cancelled_by_another_of_the_same_moment(world: World) -> None:
    def ring_first(_: Puppet, turn: Turn) -> None:
        turn.after("second", 1.0, Say("second"))
        turn.after("third", 1.0, Say("third"))

    alice = world.puppet("alice")
    cancelling = world.script(lambda _, turn: turn.cancel("second"))
    world.do(alice, lambda _, turn: turn.after("first", 1.0, cancelling))
    world.do(alice, ring_first)
    world.advance(2.0)
    assert world.heard(alice) == [Say("third")]


def test_an_alarm_without_delay_rings_after_the_turn(world: World) -> None:
    alice = world.puppet("alice")
    world.do(alice, lambda _, turn: turn.after("alarm", 0.0, Say("ring")))
    world.settle()
    assert world.heard(alice) == [Say("ring")]


def test_an_actor_that_fails_at_an_alarm_is_restarted(world: World) -> None:
    def fail(puppet: Puppet, turn: Turn) -> None:
        turn.send(turn.me, Say(f"never said by {puppet}"))
        raise RuntimeError("as the script says")

    alice = world.puppet("alice")
    ringing = world.script(fail)
    world.do(alice, lambda puppet, _: setattr(puppet, "value", 1))
    world.do(alice, lambda _, turn: turn.after("alarm", 1.0, ringing))
    world.advance(10.0)
    world.do(alice, lambda puppet, turn: puppet.hear(puppet.value, turn))
    assert world.heard(alice) == [0]
