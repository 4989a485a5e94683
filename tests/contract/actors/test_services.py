"""Blocking work outside of turns."""

import threading
from typing import Any

import pytest

from actors import Ref, ServiceFailed, Turn
from tests.contract.actors.cast import Job, Puppet, Say
from tests.contract.actors.worlds import PATIENCE, World


class Shouting:
    """Answers a job with its text in capitals."""

    def __init__(self) -> None:
        self.jobs: list[str] = []
        self.closed = 0

    def perform(self, job: Job) -> Say | None:
        self.jobs.append(job.text)
        if job.text == "fail":
            raise OSError("the disk is full")
        return None if job.text == "nothing" else Say(job.text.upper())

    def close(self) -> None:
        self.closed += 1


def perform(world: World, actor: Ref[Any], *texts: str, service: str = "shout") -> None:
    def script(_: Puppet, turn: Turn) -> None:
        for text in texts:
            turn.perform(service, Job(text))

    world.do(actor, script)


def test_answers_come_in_the_order_of_the_jobs_from_the_service(world: World) -> None:
    world.attach("shout", Shouting())
    alice = world.puppet("alice")
    texts = [f"job {number}" for number in range(50)]
    perform(world, alice, *texts)
    world.until(lambda: len(world.heard(alice)) == 50)
    assert world.heard(alice) == [Say(text.upper()) for text in texts]
    assert {h.sender for h in world.hearings(alice)} == {"service/shout"}


def test_a_job_may_have_no_answer(world: World) -> None:
    service = Shouting()
    world.attach("shout", service)
    alice = world.puppet("alice")
    perform(world, alice, "nothing", "something")
    assert world.await_heard(alice, Say) == Say("SOMETHING")
    assert world.heard(alice) == [Say("SOMETHING")]
    assert service.jobs == ["nothing", "something"]


def test_what_a_service_raises_reaches_the_asker_and_the_service_goes_on(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.attach("shout", Shouting())
    alice = world.puppet("alice")
    perform(world, alice, "fail", "go on")
    world.until(lambda: len(world.heard(alice)) == 2)
    assert world.heard(alice) == [ServiceFailed("shout", Job("fail"), "OSError: the disk is full"), Say("GO ON")]
    assert "service shout failed on Job" in caplog.text


def test_a_service_that_does_not_exist_fails(world: World) -> None:
    alice = world.puppet("alice")
    perform(world, alice, "anything", service="nowhere")
    assert world.heard(alice) == [ServiceFailed("nowhere", Job("anything"), "no such service")]


def test_an_answer_to_an_earlier_life_is_not_heard(world: World) -> None:
    gate = threading.Event()

    class Slow(Shouting):
        def perform(self, job: Job) -> Say | None:
            if threading.current_thread() is not threading.main_thread():
                assert gate.wait(PATIENCE)
            return super().perform(job)

    world.attach("shout", Slow())
    alice, bob = world.puppet("alice"), world.puppet("bob")

    def script(_: Puppet, turn: Turn) -> None:
        turn.perform("shout", Job("from my earlier life"))
        turn.send(turn.me, failing)

    def fail(_: Puppet, __: Turn) -> None:
        gate.set()
        raise RuntimeError("as the script says")

    failing = world.script(fail)
    world.do(alice, script)
    world.advance(10.0)
    perform(world, bob, "after it")
    world.await_heard(bob, Say)
    assert world.running("alice")
    assert world.heard(alice) == []
