"""Several nodes in one convention: what Thespian's own tests do not ask."""
# ruff: noqa: ANN401 - messages of Thespian's are any objects

import pickle
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
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
from thespian.system.messages.admin import PendingActor, PendingActorResponse
from thespian.system.messages.convention import ConventionDeRegister, ConventionInvite, ConventionRegister
from thespian.system.messages.status import Thespian_StatusReq

from actors import Actor as OurActor
from actors import ActorProtocol, ChildSpec, Turn, on
from actors.bases.node import NodeBase
from actors.bases.node.addresses import system_of
from actors.bases.node.peers.carrier import Carried
from actors.bases.node.peers.peers import Member
from actors.bases.values import Values
from actors.link import Endpoint
from tests.contract.actors.worlds import trust_of
from tests.support.hub import Hub, HubCarrier

WAIT = 10.0
HERE = __name__
RAN: list[str] = []
"""What was run that must not be."""


class Note:
    """A message of an unmodified program: an object with attributes."""

    def __init__(self, what: str, **more: Any) -> None:
        self.what = what
        self.__dict__.update(more)


class Bomb:
    """It goes off where it is unpickled."""

    def __reduce__(self) -> tuple[Callable[..., None], tuple[str]]:
        return RAN.append, ("unpickled",)


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
        while True:
            try:
                return self.systems[by].createActor(actor_class, targetActorRequirements={"name": on})
            except NoCompatibleSystemForActor:
                pass  # it has not registered yet

    def ask(self, name: str, address: ActorAddress, msg: Any) -> Any:
        """Ask from outside."""
        return self.systems[name].ask(address, msg, WAIT)

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


@pytest.fixture
def hub() -> Iterator[HubSystems]:
    systems = HubSystems()
    yield systems
    for name in "cba":
        systems.systems[name].shutdown()


@pytest.fixture
def linked() -> Iterator[LinkedSystems]:
    systems = LinkedSystems()
    yield systems
    for name in "cba":
        systems.systems[name].shutdown()


@pytest.fixture(scope="module", params=[HubSystems, LinkedSystems])
def nodes(request: pytest.FixtureRequest) -> Iterator[Systems]:
    systems: Systems = request.param()
    yield systems
    for name in "cba":
        systems.systems[name].shutdown()


def test_messages_to_a_child_keep_their_order_while_it_is_made(nodes: Systems) -> None:
    parent = nodes.start(Parent, "b")
    child = nodes.ask("a", parent, ("begin", "c", 50)).address
    told: list[int] = []
    while len(told) < 100:
        told = nodes.ask("a", child, "told?")
    assert told == list(range(100))


def test_a_parent_knows_its_child_by_one_address(nodes: Systems) -> None:
    """Its own, the sender's, and the one that the child says of itself."""
    parent = nodes.start(Parent, "b")
    nodes.ask("a", parent, ("begin", "c", 1))
    assert nodes.ask("a", parent, "know it?") == (True, True)


def test_everybody_else_knows_a_child_by_the_address_on_its_node(nodes: Systems) -> None:
    parent = nodes.start(Parent, "b")
    child = nodes.ask("a", parent, ("begin", "c", 1)).address
    assert nodes.ask("c", child, Note("whose?")).address == child
    assert "~c/" in str(child)


def test_a_parent_hears_of_a_child_whose_node_has_died(hub: HubSystems) -> None:
    parent = hub.start(Parent, "b")
    hub.ask("a", parent, ("begin", "c", 1))
    assert hub.ask("a", parent, ("tell", hub.bases["a"].address_of(hub.bases["a"]._endpoint.ref))) == "noted"
    hub.carriers["c"].cut()
    assert hub.systems["a"].listen(WAIT) == ("ChildActorExited", True)


