"""A database is made, brought to the newest schema, or refused with a sentence (row DBX-01)."""

import sqlite3
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import StaticPool, create_engine

from soju_actors.adapters.database import Database, DatabaseError, migrations, open_database
from soju_actors.adapters.database.migrate import migrate
from soju_actors.adapters.database.tables import SCHEMA, WORDS
from soju_actors.adapters.database.version import NEWEST, VERSION_TABLE
from soju_actors.ports.database import LoadUsers, UsersLoaded
from tests.contract.database.conftest import POSTGRESQL
from tests.contract.database.storage import Storage, line
from tests.support.postgres import GUARDED, PASSWORD, Postgres

pytestmark = pytest.mark.e2e
"""A new database is made by another process."""


@pytest.fixture(params=["file", POSTGRESQL])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database that has nothing in it."""
    if request.param == "file":
        return f"sqlite:///{tmp_path}/new/soju.db"
    server: Postgres = request.getfixturevalue("postgres")
    return server.create_database(f"new_{request.node.name}"[:60])


def connect(url: str) -> Any:  # noqa: ANN401 - of either driver
    """Return a connection to run statements on."""
    if url.startswith("sqlite"):
        return sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    return psycopg.connect(url, autocommit=True)


def users_of(database: Database) -> list[str]:
    """Return the names of the users."""
    reader = database.reader()
    try:
        loaded = reader.perform(LoadUsers())
        assert isinstance(loaded, UsersLoaded), loaded
        return [user.name for user in loaded.users]
    finally:
        reader.close()


def test_a_new_database_is_made_without_alembic_in_this_process(
    new_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "alembic", None)  # importing it fails
    database = open_database(new_url, tmp_path)
    database.prepare()
    assert users_of(database) == []
    database.prepare()


def test_two_processes_may_make_it_at_once(new_url: str, tmp_path: Path) -> None:
    databases = [open_database(new_url, tmp_path) for _ in range(2)]
    with ThreadPoolExecutor() as threads:
        for done in [threads.submit(database.prepare) for database in databases]:
            done.result()
    assert users_of(databases[0]) == []


def test_a_file_can_be_read_by_its_owner_alone(tmp_path: Path) -> None:
    """It has the passwords of networks in it, in clear."""
    open_database("sqlite:///soju.db", tmp_path / "data").migrate()
    assert stat.S_IMODE((tmp_path / "data" / "soju.db").stat().st_mode) == 0o600


@pytest.mark.parametrize(("full_sync", "level"), [(False, 1), (True, 2)])
def test_commits_survive_a_power_failure_where_that_is_asked_for(full_sync: bool, level: int, tmp_path: Path) -> None:
    """Row DBX-02. Spec: https://www.sqlite.org/pragma.html#pragma_synchronous"""
    database = open_database("sqlite:///soju.db", tmp_path, full_sync=full_sync)
    database.migrate()
    with database.transaction() as session:
        execute = session._open.execute  # type: ignore[attr-defined]
        assert execute("PRAGMA synchronous").fetchone() == (level,)
        assert execute("PRAGMA journal_mode").fetchone() == (b"wal",)
        assert execute("PRAGMA foreign_keys").fetchone() == (1,)


def test_what_an_earlier_process_left_is_filed(storage: Storage) -> None:
    network = storage.network()
    storage.store(network, "#a", line(0))
    storage.database.prepare()
    assert storage.count("recent") == 0
    assert storage.entries(network, "#a") == (line(0),)


def test_the_first_schema_is_brought_to_the_newest(new_url: str, tmp_path: Path) -> None:
    database = open_database(new_url, tmp_path)
    database._place.create()
    connection = database._place.connect_to_migrate()
    migrate(database._place.dialect, connection, to="0001")
    connection.close()
    old = connect(new_url)
    old.execute(
        "INSERT INTO users "
        "(id, name, password_hash, admin, enabled, nick, realname, max_networks, created_at, revision)"
        " VALUES (1, 'alice', '', false, true, '', '', -1, 0, 0)"
    )
    old.close()
    database.prepare()
    assert users_of(database) == ["alice"]


