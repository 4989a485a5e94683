"""A plugin of pytest that gives Thespian's own tests a node for a system base."""

import functools
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import thespian.test
from thespian.actors import ActorAddress, ActorSystem

from actors.bases.node import NodeBase
from actors.bases.node.addresses import system_of
from actors.bases.node.peers.peers import Member
from actors.bases.node.peers.trust import Trust
from actors.link import Endpoint
from soju_actors.adapters.authority import Authority
from tests.support.hub import Hub, HubCarrier

REGISTRATION = 0.1
"""Seconds in which nodes in one process know each other."""
PROCESS = "ends the process of one actor"
PARALLEL = "gives actors that sleep in their turns only the time that they need side by side, each in a process"
SOURCES = "loads sources"
TEXT = "reads an IP address out of the text of the address of an actor"
RETRY = "insists that receiveMessage is called again after it has raised"

EXCLUDED = {
    "test_actorSignals.py::TestFuncMultiProcActorSignals": PROCESS,
    "test_badmessage.py::test03_intermittentlyBad": RETRY,
    "test_sourceLoading.py": SOURCES,
    "test_threadedExternal.py::TestFuncThreadedExternal::test_multiple_threads_private_context[node-10]": PARALLEL,
    "test_threadedExternal.py::TestFuncThreadedExternal::test_multiple_threads_private_context[node-100]": PARALLEL,
    "test_threadedExternal.py::TestFuncThreadedExternal::test_multiple_threads_private_context_ask[node-100]": PARALLEL,
    "test_troupe.py::testLoadableColony": SOURCES,
    "test_troupe.py::testLoadableHive": SOURCES,
}
"""Tests that a node in one process cannot or must not pass, and why."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect what is excluded.

    Raises:
        pytest.UsageError: an exclusion fits no test, so it is out of date.
    """
    excluded = {item: reason for item in items if (reason := _exclusion(item) or _other_base(item))}
    stale = set() if hasattr(config, "workerinput") else EXCLUDED.keys() - set(excluded.values())
    if stale:
        raise pytest.UsageError(f"no such tests: {', '.join(sorted(stale))}")
    config.hook.pytest_deselected(items=list(excluded))
    items[:] = [item for item in items if item not in excluded]


def _other_base(item: pytest.Item) -> str | None:
    """Return the base of Thespian's that a test has, if it is not the one in whose place ours is."""
    parameters = getattr(item, "callspec", None)
    base = parameters.params.get("testsystems") if parameters is not None else None
    return base if base != REPLACED else None


def _exclusion(item: pytest.Item) -> str | None:
    name = f"{item.path.name}::{item.nodeid.partition('::')[2]}"
    return next((prefix for prefix in EXCLUDED if name.startswith(prefix)), None)


LINKED = os.environ.get("NODES_OF_TESTS") == "linked"
"""The nodes are connected as they are on several machines; otherwise without a network."""
if LINKED:
    EXCLUDED["test_preRegistration.py::TestFuncRegistration::test_RegistrationNotificationWithActorAddress"] = TEXT
    EXCLUDED["test_preRegistration.py::TestFuncRegistration::test_publicAddrDeRegistration"] = TEXT
HUB = Hub()
FOLDER = tempfile.TemporaryDirectory()
"""For keys."""
REPLACED = "multiprocTCPBase"
"""Tests that make their systems themselves get ours by the name of this base."""
ALLOWED = ("thespian",)


class NodeOfTests(NodeBase):
    """A node with what Thespian's tests want of it besides its interface."""

    def __init__(self, capabilities: dict[str, Any]) -> None:
        address = f"127.0.0.1:{capabilities['Admin Port']}"
        name = name_at(address)
        if LINKED:
            member = Member(trust=trust_of(name), listen=Endpoint("127.0.0.1"))
            super().__init__(name=name, capabilities=capabilities, member=member, allowed=ALLOWED)
        else:
            carrier = HubCarrier(HUB, name, address)
            super().__init__(name=name, capabilities=capabilities, carrier=carrier, allowed=ALLOWED)

    @property
    def transport(self) -> "NodeOfTests":
        """What knows the address of the system at an IP address."""
        return self

    def getAddressFromString(self, where: str) -> ActorAddress:  # noqa: N802 - Thespian's name
        """Return the address of the system at an IP address."""
        return system_of(name_at(where))


def name_at(address: str) -> str:
    """Return the name of the node at an address.

    Some tests read an IP address out of the text of Thespian's addresses, so it is there if it may be.
    """
    return f"node-{address.rpartition(':')[2]}" if LINKED else f"T|{address}"


@functools.cache
def authority() -> Authority:
    """Return the one that lets the nodes of this process in."""
    made = Authority(Path(FOLDER.name) / "keys")
    made.init("thespian", time.time())
    return made


@functools.cache
def trust_of(node: str) -> Trust:
    """Return the certificates of a node."""
    authority().issue(node, time.time())
    return Trust(authority().folder_of(node))


class _Module(ModuleType):
    """Looks like the module of a base of Thespian's."""

    @staticmethod
    def ActorSystemBase(system: ActorSystem, logDefs: Any = None) -> NodeOfTests:  # noqa: ANN401, N802, N803
        """Return a node."""
        del logDefs
        return NodeOfTests(system.capabilities)


sys.modules[f"thespian.system.{REPLACED}"] = _Module(REPLACED)


def new_system(base_name: str, capabilities: dict[str, Any]) -> ActorSystem:
    """Make an actor system on a node, with the attributes that the tests want of it."""
    system = ActorSystem(systemBase=NodeOfTests(capabilities), transientUnique=True)
    system.base_name = base_name
    system.port_num = capabilities["Admin Port"]
    system.txonly = False
    return system


@pytest.fixture(params=["node"])
def asys(request: pytest.FixtureRequest) -> Iterator[ActorSystem]:
    """The system of a test."""
    port = thespian.test.get_free_admin_port()
    wanted = {"Foo Allowed": True, "Cows Allowed": True, "Dogs Allowed": True, "dog": "food"}
    system = new_system(request.param, {**wanted, "Admin Port": port, "Convention Address.IPv4": ("", port)})
    yield system
    system.shutdown()


def similar_asys(
    asys: ActorSystem,
    in_convention: bool = True,
    start_wait: bool = True,
    capabilities: dict[str, Any] | None = None,
) -> ActorSystem:
    """Another system, in the convention of the first one or not."""
    wanted = {**(capabilities or {}), "Admin Port": thespian.test.get_free_admin_port()}
    if in_convention:
        wanted["Convention Address.IPv4"] = ("", asys.port_num)
    system = new_system(asys.base_name, wanted)
    if in_convention and start_wait:
        time.sleep(REGISTRATION)
    return system


thespian.test.asys = asys
thespian.test.similar_asys = similar_asys
