"""One suite for every kind of database; ``any_kind`` runs a test on all of them."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from soju_actors.adapters.database import open_database
from tests.contract.database.storage import Storage
from tests.support.databases import database_in_memory, empty_database
from tests.support.postgres import Postgres

POSTGRESQL = pytest.param("postgresql", marks=[pytest.mark.e2e, pytest.mark.xdist_group("postgresql")])
_names = count()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    server = Postgres()
    yield server
    server.remove()


@pytest.fixture(scope="session")
def template_database(postgres: Postgres) -> str:
    open_database(postgres.create_database("made"), Path()).migrate()
    return "made"


@pytest.fixture(params=["file", "memory", POSTGRESQL])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def storage(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    """A database of each kind with the newest schema, empty."""
    if kind == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        url = server.create_database(f"test{next(_names)}", request.getfixturevalue("template_database"))
    elif kind == "file":
        url = "sqlite:///soju.db"
        (tmp_path / "soju.db").write_bytes(empty_database())
    else:
        url = ""
    made = Storage(open_database(url, tmp_path) if url else database_in_memory(), kind)
    yield made
    made.close()


@pytest.fixture
def memory() -> Iterator[Storage]:
    """An empty database in memory, for properties that would take long on the others."""
    made = Storage(database_in_memory(), "memory")
    yield made
    made.close()
