"""Messages and turns: order, and all or nothing."""

from actors import ChildGone, ChildSpec, Ref, Turn
from tests.contract.actors.cast import PUPPET, Puppet, Say, Script, ToPuppet, ref, stage
from tests.contract.actors.worlds import World


def say(to: Ref[ToPuppet], *texts: str) -> Script:
    def script(_: Puppet, turn: Turn) -> None:
        for text in texts:
            turn.send(to, Say(text))

    return script


def test_messages_of_one_sender_arrive_in_order(world: World) -> None:
    alice, bob = world.puppet("alice"), world.puppet("bob")
    texts = [str(number) for number in range(200)]
    world.do(alice, say(bob, *texts))
    assert world.heard(bob) == [Say(text) for text in texts]


def test_the_sender_is_known_and_nobody_is_the_sender_from_outside(world: World) -> None:
    alice, bob = world.puppet("alice"), world.puppet("bob")
    world.do(alice, say(bob, "hi"))
    world.tell(bob, Say("from outside"))
    world.settle()
    assert [h.sender for h in world.hearings(bob)] == ["alice", None]


def test_a_message_to_oneself_is_handled_after_the_turn(world: World) -> None:
    seen: list[int] = []

    def script(_: Puppet, turn: Turn) -> None:
        turn.send(turn.me, Say("to me"))
        seen.append(len(stage.heard))

    alice = world.puppet("alice")
    world.do(alice, script)
    assert seen == [0]
    assert world.heard(alice) == [Say("to me")]


def test_a_turn_that_raises_has_no_effect_at_all(world: World) -> None:
    bob = world.puppet("bob")

    def script(_: Puppet, turn: Turn) -> None:
        turn.send(bob, Say("never said"))
        turn.spawn(ChildSpec("child", PUPPET))
        turn.after("alarm", 1.0, Say("never rings"))
        raise RuntimeError("as the script says")

    alice = world.puppet("alice", intensity=0)
    world.do(alice, script)
    world.advance(10.0)
    assert world.heard(bob) == []
    assert not world.running("alice/child")
    assert world.heard(alice) == []


def test_text_that_is_not_utf8_arrives_unharmed(world: World) -> None:
    text = b"caf\xe9 \xf0\x9f\x98\x80 \xff".decode("utf-8", "surrogateescape") + "\ufdd0\ue000"
    alice, bob = world.puppet("alice"), world.puppet("bob")
    world.do(alice, say(bob, text))
    assert world.heard(bob) == [Say(text)]


def test_a_child_hears_what_is_sent_in_the_turn_that_spawns_it(world: World) -> None:
    def script(_: Puppet, turn: Turn) -> None:
        child = turn.spawn(world.spec("child", first=lambda p, t: p.hear("started", t)))
        turn.send(child, Say("hello"))

    alice = world.puppet("alice")
    world.do(alice, script)
    assert world.heard(ref("alice/child")) == ["started", Say("hello")]


def test_spawning_a_name_that_is_taken_fails_the_turn(world: World) -> None:
    errors: list[str] = []

    def spawn(_: Puppet, turn: Turn) -> None:
        try:
            turn.spawn(ChildSpec("child", PUPPET))
            turn.spawn(ChildSpec("child", PUPPET))
        except ValueError as error:
            errors.append(str(error))

    alice = world.puppet("alice")
    world.do(alice, spawn)
    world.do(alice, spawn)
    assert errors == ["there is a child 'child' already"] * 2


def test_a_path_can_be_used_again_once_the_child_is_gone(world: World) -> None:
    alice = world.puppet("alice")
    child = ref("alice/child")
    world.do(alice, lambda _, turn: turn.spawn(ChildSpec("child", PUPPET)))
    world.do(child, lambda p, _: setattr(p, "value", 1))
    world.do(alice, lambda _, turn: turn.stop(child))
    assert world.heard(alice, ChildGone) == [ChildGone(child, "stopped")]
    world.do(alice, lambda _, turn: turn.spawn(ChildSpec("child", PUPPET)))
    world.do(child, lambda p, turn: p.hear(p.value, turn))
    assert world.heard(child) == ["stopping", 0]


def test_chance_is_the_actors_own(world: World) -> None:
    drawn: list[float] = []
    alice = world.puppet("alice")
    world.do(alice, lambda _, turn: drawn.append(turn.rng.random()))
    world.do(alice, lambda _, turn: drawn.append(turn.rng.random()))
    assert len(set(drawn)) == 2
    assert all(0 <= value < 1 for value in drawn)
