"""The bench for one actor."""

import msgspec
import pytest

from actors import (
    Actor,
    ActorProtocol,
    Args,
    BytesReceived,
    ChildSpec,
    Closed,
    Endpoint,
    Link,
    Ref,
    Turn,
    Undelivered,
    on,
)
from actors.testing import Alarm, Bench, Performed, Sent


class ToBenched(ActorProtocol):
    __slots__ = ()


class BenchedArgs(msgspec.Struct, Args, frozen=True, tag="bench.benched-args"):
    peer: Ref[ToBenched]


class Act(msgspec.Struct, ToBenched, frozen=True, tag="bench.act"):
    """Have all effects there are."""


class Tick(msgspec.Struct, ToBenched, frozen=True, tag="bench.tick"):
    number: int


class Fail(msgspec.Struct, ToBenched, frozen=True, tag="bench.fail"):
    """Send something, then fail."""


class Work(msgspec.Struct, frozen=True, tag="bench.work"):
    """A job."""


PEER: Ref[ToBenched] = Ref("peer")
SERVER = Endpoint("irc.test", 6667)
HERE = Endpoint("127.0.0.1", 6667)


class Benched(Actor[ToBenched]):
    """Has all effects there are."""

    def __init__(self, args: BenchedArgs) -> None:
        self.peer = args.peer
        self.ticks = 0

    def started(self, turn: Turn) -> None:
        turn.dial(SERVER)
        turn.after("tick", 10.0, Tick(1))

    def stopping(self, turn: Turn) -> None:
        turn.send(self.peer, Tick(-1))

    @on(Act)
    def act(self, msg: Act, turn: Turn) -> None:
        turn.send(self.peer, Tick(0))
        turn.send(self.peer, msg, undelivered=Undelivered.RETURN)
        link = turn.listen(HERE)
        turn.write(link, b"one ")
        turn.write(link, b"two")
        turn.close(link)
        turn.abort(link)
        turn.pause(link)
        turn.resume(link)
        turn.give(link, self.peer)
        child = turn.spawn(ChildSpec("child", f"{__name__}:Benched", BenchedArgs(turn.me)))
        turn.stop(child)
        turn.watch(self.peer)
        turn.unwatch(self.peer)
        turn.perform("service", Work())
        turn.cancel("tick")

    @on(Tick)
    def tick(self, msg: Tick, turn: Turn) -> None:
        self.ticks = msg.number
        turn.send(self.peer, Tick(msg.number))
        turn.after("tick", 10.0, Tick(msg.number + 1))

    @on(Fail)
    def fail(self, msg: Fail, turn: Turn) -> None:
        turn.after("failed", 1.0, msg)
        raise RuntimeError("as the message says")

    @on(Closed)
    def closed(self, msg: Closed, turn: Turn) -> None:
        if msg.clean:
            turn.stop()


@pytest.fixture
def bench() -> Bench:
    return Bench(Benched, BenchedArgs(PEER))


def test_the_first_turn_has_been_taken(bench: Bench) -> None:
    assert bench.first.dialed == [(Link(1), SERVER)]
    assert bench.first.alarms == {"tick": (10.0, Tick(1))}


def test_a_turn_shows_all_its_effects(bench: Bench) -> None:
    turn = bench.tell(Act())
    link, child = Link(2), Ref[ToBenched]("actor/child")
    assert turn.sent == [Sent(PEER, Tick(0)), Sent(PEER, Act())]
    assert turn.listened == [(link, HERE)]
    assert turn.written == {link: b"one two"}
    assert turn.closed == turn.aborted == turn.paused == turn.resumed == [link]
    assert turn.given == [(link, PEER)]
    assert [spec.name for spec in turn.spawned] == ["child"]
    assert turn.stopped == [child]
    assert turn.watched == turn.unwatched == [PEER]
    assert turn.performed == [Performed("service", Work())]
    assert turn.cancelled == ["tick"]
    assert bench.alarms == {}


def test_alarms_ring_as_time_passes(bench: Bench) -> None:
    assert bench.advance(9.9).sent == []
    assert bench.alarms == {"tick": Alarm(10.0, Tick(1))}
    assert bench.advance(0.2).sent == [Sent(PEER, Tick(1))]
    assert bench.advance(30.0).sent == [Sent(PEER, Tick(n)) for n in (2, 3, 4)]
    assert bench.now == pytest.approx(40.1)
    assert bench.actor.ticks == 4


def test_a_failing_turn_reaches_the_test_and_leaves_nothing(bench: Bench) -> None:
    with pytest.raises(RuntimeError, match="as the message says"):
        bench.tell(Fail())
    assert bench.alarms.keys() == {"tick"}


def test_a_child_has_its_name_until_the_test_forgets_it(bench: Bench) -> None:
    bench.tell(Act())
    with pytest.raises(ValueError, match="there is a child 'child' already"):
        bench.tell(Act())
    bench.children.clear()
    assert bench.tell(Act()).spawned


def test_system_messages_without_a_handler_are_passed_over(bench: Bench) -> None:
    assert bench.tell(BytesReceived(Link(1), b"hello")).effects == []
    assert bench.tell(Closed(Link(1), "closed", clean=True)).stopped == [bench.ref]


def test_messages_of_no_protocol_of_the_actor_are_an_error_of_the_test(bench: Bench) -> None:
    with pytest.raises(TypeError, match="Benched has no handler for BenchedArgs"):
        bench.tell(BenchedArgs(PEER))


def test_the_last_turn(bench: Bench) -> None:
    assert bench.stop().sent == [Sent(PEER, Tick(-1))]


def test_the_same_seed_gives_the_same_chance() -> None:
    drawn = [Bench(Benched, BenchedArgs(PEER), seed=seed).random().random() for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]


@pytest.mark.parametrize("name", ["", "a/b"])
def test_a_childs_name_is_one_part_of_a_path(bench: Bench, name: str) -> None:
    turn = Turn(bench, bench.ref, 0.0)
    with pytest.raises(ValueError, match="is no name for a child"):
        turn.spawn(ChildSpec(name, f"{__name__}:Benched"))


def test_a_child_that_cannot_be_imported_is_an_error_of_the_turn(bench: Bench) -> None:
    turn = Turn(bench, bench.ref, 0.0)
    with pytest.raises(ImportError):
        turn.spawn(ChildSpec("child", "no.such.module:Actor"))


def test_time_is_monotonic_and_unix(bench: Bench) -> None:
    bench.advance(5.0)
    turn = Turn(bench, bench.ref, bench.now)
    assert (turn.now, turn.wall) == (5.0, 1_700_000_005.0)
