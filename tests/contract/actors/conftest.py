from collections.abc import Iterator

import pytest

from tests.contract.actors.worlds import WORLDS, World


@pytest.fixture(params=WORLDS)
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """Each base in turn."""
    world = WORLDS[request.param]()
    yield world
    world.close()