def test_a_child_ends_with_the_node_of_its_parent(hub: HubSystems) -> None:
    parent = hub.start(Parent, "b")
    child = hub.ask("a", parent, ("begin", "c", 1)).address
    assert hub.ask("a", child, "told?") is not None
    hub.carriers["b"].cut()
    letters = hub.start(DeadLetters, "a")
    hub.ask("a", letters, "begin")
    while not (found := hub.ask("a", letters, "letters?")):
        hub.systems["a"].tell(child, "there?")
    assert found[0] == (child, "there?")


def test_a_child_ends_with_its_parent(nodes: Systems) -> None:
    parent = nodes.start(Parent, "b")
    child = nodes.ask("a", parent, ("begin", "c", 1)).address
    nodes.systems["a"].tell(parent, ActorExitRequest())
    while nodes.bases["c"]._kernel.running.get(nodes.bases["c"]._addresses.ref(child).path) is not None:  # type: ignore[union-attr]
        pass


def test_what_finds_nobody_on_another_node_is_a_dead_letter_of_its_sender(nodes: Systems) -> None:
    letters = nodes.start(DeadLetters, "a")
    nodes.ask("a", letters, "begin")
    gone = nodes.start(Counter, "b")
    nodes.systems["a"].tell(gone, ActorExitRequest())
    nodes.systems["a"].tell(gone, Note("lost"))
    while not (found := nodes.ask("a", letters, "letters?")):
        pass
    assert len(found) == 1, [(str(a), repr(m), vars(m)) for a, m in found]
    ((address, letter),) = found
    assert (address, letter.what) == (gone, "lost")


def test_what_may_not_travel_comes_back_to_its_sender(nodes: Systems) -> None:
    counter = nodes.start(Counter, "b")
    parent = nodes.start(Parent, "a")
    assert nodes.ask("a", parent, ("send", counter, [open]))[0] == "PoisonMessage"


def test_a_node_that_leaves_is_no_member_any_more(hub: HubSystems) -> None:
    hub.start(Counter, "c")
    hub.systems["c"].shutdown()
    with pytest.raises(NoCompatibleSystemForActor):
        hub.systems["a"].createActor(Counter, targetActorRequirements={"name": "c"})


def test_the_leader_may_come_and_go_without_an_actor_noticing(hub: HubSystems) -> None:
    parent = hub.start(Parent, "b")
    child = hub.ask("a", parent, ("begin", "c", 1)).address
    hub.carriers["a"].cut()
    assert hub.ask("b", parent, "know it?") == (True, True)
    assert hub.ask("c", child, Note("whose?")).address == child


def bombs() -> list[bytes]:
    plain = Values((HERE,))
    return [
        pickle.dumps(Bomb()),
        pickle.dumps(("message", "x", "", Bomb())),
        b"",
        b"\xc1",
        b"\xff" * 1000,
        b"\x91" * 100_000,
        plain.encode(["message"]),
        plain.encode(["message", "thespian@a/1", "thespian@a/1", "it speaks for a"]),
        plain.encode(["admin", "", "", Note("no message for a system")]),
        msgspec.msgpack.encode([False, [["subprocess:Popen", [], ["args"]]], [32, "true"]]),
        msgspec.msgpack.encode([False, [], [10, "os:system"]]),
    ]


@pytest.mark.parametrize("item", bombs(), ids=lambda item: repr(item)[:30])
def test_what_a_node_receives_runs_nothing(nodes: Systems, item: bytes) -> None:
    RAN.clear()
    nodes.receive("a", "b", item)
    assert nodes.status("a") is not None
    assert RAN == []


@pytest.mark.parametrize(
    "name",
    [
        "subprocess:Popen",
        "subprocess.Popen",
        f"{HERE}:Secret",
        f"{HERE}:pickle",
        "thespian.actors:Actor",
        "os:system",
        5,
    ],
)
def test_a_node_makes_no_actors_but_those_of_allowed_classes(nodes: Systems, name: Any) -> None:
    convention = nodes.bases["a"]._kernel.host.convention
    assert convention is not None
    assert convention.actor_class(f"{HERE}:Counter") is Counter
    with pytest.raises(ValueError, match=r"allowed|no class|no name"):
        convention.actor_class(name)
    asker = nodes.bases["b"].address_of(nodes.bases["b"]._addresses.hosted("x-1"))
    before = nodes.status("a").childActors
    nodes.receive("a", "b", to_system(PendingActor(name, asker, 1, {"name": "a"}, None)))
    assert nodes.ask("b", system_of("a"), Thespian_StatusReq()).childActors == before


