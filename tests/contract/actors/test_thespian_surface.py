"""Thespian's API on a node: its actors, and ours, side by side."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from thespian.actors import Actor as ThespianActor
from thespian.actors import (
    ActorAddress,
    ActorExitRequest,
    ActorSystem,
    ChildActorExited,
    DeadEnvelope,
    PoisonMessage,
    WakeupMessage,
)

from actors import Actor, ActorProtocol, ChildSpec, Ref, Turn, on
from actors.bases.node import NodeBase

WAIT = 10.0


class ToDoubler(ActorProtocol):
    __slots__ = ()


class Double(msgspec.Struct, ToDoubler, frozen=True, tag="thespian.double"):
    number: int


class Doubled(msgspec.Struct, ToDoubler, frozen=True, tag="thespian.doubled"):
    number: int


class Doubler(Actor[ToDoubler]):
    """One of our actors: it answers whoever asks."""

    @on(Double)
    def double(self, msg: Double, turn: Turn) -> None:
        if turn.sender is not None:
            turn.send(turn.sender, Doubled(msg.number * 2))

    @on(Doubled)
    def doubled(self, msg: Doubled, turn: Turn) -> None:
        raise NotImplementedError


class Asker(ThespianActor):  # type: ignore[misc]
    """One of Thespian's: it asks ours for somebody."""

    def receiveMessage(self, msg: Any, sender: ActorAddress) -> None:  # noqa: ANN401, C901, N802
        match msg:
            case (ActorAddress() as doubler, int() as number):
                self.somebody = sender
                self.send(doubler, Double(number))
            case Doubled():
                self.send(self.somebody, ("doubled", msg.number, sender))
            case "fail":
                self.calls = getattr(self, "calls", 0) + 1
                raise RuntimeError("as the message says")
            case "calls":
                self.send(sender, self.calls)
            case "dead letters":
                self.handleDeadLetters()
                self.somebody = sender
                self.send(sender, "ready")
            case DeadEnvelope():
                self.send(self.somebody, msg.deadMessage)
            case "child":
                self.somebody = sender
                child = self.createActor(Asker)
                self.send(child, ActorExitRequest())
            case ChildActorExited():
                self.send(self.somebody, "the child has exited")
            case "wake me":
                self.somebody = sender
                self.wakeupAfter(0.001, payload="up")
            case WakeupMessage():
                self.send(self.somebody, msg.payload)


class System:
    """An actor system on a node with a thread of its own."""

    def __init__(self) -> None:
        self.base = NodeBase(name="test")
        self.asys = ActorSystem(systemBase=self.base, transientUnique=True)
        self.doubler = self.base.address_of(self.base.spawn(ChildSpec("doubler", f"{__name__}:Doubler")))


@pytest.fixture
def system() -> Iterator[System]:
    system = System()
    yield system
    system.asys.shutdown()


def test_ask_reaches_our_actors_and_their_answer_comes_back(system: System) -> None:
    assert system.asys.ask(system.doubler, Double(21), WAIT) == Doubled(42)


def test_tell_and_listen_do_too(system: System) -> None:
    system.asys.tell(system.doubler, Double(1))
    system.asys.tell(system.doubler, Double(2))
    assert [system.asys.listen(WAIT), system.asys.listen(WAIT)] == [Doubled(2), Doubled(4)]


def test_a_private_context_has_answers_of_its_own(system: System) -> None:
    with system.asys.private() as private:
        private.tell(system.doubler, Double(1))
        assert system.asys.ask(system.doubler, Double(2), WAIT) == Doubled(4)
        assert private.listen(WAIT) == Doubled(2)


def test_an_actor_of_thespians_talks_to_one_of_ours(system: System) -> None:
    asker = system.asys.createActor(Asker)
    word, number, sender = system.asys.ask(asker, (system.doubler, 4), WAIT)
    assert (word, number) == ("doubled", 8)
    assert sender == system.doubler


def test_an_address_is_a_value_with_the_name_of_the_node(system: System) -> None:
    assert system.doubler == system.base.address_of(Ref("doubler"))
    assert system.doubler != system.base.address_of(Ref("another"))
    assert system.doubler.addressDetails == "doubler~test"


def test_a_message_that_fails_is_handled_once_and_its_sender_gets_the_poison(system: System) -> None:
    asker = system.asys.createActor(Asker)
    poison = system.asys.ask(asker, "fail", WAIT)
    assert isinstance(poison, PoisonMessage)
    assert poison.poisonMessage == "fail"
    assert "as the message says" in poison.details
    assert system.asys.ask(asker, "calls", WAIT) == 1


def test_what_finds_nobody_is_a_dead_letter(system: System) -> None:
    handler = system.asys.createActor(Asker)
    assert system.asys.ask(handler, "dead letters", WAIT) == "ready"
    assert system.asys.ask(system.base.address_of(Ref("nobody")), Double(3), WAIT) == Double(3)


def test_an_exit_request_ends_one_of_ours(system: System) -> None:
    system.asys.tell(system.doubler, ActorExitRequest())
    handler = system.asys.createActor(Asker)
    assert system.asys.ask(handler, "dead letters", WAIT) == "ready"
    assert system.asys.ask(system.doubler, Double(3), WAIT) == Double(3)
    assert not system.base.running(Ref("doubler"))


def test_other_messages_of_thespian_are_passed_over_by_ours(system: System) -> None:
    system.asys.tell(system.doubler, PoisonMessage("anything"))
    assert system.asys.ask(system.doubler, Double(1), WAIT) == Doubled(2)


def test_children_and_wakeups_of_thespians_actors(system: System) -> None:
    asker = system.asys.createActor(Asker)
    assert system.asys.ask(asker, "child", WAIT) == "the child has exited"
    assert system.asys.ask(asker, "wake me", WAIT) == "up"


def test_nothing_loads_sources(system: System) -> None:
    with pytest.raises(Exception, match="this system loads no sources"):
        system.asys.loadActorSource("anything.zip")


def test_a_system_can_be_shut_down_and_another_made() -> None:
    for _ in range(3):
        system = System()
        assert system.asys.ask(system.doubler, Double(1), WAIT) == Doubled(2)
        system.asys.shutdown()
