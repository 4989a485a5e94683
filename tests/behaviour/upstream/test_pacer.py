"""The pacer: attempts to connect, spread for each host."""

from typing import Any

import pytest

from actors import Down, Ref
from actors.testing import Bench, BenchTurn
from soju_actors.messages.pacer import AskToDial, DialEnded, PacerArgs
from soju_actors.messages.upstream import DialGranted, DialRefused
from soju_actors.pacer.actor import PacerActor
from soju_actors.policy.egress import parse_egress

ALICE, BOB, CAROL = (Ref[Any](f"user/{name}/network/1") for name in ("alice", "bob", "carol"))


def bench(at_once: int = 16, burst: int = 5, every: float = 2.0) -> Bench:
    return Bench(PacerActor, PacerArgs(at_once, burst, every))


def crowd(count: int) -> list[Ref[Any]]:
    return [Ref(f"user/u{n}/network/1") for n in range(count)]


def granted(turn: BenchTurn) -> list[str]:
    assert all(isinstance(sent.message, DialGranted) for sent in turn.sent)
    return [sent.to.path for sent in turn.sent]


def ask(pacer: Bench, host: str, *askers: Ref[Any]) -> list[str]:
    return [path for asker in askers for path in granted(pacer.tell(AskToDial(host), asker))]


def test_an_attempt_is_granted_with_its_own_number() -> None:
    turn = bench().tell(AskToDial("irc.test", 7), ALICE)
    assert turn.sent == [(ALICE, DialGranted(7))]


def test_a_burst_then_one_in_each_interval() -> None:
    pacer = bench(burst=5, every=2.0)
    everybody = crowd(8)
    assert ask(pacer, "irc.test", *everybody) == [ref.path for ref in everybody[:5]]
    assert granted(pacer.advance(1.9)) == []
    assert granted(pacer.advance(0.2)) == [everybody[5].path]
    assert granted(pacer.advance(4.0)) == [everybody[6].path, everybody[7].path]


def test_so_many_attempts_at_once_first_come_first_served() -> None:
    pacer = bench(at_once=2)
    assert ask(pacer, "127.0.0.1", ALICE, BOB, CAROL, *crowd(1)) == [ALICE.path, BOB.path]
    assert granted(pacer.tell(DialEnded("127.0.0.1"), BOB)) == [CAROL.path]
    assert granted(pacer.tell(DialEnded("127.0.0.1"), ALICE)) == ["user/u0/network/1"]


def test_this_machine_has_no_interval() -> None:
    for host in ("localhost", "::1", "/run/ircd.sock"):
        pacer = bench(at_once=100)
        assert len(ask(pacer, host, *crowd(50))) == 50


def test_one_host_does_not_wait_for_another() -> None:
    pacer = bench(at_once=1)
    assert ask(pacer, "irc.test", ALICE, BOB) == [ALICE.path]
    assert ask(pacer, "irc.example", CAROL) == [CAROL.path]


def test_an_asker_that_ends_gives_its_place_back() -> None:
    pacer = bench(at_once=1)
    turn = pacer.tell(AskToDial("irc.test"), ALICE)
    assert turn.watched == [ALICE]
    ask(pacer, "irc.test", BOB, CAROL)
    assert granted(pacer.tell(Down(BOB, "stopped"))) == []
    assert granted(pacer.tell(Down(ALICE, "failed"))) == [CAROL.path]


def test_who_no_longer_wants_to_dial_is_not_waited_for() -> None:
    pacer = bench(at_once=1)
    ask(pacer, "irc.test", ALICE, BOB, CAROL)
    turn = pacer.tell(DialEnded("irc.test"), BOB)
    assert granted(turn) == []
    assert turn.unwatched == [BOB]
    assert granted(pacer.tell(DialEnded("irc.test"), ALICE)) == [CAROL.path]


def test_a_new_question_replaces_the_one_before() -> None:
    pacer = bench(at_once=1)
    ask(pacer, "irc.test", ALICE, BOB)
    turn = pacer.tell(AskToDial("irc.example", 2), ALICE)
    assert turn.sent == [(BOB, DialGranted(0)), (ALICE, DialGranted(2))]


