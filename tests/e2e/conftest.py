"""What all end-to-end tests share."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.postgres import Postgres
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


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    """A database server of the module's own, which its tests may stop."""
    server = Postgres()
    yield server
    server.remove()


@pytest.fixture
def reachable(folder: Path) -> None:
    """Let PostgreSQL, which does not run as root, reach what relays to it."""
    folder.chmod(0o755)
