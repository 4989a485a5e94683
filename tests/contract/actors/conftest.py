from collections.abc import Iterator

import pytest

from tests.contract.actors.systems import HubSystems, LinkedSystems, Systems
from tests.contract.actors.worlds import WORLDS, World


@pytest.fixture(params=WORLDS)
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