def test_the_end_of_an_attempt_that_there_is_not_changes_nothing() -> None:
    pacer = bench(at_once=1)
    ask(pacer, "irc.test", ALICE, BOB)
    assert granted(pacer.tell(DialEnded("irc.test"), CAROL)) == []
    assert granted(pacer.tell(DialEnded("irc.example"), ALICE)) == []
    assert granted(pacer.tell(Down(CAROL, "stopped"))) == []


def test_a_host_is_forgotten_once_its_burst_is_whole_again() -> None:
    pacer = bench(burst=5, every=2.0)
    ask(pacer, "irc.test", *crowd(5))
    for ref in crowd(5):
        pacer.tell(DialEnded("irc.test"), ref)
    pacer.advance(9.9)
    assert pacer.actor.places
    pacer.advance(0.2)
    assert not pacer.actor.places
    assert not pacer.actor.askers
    assert not pacer.alarms


def test_a_host_that_is_asked_for_again_keeps_its_count() -> None:
    pacer = bench(burst=1, every=10.0)
    ask(pacer, "irc.test", ALICE)
    pacer.tell(DialEnded("irc.test"), ALICE)
    assert ask(pacer, "irc.test", ALICE) == []
    assert granted(pacer.advance(10.0)) == [ALICE.path]


def test_a_question_without_a_sender_is_not_a_place_lost() -> None:
    pacer = bench(at_once=1)
    assert granted(pacer.tell(AskToDial("irc.test"))) == []
    assert ask(pacer, "irc.test", ALICE) == [ALICE.path]


EUROPE = PacerArgs(at_once=1, every=0.0, address="", zone="eu/de", offers={"tor": True, "address 192.0.2.7": True})


@pytest.mark.parametrize("wish", ["", "zone=eu", "zone=us,zone=eu/de", "capability=tor,address=192.0.2.7"])
def test_an_attempt_is_granted_where_its_network_asks_for(wish: str) -> None:
    turn = Bench(PacerActor, EUROPE).tell(AskToDial("irc.test", 7, parse_egress(wish)), ALICE)
    assert turn.sent == [(ALICE, DialGranted(7))]


@pytest.mark.parametrize("wish", ["zone=us", "zone=eu/de/1", "zone=eu,capability=vpn", "address=192.0.2.8"])
def test_an_attempt_is_refused_elsewhere_and_takes_no_place(wish: str) -> None:
    pacer = Bench(PacerActor, EUROPE)
    turn = pacer.tell(AskToDial("irc.test", 7, parse_egress(wish)), ALICE)
    reason = f"no node that is there now has {wish}; it connects when there is one"
    assert turn.sent == [(ALICE, DialRefused(7, reason))]
    assert ask(pacer, "irc.test", BOB) == [BOB.path]


def test_an_attempt_that_waits_makes_place_for_one_that_is_refused() -> None:
    pacer = Bench(PacerActor, EUROPE)
    assert ask(pacer, "irc.test", ALICE) == [ALICE.path]
    turn = pacer.tell(AskToDial("irc.test", 8, parse_egress("zone=us")), ALICE)
    assert [type(sent.message) for sent in turn.sent] == [DialRefused]
    assert ask(pacer, "irc.test", BOB) == [BOB.path]


def test_a_lone_bouncer_has_its_addresses_alone() -> None:
    pacer = Bench(PacerActor, PacerArgs(offers={"address 192.0.2.7": True}))
    assert granted(pacer.tell(AskToDial("irc.test", 1, parse_egress("address=192.0.2.7")), ALICE)) == [ALICE.path]
    turn = pacer.tell(AskToDial("irc.test", 2, parse_egress("address=192.0.2.8")), BOB)
    reason = "this bouncer does not have address=192.0.2.8, it has only address=192.0.2.7"
    assert turn.sent == [(BOB, DialRefused(2, reason))]
