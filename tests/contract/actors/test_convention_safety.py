"""What comes from other nodes of a convention runs nothing, whatever it is."""
# ruff: noqa: ANN401 - messages of Thespian's are any objects

import pickle
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from thespian.actors import (
    ActorAddress,
)
from thespian.system.messages.admin import PendingActor, PendingActorResponse
from thespian.system.messages.convention import ConventionDeRegister, ConventionInvite, ConventionRegister
from thespian.system.messages.status import Thespian_StatusReq

from actors.bases.node.addresses import system_of
from actors.bases.values import Values
from tests.contract.actors.systems import (
    HERE,
    Counter,
    Note,
    Systems,
)

RAN: list[str] = []
"""What was run that must not be."""


class Bomb:
    """It goes off where it is unpickled."""

    def __reduce__(self) -> tuple[Callable[..., None], tuple[str]]:
        return RAN.append, ("unpickled",)


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
        plain.encode(["full", "thespian@a/1", "", "it says so of another's actor"]),
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
    assert nodes.bases["a"]._kernel.host.pressure._behind == set()


@pytest.mark.parametrize(
    "name",
    [
        "subprocess:Popen",
        "subprocess.Popen",
        f"{HERE}:Secret",
        f"{HERE}:msgspec",
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
