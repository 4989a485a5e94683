"""The pacers of a cluster: together they connect to a host no more often than one would."""

from collections.abc import Callable
from random import Random
from typing import Any

import msgspec
import pytest

from actors import ChildSpec, Ref, ServiceFailed
from actors.bases.inline import InlineSystem
from actors.testing import Bench
from soju_actors.messages.pacer import AskToDial, DialEnded, PacerArgs
from soju_actors.messages.upstream import DialGranted
from soju_actors.pacer.actor import RESERVE_AGAIN, SLACK, PacerActor
from soju_actors.pacer.reserved import LATE
from soju_actors.ports.dials import DialReserved, ReserveDial, ReserveFailed

HOST = "irc.test"
ALICE, BOB, CAROL = (Ref[Any](f"user/{name}/network/1") for name in ("alice", "bob", "carol"))
JOB = ReserveDial(HOST, "192.0.2.1", 3, 10.0 + SLACK)


def bench(at_once: int = 16) -> Bench:
    return Bench(PacerActor, PacerArgs(at_once, 3, 10 / 3, "192.0.2.1"))


def jobs(turn: Any) -> list[ReserveDial]:  # noqa: ANN401 - the turn of a bench
    assert all(service == "reserver" for service, _ in turn.performed)
    return [job for _, job in turn.performed]


def granted(turn: Any) -> list[str]:  # noqa: ANN401
    return [sent.to.path for sent in turn.sent]


def test_a_time_is_reserved_for_each_attempt_one_after_the_other() -> None:
    pacer = bench()
    turn = pacer.tell(AskToDial(HOST, 7), ALICE)
    assert (granted(turn), [job.host for job in jobs(turn)]) == ([], [HOST])
    assert jobs(turn)[0] == msgspec.structs.replace(JOB, window=jobs(turn)[0].window)
    assert jobs(turn)[0].window == pytest.approx(10 + SLACK)
    assert jobs(pacer.tell(AskToDial(HOST), BOB)) == []
    turn = pacer.tell(DialReserved(HOST, 0.0))
    assert turn.sent == [(ALICE, DialGranted(7))]
    assert len(jobs(turn)) == 1, "for the next one"
    turn = pacer.tell(DialReserved(HOST, 4.0))
    assert (granted(turn), jobs(turn)) == ([], [])
    assert granted(pacer.advance(3.9)) == []
    turn = pacer.advance(0.2)
    assert (granted(turn), jobs(turn)) == ([BOB.path], []), "nobody waits any more"


def test_this_machine_and_a_lone_node_ask_nobody() -> None:
    assert granted(bench().tell(AskToDial("localhost"), ALICE)) == [ALICE.path]
    lone = Bench(PacerActor, PacerArgs(16, 3, 10 / 3))
    turn = lone.tell(AskToDial(HOST), ALICE)
    assert (granted(turn), jobs(turn)) == ([ALICE.path], [])


def test_no_time_is_reserved_while_too_many_are_under_way() -> None:
    pacer = bench(at_once=1)
    pacer.tell(AskToDial(HOST), ALICE)
    pacer.tell(AskToDial(HOST), BOB)
    turn = pacer.tell(DialReserved(HOST, 0.0))
    assert (granted(turn), jobs(turn)) == ([ALICE.path], [])
    assert len(jobs(pacer.tell(DialEnded(HOST), ALICE))) == 1


def test_a_time_that_nobody_wants_any_more_serves_the_next_unless_it_is_over() -> None:
    pacer = bench()
    pacer.tell(AskToDial(HOST), ALICE)
    pacer.tell(AskToDial(HOST), BOB)
    pacer.tell(DialReserved(HOST, 0.0))
    pacer.tell(DialEnded(HOST), BOB)
    pacer.tell(DialReserved(HOST, 1.0))
    turn = pacer.tell(AskToDial(HOST), CAROL)
    assert (granted(turn), jobs(turn)) == ([], [])
    pacer.tell(DialEnded(HOST), CAROL)
    pacer.advance(1.0 + LATE + 0.1)
    turn = pacer.tell(AskToDial(HOST), CAROL)
    assert (granted(turn), len(jobs(turn))) == ([], 1)