def test_the_migrations_make_the_schema_that_the_queries_are_written_for(new_url: str, tmp_path: Path) -> None:
    database = open_database(new_url, tmp_path)
    database.migrate()
    connection = database._place.connect_to_migrate()
    dialect = database._place.dialect

    def is_ours(_: object, name: str | None, kind: str, *__: object) -> bool:
        return kind != "table" or not str(name).startswith(WORDS.name)

    options = {"version_table": VERSION_TABLE, "include_object": is_ours, "compare_type": True}
    engine = create_engine(f"{dialect}://", creator=lambda: connection, poolclass=StaticPool)
    with engine.connect() as open_connection:
        assert compare_metadata(MigrationContext.configure(open_connection, opts=options), SCHEMA) == []
    connection.close()


def test_the_newest_schema_is_that_of_the_last_migration() -> None:
    script = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert script.get_current_head() == f"{NEWEST:04}"


def test_a_newer_database_is_refused(new_url: str, tmp_path: Path) -> None:
    database = open_database(new_url, tmp_path)
    database.migrate()
    newer = connect(new_url)
    newer.execute(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")  # noqa: S608 - a name of ours
    newer.close()
    for work in (database.prepare, database.migrate):
        with pytest.raises(DatabaseError, match=f"newer than this program: it has schema 9999, and {NEWEST} is"):
            work()


def test_the_database_of_another_program_is_refused(new_url: str, tmp_path: Path) -> None:
    database = open_database(new_url, tmp_path)
    database._place.create()
    other = connect(new_url)
    other.execute('CREATE TABLE "Message" (id integer)')
    other.close()
    with pytest.raises(DatabaseError, match="belongs to another program"):
        database.prepare()


def test_a_migration_that_fails_changes_nothing(new_url: str, tmp_path: Path) -> None:
    """All of it is one transaction, the statements that change the schema too."""
    database = open_database(new_url, tmp_path)
    database._place.create()
    in_the_way = connect(new_url)
    in_the_way.execute("CREATE TABLE deletions (x integer)")
    connection = database._place.connect_to_migrate()
    with pytest.raises(Exception, match="deletions"):
        migrate(database._place.dialect, connection)
    connection.close()
    in_the_way.execute("DROP TABLE deletions")
    in_the_way.close()
    database.prepare()
    assert users_of(database) == []


def test_a_failure_of_the_other_process_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(DatabaseError, match="newest schema: /nowhere/python cannot be started"):
        open_database("sqlite:///soju.db", tmp_path).prepare()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("these are notes, and no database at all\n" * 100)
    with pytest.raises(DatabaseError, match="not a SQLite database"):
        open_database("sqlite:///notes.txt", tmp_path).prepare()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(
        DatabaseError, match=r"the database .*/file/soju.db cannot be written: (Not a directory|File ex)"
    ):
        open_database("sqlite:///soju.db", tmp_path / "file").prepare()
    (tmp_path / "soju.db").mkdir()
    with pytest.raises(DatabaseError, match=r"soju.db cannot be written: Is a directory"):
        open_database("sqlite:///soju.db", tmp_path).prepare()


@pytest.mark.parametrize("url", ["", "soju.db", "mysql://x", "sqlite:/x", "sqlite:///", "sqlite://host/x"])
def test_other_urls_are_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="it must be sqlite:///FILE or postgresql://"):
        open_database(url, tmp_path)


@pytest.mark.xdist_group("postgresql")
class TestPostgresql:
    def test_a_wrong_password_is_told_without_the_password(self, postgres: Postgres, tmp_path: Path) -> None:
        url = postgres.url(user=GUARDED, password="wrong-secret")
        with pytest.raises(DatabaseError, match="password authentication failed") as refused:
            open_database(url, tmp_path).prepare()
        assert "wrong-secret" not in str(refused.value)
        open_database(postgres.url(user=GUARDED, password=PASSWORD), tmp_path)._is_current()

    def test_a_server_that_is_not_there_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(DatabaseError, match=r"PostgreSQL cannot be used: .*No such file"):
            open_database(f"postgresql:///x?host={tmp_path}", tmp_path).prepare()

    def test_a_database_that_is_not_there_is_told(self, postgres: Postgres, tmp_path: Path) -> None:
        with pytest.raises(DatabaseError, match='database "nothing" does not exist'):
            open_database(postgres.url("nothing"), tmp_path).prepare()
