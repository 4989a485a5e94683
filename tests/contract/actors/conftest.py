from collections.abc import Iterator

import pytest

from tests.contract.actors.systems import HubSystems, LinkedSystems, Systems
from tests.contract.actors.worlds import WORLDS, World

SLOW = pytest.mark.e2e, pytest.mark.xdist_group("three nodes")


@pytest.fixture(params=[pytest.param(name, marks=SLOW * (name == "node-3-uvloop")) for name in WORLDS])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """Each base in turn."""
    world = WORLDS[request.param]()
    yield world
    world.close()


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
