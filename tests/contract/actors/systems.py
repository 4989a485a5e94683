"""Nodes in conventions, and actors of Thespian's and ours for them."""
# ruff: noqa: ANN401 - messages of Thespian's are any objects

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from thespian.actors import (
    Actor,
    ActorAddress,
    ActorExitRequest,
    ActorSystem,
    ActorTypeDispatcher,
    ChildActorExited,
    DeadEnvelope,
    NoCompatibleSystemForActor,
    PoisonMessage,
)
from thespian.system.messages.status import Thespian_StatusReq

from actors import Actor as OurActor
from actors import ActorProtocol, Turn, on
from actors.bases.node import NodeBase
from actors.bases.node.addresses import system_of
from actors.bases.node.peers.carrier import Carried
from actors.bases.node.peers.peers import Member
from actors.link import Endpoint
from tests.contract.actors.worlds import trust_of
from tests.support.hub import Hub, HubCarrier

WAIT = 10.0
SHORTLY = 0.1
HERE = __name__


class Note:
    """A message of an unmodified program: an object with attributes."""

    def __init__(self, what: str, **more: Any) -> None:
        self.what = what
        self.__dict__.update(more)


class Placed(Actor):  # type: ignore[misc]
    """It runs where its requirements say."""

    @staticmethod
    def actorSystemCapabilityCheck(capabilities: dict[str, Any], requirements: Any) -> bool:  # noqa: N802
        return bool(capabilities.get("name") == (requirements or {}).get("name"))


