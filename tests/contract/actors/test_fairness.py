"""A busy actor costs the others nothing but their turn."""

from actors import Turn
from tests.contract.actors.cast import Puppet, Say, stage
from tests.contract.actors.worlds import World


def test_another_actor_has_its_turn_while_one_has_thousands_of_messages(world: World) -> None:
    alice = world.puppet("alice")
    busy, idle = world.puppet("busy", beside=alice), world.puppet("idle", beside=alice)

    def script(_: Puppet, turn: Turn) -> None:
        for number in range(5000):
            turn.send(busy, Say(str(number)))
        turn.send(idle, Say("me too"))

    world.do(alice, script)
    order = [h.by for h in stage.heard]
    assert order.index("idle") <= 64
    assert order.count("busy") == 5000


def test_two_busy_actors_take_turns(world: World) -> None:
    alice, first, second = world.puppet("alice"), world.puppet("first"), world.puppet("second")

    def script(_: Puppet, turn: Turn) -> None:
        for to in (first, second):
            for number in range(640):
                turn.send(to, Say(str(number)))

    world.do(alice, script)
    order = [h.by for h in stage.heard]
    assert order == (["first"] * 64 + ["second"] * 64) * 10
