"""Bounded mailboxes, and messages that find nobody."""

import logging
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from actors import ActorProtocol, Ref, Refused, Returned, Turn, Undelivered
from tests.contract.actors.cast import Gossip, Puppet, Request, Say, Script, ref
from tests.contract.actors.worlds import World


def send_all(to: Ref[Any], messages: Sequence[ActorProtocol]) -> Script:
    def script(_: Puppet, turn: Turn) -> None:
        for msg in messages:
            turn.send(to, msg)

    return script


def test_the_oldest_of_a_kind_that_may_be_lost_makes_room(world: World) -> None:
    alice, bob = world.puppet("alice"), world.puppet("bob", mailbox=3)
    world.do(alice, send_all(bob, [Say("kept"), *(Gossip(str(n)) for n in range(5))]))
    assert world.heard(bob) == [Say("kept"), Gossip("3"), Gossip("4")]
    assert world.heard(alice) == []


def test_one_that_may_be_lost_is_lost_where_only_others_wait(world: World) -> None:
    alice, bob = world.puppet("alice"), world.puppet("bob", mailbox=2)
    world.do(alice, send_all(bob, [Say("1"), Say("2"), Gossip("lost")]))
    assert world.heard(bob) == [Say("1"), Say("2")]


def test_a_request_is_refused_and_its_sender_told(world: World) -> None:
    alice, bob = world.puppet("alice"), world.puppet("bob", mailbox=2)
    world.do(alice, send_all(bob, [Request(str(n)) for n in range(4)]))
    assert world.heard(bob) == [Request("0"), Request("1")]
    assert world.heard(alice) == [Refused(bob, Request("2")), Refused(bob, Request("3"))]


def test_sending_without_credit_is_a_bug_that_is_logged_once_and_refused(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    alice, bob = world.puppet("alice"), world.puppet("bob", mailbox=2)
    world.do(alice, send_all(bob, [Say(str(n)) for n in range(4)]))
    assert world.heard(bob) == [Say("0"), Say("1")]
    assert world.heard(alice) == [Refused(bob, Say("2")), Refused(bob, Say("3"))]
    errors = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert errors == ["mailbox of bob is full for Say: its sender alice has no credit left"]


def test_an_actor_whose_mailbox_was_full_goes_on(world: World) -> None:
    alice, bob = world.puppet("alice"), world.puppet("bob", mailbox=1)
    world.do(alice, send_all(bob, [Request("1"), Request("refused")]))
    world.do(alice, send_all(bob, [Request("2")]))
    assert world.heard(bob) == [Request("1"), Request("2")]


def test_what_the_engine_tells_an_actor_is_never_refused(world: World) -> None:
    alice, bob = world.puppet("alice"), world.puppet("bob", mailbox=1)

    def script(_: Puppet, turn: Turn) -> None:
        for number in range(5):
            turn.send(ref(f"nobody/{number}"), Say("anyone?"), undelivered=Undelivered.RETURN)

    world.do(bob, script)
    assert len(world.heard(bob, Returned)) == 5
    assert world.heard(alice) == []


def test_a_message_for_nobody_is_dropped(world: World) -> None:
    alice = world.puppet("alice")
    world.do(alice, send_all(ref("nobody"), [Say("hello?")]))
    assert world.heard(alice) == []


def test_a_message_for_nobody_comes_back_if_its_sender_wants_it(world: World) -> None:
    alice = world.puppet("alice")
    nobody = ref("nobody")
    world.do(alice, lambda _, turn: turn.send(nobody, Say("hello?"), undelivered=Undelivered.RETURN))
    assert [(h.message, h.sender) for h in world.hearings(alice)] == [(Returned(nobody, Say("hello?")), "nobody")]


def test_a_message_for_one_that_waits_for_its_restart_comes_back(world: World) -> None:
    alice, bob = world.puppet("alice"), world.puppet("bob")
    world.fail(bob)
    world.do(alice, lambda _, turn: turn.send(bob, Say("hello?"), undelivered=Undelivered.RETURN))
    assert world.heard(alice) == [Returned(bob, Say("hello?"))]
    world.advance(10.0)
    assert world.heard(bob) == []


@pytest.mark.parametrize("ends", ["fails", "stops"])
def test_what_waited_for_an_actor_that_ends_comes_back_if_its_sender_wants_it(world: World, ends: str) -> None:
    alice, bob = world.puppet("alice"), world.puppet("bob")

    def end(_: Puppet, turn: Turn) -> None:
        turn.stop()
        if ends == "fails":
            raise RuntimeError("as the script says")

    ending = world.script(end)

    def script(_: Puppet, turn: Turn) -> None:
        turn.send(bob, ending)
        turn.send(bob, Say("wanted back"), undelivered=Undelivered.RETURN)
        turn.send(bob, Say("not missed"))

    world.do(alice, script)
    assert world.heard(alice) == [Returned(bob, Say("wanted back"))]
    assert world.heard(bob, Say) == []


def test_a_message_of_another_protocol_is_an_error_of_its_sender(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    bob = world.puppet("bob")
    stray: Any = Stray()
    world.tell(bob, stray)
    world.tell(bob, Say("still here"))
    world.settle()
    assert world.heard(bob) == [Say("still here")]
    assert "bob has no handler for Stray from None" in caplog.text


class ToNobody(ActorProtocol):
    __slots__ = ()


class Stray(msgspec.Struct, ToNobody, frozen=True, tag="test.stray"):
    """Belongs to no protocol of the cast."""
