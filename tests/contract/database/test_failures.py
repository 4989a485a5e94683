"""Failures are answers with a sentence, change nothing, and pass by themselves."""

import sqlite3
from pathlib import Path

import psycopg
import pytest

from soju_actors.adapters.database import open_database, sqlite
from soju_actors.model.records import User, UserId
from soju_actors.ports.database import (
    Appended,
    Checkpoint,
    Commit,
    Committed,
    Index,
    LoadUsers,
    RangeRead,
    ReadFailed,
    ReadRange,
    Saved,
    SaveUser,
    WriteFailed,
)
from tests.contract.database.conftest import POSTGRESQL
from tests.contract.database.storage import Storage, line
from tests.support.postgres import Postgres

BIG = tuple(line(number, "x" * 300) for number in range(2000))


def limit_pages(storage: Storage) -> None:
    """Let the file of the writer's connection grow no more, as on a full disk."""
    connection = storage.writer._session._open  # type: ignore[attr-defined]
    [(pages,)] = connection.execute("PRAGMA page_count").fetchall()
    connection.execute(f"PRAGMA max_page_count = {pages + 5}")


@pytest.mark.parametrize("kind", ["file"], indirect=True)
class TestFile:
    def test_a_full_disk_is_told_and_the_commit_can_be_given_again(
        self, storage: Storage, caplog: pytest.LogCaptureFixture
    ) -> None:
        """The answer is for users, what the database has said for the log."""
        network = storage.network()
        storage.store(network, "#a", line(0), line(1))
        job = Commit((Appended(network, "#a", BIG[2:]), Appended(network, "#new", BIG)), request=5)
        limit_pages(storage)
        failed = storage.write(job)
        assert failed == WriteFailed("the disk is full", transient=True, request=5)
        assert caplog.messages == ["the disk is full: database or disk is full"]
        assert [entry.number for entry in storage.entries(network, "#a")] == [0, 1]
        assert storage.entries(network, "#new") == ()
        assert storage.write(job) == Committed(5)
        assert [entry.number for entry in storage.entries(network, "#a")] == list(range(2000))
        assert storage.entries(network, "#new") == BIG

    def test_a_full_disk_stops_neither_settings_nor_indexes_for_good(self, storage: Storage) -> None:
        network = storage.network()
        storage.store(network, "#a", *BIG[:20])
        connection = storage.writer._session._open  # type: ignore[attr-defined]
        connection.execute("PRAGMA max_page_count = 1")
        assert storage.write(Index(100)).transient
        assert storage.index() == 20
        assert len(storage.search(network, "x" * 300)) == 20

    def test_another_program_that_keeps_it_locked_is_told(
        self, storage: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sqlite, "BUSY_TIMEOUT", 0.01)
        network = storage.network()
        storage.writer = storage.database.writer()
        other = sqlite3.connect(tmp_path / "soju.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        failed = storage.write(Commit((Appended(network, "#a", (line(0),)),)))
        assert failed == WriteFailed("another program keeps the database locked", transient=True)
        assert storage.entries(network, "#a") == (), "readers do not wait for who writes"
        other.execute("ROLLBACK")
        storage.store(network, "#a", line(0))

    def test_a_file_that_is_gone_is_told_and_not_made_anew(self, storage: Storage, tmp_path: Path) -> None:
        network = storage.network()
        storage.writer.close()
        (tmp_path / "soju.db").rename(tmp_path / "elsewhere.db")
        failed = storage.write(SaveUser(User(UserId(0), "alice"), request=3))
        assert failed == WriteFailed("the database file cannot be opened", transient=True, request=3)
        (tmp_path / "elsewhere.db").rename(tmp_path / "soju.db")
        storage.store(network, "#a", line(0))

    def test_a_damaged_file_is_told_and_used_again_once_restored(self, storage: Storage, tmp_path: Path) -> None:
        network = storage.network()
        storage.store(network, "#a", line(0))
        storage.writer.close()
        storage.reader.close()
        sound = (tmp_path / "soju.db").read_bytes()
        (tmp_path / "soju.db").write_bytes(b"garbage!" * 1000)
        storage.writer, storage.reader = storage.database.writer(), storage.database.reader()
        failed = storage.write(Commit((Appended(network, "#a", (line(1),)),)))
        assert failed.transient
        assert "not a SQLite database" in failed.reason
        assert "not a SQLite database" in storage.read(ReadRange(network, "#a", 0, 9, 9, 4)).reason
        (tmp_path / "soju.db").write_bytes(sound)
        storage.store(network, "#a", line(1))
        assert storage.entries(network, "#a") == (line(0), line(1))

    def test_a_checkpoint_brings_commits_into_the_file_itself(self, storage: Storage, tmp_path: Path) -> None:
        network = storage.network()
        storage.store(network, "#a", *BIG)
        copy = tmp_path / "copy.db"
        checkpointer = storage.database.checkpointer()
        checkpointer.perform(Checkpoint())
        copy.write_bytes((tmp_path / "soju.db").read_bytes())  # without the log beside it
        copied = open_database("sqlite:///copy.db", tmp_path).reader()
        found = copied.perform(ReadRange(network, "#a", 0, 9999, 9999))
        assert isinstance(found, RangeRead)
        assert found.entries == BIG
        copied.close()
        checkpointer.close()

    def test_a_checkpoint_that_fails_is_left_to_the_next_one(self, storage: Storage, tmp_path: Path) -> None:
        checkpointer = storage.database.checkpointer()
        (tmp_path / "soju.db").rename(tmp_path / "elsewhere.db")
        checkpointer.perform(Checkpoint())
        (tmp_path / "elsewhere.db").rename(tmp_path / "soju.db")
        checkpointer.perform(Checkpoint())
        checkpointer.close()

    def test_two_writers_take_turns(self, storage: Storage) -> None:
        """Another process, such as the command line, may write while the bouncer runs."""
        network = storage.network()
        storage.store(network, "#a", line(0))
        second = storage.database.writer()
        assert second.perform(SaveUser(User(UserId(0), "second"), request=2)) == Saved(2, 2)
        storage.store(network, "#a", line(1))
        second.close()
        assert storage.entries(network, "#a") == (line(0), line(1))


@pytest.mark.parametrize("kind", [POSTGRESQL], indirect=True)
class TestServer:
    def test_a_lost_server_is_told_and_found_again(self, storage: Storage, postgres: Postgres) -> None:
        network = storage.network()
        storage.store(network, "#a", line(0))
        assert storage.entries(network, "#a") == (line(0),)
        job = Commit((Appended(network, "#a", (line(1),)),), request=4)
        postgres.crash()
        try:
            for _ in range(2):  # on the lost connection, then without one
                failed = storage.write(job)
                assert isinstance(failed, WriteFailed), failed
                assert (failed.transient, failed.request) == (True, 4)
                assert failed.reason == "PostgreSQL cannot be used"
                unread = storage.read(LoadUsers(6))
                assert isinstance(unread, ReadFailed), unread
                assert unread.request == 6
                assert unread.reason == "PostgreSQL cannot be used"
        finally:
            postgres.start()
        assert storage.write(job) == Committed(4)
        assert storage.entries(network, "#a") == (line(0), line(1))

    def test_a_server_that_was_restarted_meanwhile_costs_no_job(self, storage: Storage, postgres: Postgres) -> None:
        """Its connections are gone, which is seen with the next job: that one opens others and goes on."""
        network = storage.network()
        storage.store(network, "#a", line(0))
        assert storage.entries(network, "#a") == (line(0),)
        postgres.crash()
        postgres.start()
        assert storage.entries(network, "#a") == (line(0),)
        storage.store(network, "#a", line(1))
        assert storage.entries(network, "#a") == (line(0), line(1))

    def test_a_server_that_may_only_be_read_is_told(self, storage: Storage, postgres: Postgres) -> None:
        """Another server may have taken over."""
        network = storage.network()
        database = storage.database._url.partition("@/")[2].partition("?")[0]
        postgres.execute(f"ALTER DATABASE {database} SET default_transaction_read_only = on")
        storage.writer.close()
        failed = storage.write(Commit((Appended(network, "#a", (line(0),)),)))
        assert failed.transient
        assert failed.reason == "PostgreSQL may only be read"
        postgres.execute(f"ALTER DATABASE {database} SET default_transaction_read_only = off")
        storage.store(network, "#a", line(0))

    def test_a_network_that_goes_while_its_line_comes_costs_no_other_line(self, storage: Storage) -> None:
        """The commit is to be given again; by then it is known that the network is gone."""
        user = storage.user()
        network, gone = storage.network(user, "kept"), storage.network(user, "gone")
        storage.store(gone, "#a", line(0))
        with storage.database.transaction() as session:
            session._open.execute("DELETE FROM networks WHERE id = %s", (gone,))  # type: ignore[attr-defined]
        job = Commit((Appended(gone, "#b", (line(0),)), Appended(network, "#a", (line(0),))))
        assert storage.write(job) == Committed()
        assert storage.entries(network, "#a") == (line(0),)


def test_a_commit_whose_answer_was_lost_is_not_done_twice(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was committed, the connection failed, and nobody knows: so it is given again."""
    network = storage.network()
    few, many = tuple(map(line, range(5))), tuple(map(line, range(50)))
    job = Commit((Appended(network, "#few", few), Appended(network, "#many", many)))
    session = storage.writer._session
    commit = session._commit

    def commit_and_lose_the_answer() -> None:
        commit()
        raise _lost(storage.kind)

    with monkeypatch.context() as patch:
        patch.setattr(session, "_commit", commit_and_lose_the_answer)
        assert storage.write(job).transient
    assert storage.write(job) == Committed()
    storage.store(network, "#few", line(5))
    storage.index()
    assert storage.entries(network, "#few") == (*few, line(5))
    assert storage.entries(network, "#many") == many
    assert len(storage.search(network, "hello")) == 56


def _lost(kind: str) -> Exception:
    if kind == "postgresql":
        return psycopg.OperationalError("the connection is lost")
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR_WRITE
    return error


def test_a_bug_is_no_failure_of_the_database_and_changes_nothing(storage: Storage) -> None:
    user = storage.user()
    with pytest.raises(UnicodeEncodeError):
        storage.write(SaveUser(User(user, "alice", nick="\ud800")))
    with pytest.raises(KeyError):
        storage.write(LoadUsers())
    with pytest.raises(KeyError):
        storage.read(Index(1))
    assert storage.settings(user).user.nick == ""
    storage.store(storage.network(user), "#a", line(0))