def test_a_time_is_not_used_by_a_process_that_was_stopped_meanwhile() -> None:
    pacer = bench()
    pacer.tell(AskToDial(HOST), ALICE)
    pacer.tell(DialReserved(HOST, 2.0))
    pacer.now += 30
    turn = pacer.advance(0)
    assert (granted(turn), len(jobs(turn))) == ([], 1)


def test_an_answer_that_comes_late_is_not_used_either() -> None:
    pacer = bench()
    pacer.tell(AskToDial(HOST), ALICE)
    pacer.now += LATE + 0.1
    turn = pacer.tell(DialReserved(HOST, 0.0))
    assert (granted(turn), len(jobs(turn))) == ([], 1)


@pytest.mark.parametrize("failure", [ReserveFailed(HOST, "gone"), ServiceFailed("reserver", JOB, "bug")])
def test_without_the_database_nobody_connects_and_it_is_tried_again(failure: Any) -> None:  # noqa: ANN401
    pacer = bench()
    pacer.tell(AskToDial(HOST), ALICE)
    turn = pacer.tell(failure)
    assert (granted(turn), jobs(turn)) == ([], [])
    assert len(jobs(pacer.advance(RESERVE_AGAIN))) == 1
    assert granted(pacer.tell(DialReserved(HOST, 0.0))) == [ALICE.path]


def test_a_host_is_forgotten_when_nobody_wants_it() -> None:
    pacer = bench()
    pacer.tell(AskToDial(HOST), ALICE)
    pacer.tell(DialReserved(HOST, 0.0))
    pacer.tell(DialEnded(HOST), ALICE)
    pacer.advance(1)
    assert not pacer.actor.places
    assert not pacer.alarms
    assert pacer.tell(DialReserved(HOST, 0.0)).effects == []


# --- several nodes


class Times:
    """The reservations of all nodes, which the database keeps."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self.reserved: dict[str, list[float]] = {}

    def perform(self, job: ReserveDial) -> DialReserved:
        """Reserve the next time."""
        times = self.reserved.setdefault(job.host, [])
        earliest = times[-job.most] + job.window if len(times) >= job.most else 0.0
        times.append(max(self.now(), earliest))
        return DialReserved(job.host, times[-1] - self.now())

    def close(self) -> None:
        """Nothing is held."""


def test_a_server_never_sees_more_than_it_permits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three connections in any ten seconds, from five nodes that ask at random, with delays on all ways."""
    rng = Random(5)  # noqa: S311 - chance that can be repeated
    system = InlineSystem(seed=3, delay=lambda _, __, chance: chance.random() * 0.3)
    system.attach("reserver", Times(lambda: system.now))
    seen: list[float] = []
    kernel = system._kernel
    asked = [Ref[Any](f"user/{number}") for number in range(60)]
    elsewhere = kernel.elsewhere

    def see(sender: Any, to: Ref[Any], msg: Any, undelivered: Any) -> bool:  # noqa: ANN401 - any message
        if not isinstance(msg, DialGranted):
            return elsewhere(sender, to, msg, undelivered)
        seen.append(system.now)
        return True

    monkeypatch.setattr(kernel, "elsewhere", see)
    monkeypatch.setattr(kernel, "watch", lambda _, __: None)  # the askers are names alone
    args = PacerArgs(60, 3, 10 / 3, "192.0.2.1")
    for node in "abcde":
        system.spawn(ChildSpec(f"pacer@{node}", "soju_actors.pacer.actor:PacerActor", args))
    for asker in asked:
        system.tell(Ref(f"pacer@{rng.choice('abcde')}"), AskToDial(HOST), asker)
        system.advance(rng.random() * 2)
    system.advance(400)
    assert len(seen) == len(asked)
    assert all(later - earlier > 10 for earlier, later in zip(seen, seen[3:], strict=False))
    assert seen[-1] < 60 / 3 * (10 + SLACK) + 30, "and not much more seldom"