def to_system(msg: object) -> bytes:
    """Return an item with a message to a system, whatever it says."""
    hooks = {ActorAddress: (lambda address: address.addressDetails.replace("~", "@"), ActorAddress)}
    return Values(("thespian",), hooks=hooks).encode(["admin", "", "", msg])


def test_a_node_registers_no_other(nodes: Systems) -> None:
    for name in "db":
        nodes.receive("a", "b", to_system(ConventionRegister(system_of(name), {"name": name}, firstTime=True)))
    assert {str(address) for address, _ in nodes.status("a").conventionAttendees} <= {
        str(system_of(name)) for name in "bc"
    }


def test_what_is_created_nowhere_says_so(nodes: Systems) -> None:
    with pytest.raises(NoCompatibleSystemForActor):
        nodes.systems["b"].createActor(Endless)


garbage = st.recursive(
    st.none()
    | st.integers(-2, 5)
    | st.sampled_from(["", "a", "b", "thespian@a/1", f"{HERE}:Counter", f"{HERE}:Note"])
    | st.sampled_from([system_of("a"), system_of("b"), system_of("d"), ActorAddress("outside~a/1")]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "x"]), inner, max_size=2),
    max_leaves=4,
)
FIELDS = {
    ConventionRegister: ["adminAddress", "capabilities", "firstTime", "preRegister"],
    ConventionDeRegister: ["adminAddress", "preRegistered"],
    ConventionInvite: [],
    PendingActor: ["actorClassName", "forActor", "instanceNum", "targetActorReq", "globalName", "alreadyTried"],
    PendingActorResponse: ["forActor", "instanceNum", "errorCode", "actualAddress", "globalName", "errorStr"],
}


@st.composite
def system_messages(draw: st.DrawFn) -> object:
    """Messages of Thespian's own with anything in them."""
    kind = draw(st.sampled_from(list(FIELDS)))
    msg = kind.__new__(kind)
    msg.__dict__.update({name: draw(garbage) for name in FIELDS[kind] if draw(st.integers(0, 9))})
    return msg


@given(system_messages())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_node_lives_on_whatever_a_system_tells_it(nodes: Systems, msg: object) -> None:
    nodes.receive("c", "b", to_system(msg))
    assert nodes.status("c") is not None


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


def test_actors_of_both_kinds_talk_to_each_other_over_nodes(nodes: Systems) -> None:
    refs = {name: nodes.bases[name].spawn(ChildSpec(f"doubler-of-{name}", f"{HERE}:Doubler")) for name in "ab"}
    doublers = [nodes.bases[name].address_of(ref) for name, ref in refs.items()]
    parent = nodes.start(Parent, "c")
    for doubler in doublers:
        assert nodes.ask("a", parent, ("send", doubler, Double(21))) == (Double(42), doubler)


def test_thespian_ends_an_actor_of_ours_on_another_node(nodes: Systems) -> None:
    ref = nodes.bases["b"].spawn(ChildSpec("ended", f"{HERE}:Doubler"))
    parent = nodes.start(Parent, "c")
    nodes.systems["a"].tell(parent, ("send", nodes.bases["b"].address_of(ref), ActorExitRequest()))
    while nodes.bases["b"].running(ref):
        pass


def test_a_node_registers_again_with_a_leader_that_was_lost(linked: LinkedSystems) -> None:
    leader = linked.bases["a"].cluster
    assert leader is not None
    linked.bases["a"]._in_loop(leader.lose, "b", "the test wants it")
    linked.start(Counter, "b")
