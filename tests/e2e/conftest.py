"""What all end-to-end tests share."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.servers import InspIRCd, NgIRCd, Server


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short path, for Unix sockets have only 107 bytes of it."""
    with tempfile.TemporaryDirectory(prefix="e2e", ignore_cleanup_errors=True) as name:
        yield Path(name)


@pytest.fixture(params=[InspIRCd, NgIRCd], ids=["inspircd", "ngircd"])
def server(request: pytest.FixtureRequest, folder: Path) -> Server:
    """A real server, to be entered."""
    kind: type[Server] = request.param
    return kind(folder / "server")