class Counter(Placed):
    """It keeps what it is told, and says so when it is asked."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def receiveMessage(self, msg: Any, sender: ActorAddress) -> None:  # noqa: N802
        if msg == "told?":
            self.send(sender, self.told)
        elif isinstance(msg, Note) and msg.what == "whose?":
            self.send(sender, Note("mine", address=self.myAddress, yours=sender))
        elif not isinstance(msg, ActorExitRequest):
            self.told.append(msg)


class Parent(Placed):
    """It has a child on another node."""

    child: ActorAddress | None = None
    asker: ActorAddress | None = None

    def receiveMessage(self, msg: Any, sender: ActorAddress) -> None:  # noqa: N802
        match msg:
            case ("begin", where, int() as count):
                self.child = self.createActor(Counter, targetActorRequirements={"name": where})
                for number in range(count):
                    self.send(self.child, number)
                self.send(sender, Note("child", address=self.child))
                for number in range(count, 2 * count):
                    self.send(self.child, number)
            case "know it?":
                self.asker = sender
                self.send(self.child, Note("whose?"))
            case Note(what="mine"):
                assert isinstance(msg, Note)
                self.send(self.asker, (sender == self.child, msg.__dict__["address"] == self.child))
            case ("send", ActorAddress() as to, what):
                self.asker = sender
                self.send(to, what)
            case ("tell", ActorAddress() as to):
                self.asker = to
                self.send(sender, "noted")
            case Double():
                self.send(self.asker, (msg, sender))
            case ChildActorExited() | PoisonMessage() if self.asker is not None:
                self.send(self.asker, (type(msg).__name__, getattr(msg, "childAddress", None) == self.child))


class Flooder(Placed):
    """It sends numbers, ten at each turn, as fast as it is let; and remembers those that it is sent."""

    def __init__(self) -> None:
        self.told: list[int] = []
        self.most = 0
        self.left = self.number = 0

    def receiveMessage(self, msg: Any, sender: ActorAddress) -> None:  # noqa: N802
        match msg:
            case ("flood", ActorAddress() as to, int() as total):
                self.to, self.asker, self.left = to, sender, total // 10
                self.send(self.myAddress, "on")
            case "on" if self.left:
                self.left -= 1
                for _ in range(10):
                    self.send(self.to, self.number)
                    self.number += 1
                self.send(self.myAddress, "on")
            case "on":
                self.send(self.asker, "done")
            case "told?":
                self.send(sender, (len(self.told), self.told == sorted(self.told), self.most))
            case int():
                self.most = max(self.most, len(self._myRef.box))
                sum(range(1000))  # it is slower than who sends
                self.told.append(msg)


class DeadLetters(Placed):
    """It keeps what has found nobody."""

    def __init__(self) -> None:
        self.letters: list[Any] = []

    def receiveMessage(self, msg: Any, sender: ActorAddress) -> None:  # noqa: N802
        if msg == "begin":
            self.handleDeadLetters()
            self.send(sender, "begun")
        elif msg == "letters?":
            self.send(sender, self.letters)
        elif isinstance(msg, DeadEnvelope):
            self.letters.append((msg.deadAddress, msg.deadMessage))


class Endless(ActorTypeDispatcher):  # type: ignore[misc]
    """It is created nowhere."""

    @staticmethod
    def actorSystemCapabilityCheck(capabilities: dict[str, Any], requirements: Any) -> bool:  # noqa: N802
        del capabilities, requirements
        return False


class Secret:
    """Not among what may travel, where a test says so."""


class ToDoubler(ActorProtocol):
    __slots__ = ()


class Double(msgspec.Struct, ToDoubler, frozen=True, tag="convention.double"):
    number: int


class Doubler(OurActor[ToDoubler]):
    """One of our actors: it answers whoever asks."""

    @on(Double)
    def double(self, msg: Double, turn: Turn) -> None:
        if turn.sender is not None:
            turn.send(turn.sender, Double(msg.number * 2))


def patiently() -> Iterator[None]:
    """Yield again and again until it is taken for a failure: nothing tells a thread what other nodes know."""
    pause = threading.Event()
    end = time.monotonic() + WAIT
    while time.monotonic() < end:
        yield
        pause.wait(0.001)
    pytest.fail("nothing has come of it")


class Systems:
    """Nodes a, b and c; a leads."""

    def __init__(self) -> None:
        self.bases: dict[str, NodeBase] = {}
        self.systems: dict[str, ActorSystem] = {}
        for name in "abc":
            base = self.bases[name] = self.base(name, {"name": name})
            self.systems[name] = ActorSystem(systemBase=base, transientUnique=True)
        for name in "bc":
            self.start(Counter, name)

    def base(self, name: str, capabilities: dict[str, Any]) -> NodeBase:
        """Make a node."""
        raise NotImplementedError

    def receive(self, name: str, node: str, item: bytes) -> None:
        """Let a node receive what another one has sent."""
        raise NotImplementedError

    def start(self, actor_class: Any, on: str, by: str = "a") -> ActorAddress:
        """Start an actor on a node, once it is known there."""
        for _ in patiently():
            with suppress(NoCompatibleSystemForActor):  # it has not registered yet
                return self.systems[by].createActor(actor_class, targetActorRequirements={"name": on})
        raise AssertionError

    def ask(self, name: str, address: ActorAddress, msg: Any) -> Any:
        """Ask from outside."""
        return self.systems[name].ask(address, msg, WAIT)

    def forget(self, name: str) -> None:
        """Pass over what else is said to the outside."""
        while self.systems[name].listen(SHORTLY) is not None:
            pass

    def status(self, name: str) -> Any:
        """Return what a system says of itself."""
        return self.ask(name, system_of(name), Thespian_StatusReq())


class HubSystems(Systems):
    """Nodes in one process that reach each other without a network."""

    def __init__(self) -> None:
        self.hub = Hub()
        self.carriers: dict[str, HubCarrier] = {}
        super().__init__()

    def base(self, name: str, capabilities: dict[str, Any]) -> NodeBase:
        """Make a node."""
        port = 1 + "abc".index(name)
        carrier = self.carriers[name] = HubCarrier(self.hub, name, f"127.0.0.1:{port}")
        capabilities |= {"Convention Address.IPv4": ("", 1), "Admin Port": port}
        return NodeBase(name=name, capabilities=capabilities, carrier=carrier, allowed=(HERE,))

    def receive(self, name: str, node: str, item: bytes) -> None:
        """Let a node receive what another one has sent."""
        self.carriers[name].soon(self.carriers[name].listener.received, node, item)


class LinkedSystems(Systems):
    """Nodes that are connected as they are on several machines."""

    def base(self, name: str, capabilities: dict[str, Any]) -> NodeBase:
        """Make a node."""
        if name != "a":
            # Another name of the same address, which the leader does not use for itself.
            capabilities["Convention Address.IPv4"] = [self.leader.replace("127.0.0.1", "127.1")]
        member = Member(trust=trust_of(name), listen=Endpoint("127.0.0.1"))
        return NodeBase(name=name, capabilities=capabilities, member=member, allowed=(HERE,))

    @property
    def leader(self) -> str:
        """The address of the first one."""
        peers = self.bases["a"].peers
        assert peers is not None
        return peers.address

    def receive(self, name: str, node: str, item: bytes) -> None:
        """Let a node send something to another one."""
        cluster = self.bases[node].cluster
        assert cluster is not None
        self.bases[node]._soon(cluster.tell, name, Carried(item))
