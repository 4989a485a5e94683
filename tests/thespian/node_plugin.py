"""A plugin of pytest that gives Thespian's own tests a node for a system base."""

from collections.abc import Iterator
from typing import Any

import pytest
import thespian.test
from thespian.actors import ActorSystem

from actors.bases.node import NodeBase

CONVENTION = "several systems in a convention"
PROCESS = "ends the process of one actor"
PARALLEL = "gives actors that sleep in their turns only the time that they need side by side, each in a process"
SOURCES = "loads sources"
RETRY = "insists that receiveMessage is called again after it has raised"

EXCLUDED = {
    "test_HAConvention.py": CONVENTION,
    "test_actorFailures.py::TestFuncActorFailures::test08_DeepActorInvoluntaryTermination": PROCESS,
    "test_actorFailures.py::TestFuncActorFailures::test_abrupt_child_exit": PROCESS,
    "test_actorSignals.py::TestFuncMultiProcActorSignals": PROCESS,
    "test_badmessage.py::test03_intermittentlyBad": RETRY,
    "test_manyActorSystems.py": CONVENTION,
    "test_multipleActorSystems.py::TestFuncMultiProcessSystem": CONVENTION,
    "test_preRegistration.py": CONVENTION,
    "test_sourceLoading.py": SOURCES,
    "test_threadedExternal.py::TestFuncThreadedExternal::test_multiple_threads_private_context[node-10]": PARALLEL,
    "test_threadedExternal.py::TestFuncThreadedExternal::test_multiple_threads_private_context[node-100]": PARALLEL,
    "test_threadedExternal.py::TestFuncThreadedExternal::test_multiple_threads_private_context_ask[node-100]": PARALLEL,
    "test_troupe.py::testLoadableColony": SOURCES,
    "test_troupe.py::testLoadableHive": SOURCES,
    "test_updateSystemCapabilities.py::TestFuncCapabilityUpdates": CONVENTION,
}
"""Tests that a node in one process cannot or must not pass, and why."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect what is excluded.

    Raises:
        pytest.UsageError: an exclusion fits no test, so it is out of date.
    """
    excluded = {item: reason for item in items if (reason := _exclusion(item))}
    stale = set() if hasattr(config, "workerinput") else EXCLUDED.keys() - set(excluded.values())
    if stale:
        raise pytest.UsageError(f"no such tests: {', '.join(sorted(stale))}")
    config.hook.pytest_deselected(items=list(excluded))
    items[:] = [item for item in items if item not in excluded]


def _exclusion(item: pytest.Item) -> str | None:
    name = f"{item.path.name}::{item.nodeid.partition('::')[2]}"
    return next((prefix for prefix in EXCLUDED if name.startswith(prefix)), None)


def new_system(base_name: str, capabilities: dict[str, Any]) -> ActorSystem:
    """Make an actor system on a node, with the attributes that the tests want of it."""
    system = ActorSystem(systemBase=NodeBase(capabilities=capabilities), transientUnique=True)
    system.base_name = base_name
    system.port_num = None
    system.txonly = False
    return system


@pytest.fixture(params=["node"])
def asys(request: pytest.FixtureRequest) -> Iterator[ActorSystem]:
    """The system of a test."""
    wanted = {"Foo Allowed": True, "Cows Allowed": True, "Dogs Allowed": True, "dog": "food"}
    system = new_system(request.param, wanted)
    yield system
    system.shutdown()


def similar_asys(
    asys: ActorSystem,
    in_convention: bool = True,
    start_wait: bool = True,
    capabilities: dict[str, Any] | None = None,
) -> ActorSystem:
    """Another system; nodes in one process have no convention."""
    del in_convention, start_wait
    return new_system(asys.base_name, capabilities or {})


thespian.test.asys = asys
thespian.test.similar_asys = similar_asys
