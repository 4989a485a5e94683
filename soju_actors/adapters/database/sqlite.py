"""SQLite: one file, or memory for tests."""

import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import RLock
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, Text, bindparam, cast, func, literal_column, select
from sqlalchemy.dialects import sqlite as dialect

from soju_actors.adapters.database.errors import ConflictError, DatabaseError, StorageError
from soju_actors.adapters.database.packing import unpack
from soju_actors.adapters.database.place import Place
from soju_actors.adapters.database.query import Bulk, Kind, Messages, Rows, Statement
from soju_actors.adapters.database.session import Row, Session
from soju_actors.adapters.database.tables import WORDS, number_of
from soju_actors.model.entry import Entry

BUSY_TIMEOUT = 5.0
"""Seconds to wait for another program that writes."""
CHECKPOINT_PAGES = 16_000
"""Pages of the log, 64 MB, after which a commit copies it into the file where the checkpointer has not."""

_LINE_FEED: ColumnElement[str] = literal_column("char(10)")


def _rows_as_json(query: Select[Any]) -> Select[Any]:
    """One row of JSON instead of many rows: each row costs the interpreter's lock (see ``Bulk``)."""
    inner = query.subquery()
    return select(func.json_group_array(func.json_array(*inner.c)))


def _messages_as_lines(query: Any) -> Select[Any]:  # noqa: ANN401
    """One text for each column, with a line for each message; nothing stored of them has an LF in it."""
    columns = [cast(column, Text) for column in query.subquery().c]
    return select(*(func.group_concat(column, _LINE_FEED) for column in columns))


SQLITE = Kind(
    name="sqlite",
    named=dialect.dialect(paramstyle="named"),
    positional=dialect.dialect(paramstyle="qmark"),
    insert=dialect.insert,
    file_from=1000,
    packed_rows=_rows_as_json,
    packed_entries=_messages_as_lines,
    has_words=WORDS.c.message_words.op("MATCH")(bindparam("words")),
    stored_words=" ".join,
    wanted_words=lambda words: " ".join(f'"{word}"' for word in words),
    add_words=Bulk(lambda _: WORDS.insert(), ("rowid", "words")),
    remove_words=Bulk(
        lambda _: WORDS.insert().values({WORDS.c.message_words: literal_column("'delete'")}), ("rowid", "words")
    ),
)

_TRANSIENT = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_IOERR: "the disk failed to read or write",
    sqlite3.SQLITE_BUSY: "another program keeps the database locked",
    sqlite3.SQLITE_LOCKED: "another program keeps the database locked",
    sqlite3.SQLITE_READONLY: "the database may only be read",
    sqlite3.SQLITE_CANTOPEN: "the database file cannot be opened",
    sqlite3.SQLITE_PERM: "the database file may not be opened",
    sqlite3.SQLITE_NOMEM: "the memory is exhausted",
    sqlite3.SQLITE_PROTOCOL: "the database could not be locked",
}
_DAMAGED = {
    sqlite3.SQLITE_CORRUPT: "the database is damaged",
    sqlite3.SQLITE_NOTADB: "the file is not a SQLite database",
}
_PRIMARY = 0xFF
"""The part of an error code that says what happened; the rest says where."""


def failure_of(error: BaseException) -> StorageError | None:
    """Return what an error of SQLite means; None for one that only a bug can cause."""
    if not isinstance(error, sqlite3.Error):
        return None
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & _PRIMARY
    if code == sqlite3.SQLITE_CONSTRAINT:
        return ConflictError(str(error), duplicate=error.sqlite_errorname.endswith(("UNIQUE", "PRIMARYKEY", "ROWID")))
    if code in _TRANSIENT:
        return StorageError(_TRANSIENT[code], str(error), transient=True)
    if code in _DAMAGED:
        return StorageError(_DAMAGED[code], str(error), transient=True)
    return None


class SqliteSession(Session):
    """A connection to SQLite."""

    kind = SQLITE

    def __init__(
        self,
        connect: Callable[[], sqlite3.Connection],
        *,
        shared: "RLock | None" = None,
    ) -> None:
        super().__init__(shared)
        self._connect = connect
        self._shared = shared is not None
        self._connection: sqlite3.Connection | None = None

    @property
    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = self._connect()
            self._connection.text_factory = bytes
        return self._connection

    def rows(self, query: Rows, **values: object) -> Sequence[Row]:
        """Return all rows of a query."""
        sql, constants = query.on(SQLITE)
        [(found,)] = self._open.execute(sql, {**constants, **values})
        return msgspec.json.decode(found, type=list[list[Any]])

    def messages(self, query: Messages, **values: object) -> list[Entry]:
        """Return the messages that a query finds, in its order."""
        sql, constants = query.on(SQLITE)
        [found] = self._open.execute(sql, {**constants, **values})
        if found[0] is None:
            return []
        ids, times, senders, commands, msgids, lines = (
            column.decode("utf-8", "surrogateescape").split("\n") for column in found
        )
        return [
            Entry(number_of(int(id_)), int(time), unpack(sender), unpack(command), line, unpack(msgid))
            for id_, time, sender, command, msgid, line in zip(
                ids, times, senders, commands, msgids, lines, strict=True
            )
        ]

    def run(self, statement: Statement, **values: object) -> int:
        """Run a statement and return how many rows it changed."""
        sql, constants = statement.on(SQLITE)
        return self._open.execute(sql, {**constants, **values}).rowcount

    def insert(self, statement: Statement, **values: object) -> int | None:
        """Run an INSERT that returns an id; None if it inserted nothing."""
        sql, constants = statement.on(SQLITE)
        inserted = self._open.execute(sql, {**constants, **values}).fetchall()
        return inserted[0][0] if inserted else None

    def bulk(self, statement: Bulk, values: list[Any]) -> None:
        """Insert many rows, given all of their values in one list."""
        for sql, part in statement.parts(SQLITE, values):
            self._open.execute(sql, part)

    def table_names(self) -> set[str]:
        """Return the names of the tables that the database has."""
        found = self._open.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {name.decode() for (name,) in found if not name.startswith(b"sqlite_")}

    def checkpoint(self) -> None:
        """Copy the log, as far as nobody needs it."""
        with self._lock:
            try:
                self._open.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
            except sqlite3.Error as error:
                raise self._failed(error) or error from error

    def close(self) -> None:
        """Close the connection; the next transaction opens another."""
        if self._connection is not None and not self._shared:
            self._connection.close()
        self._connection = None

    def _alone(self, query: Rows, values: dict[str, object]) -> Sequence[Row]:
        return self.rows(query, **values)

    def _begin(self, *, write: bool) -> None:
        self._open.execute("BEGIN IMMEDIATE" if write else "BEGIN")

    def _commit(self) -> None:
        self._open.execute("COMMIT")

    def _failed(self, error: BaseException) -> StorageError | None:
        if self._connection is not None and self._connection.in_transaction:
            with suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
        failure = failure_of(error)
        if failure is not None and failure.transient:
            self.close()
        return failure


class SqliteFile(Place):
    """A database in a file."""

    dialect = "sqlite"

    def __init__(self, path: Path, *, full_sync: bool) -> None:
        self.name = f"the database {path}"
        self._path = path
        self._full_sync = full_sync

    def session(self) -> SqliteSession:
        """Return a session with a connection of its own."""
        return SqliteSession(self._connect)

    def create(self) -> None:
        """Make the folder and the file; it holds passwords of networks, so nobody else may read it.

        Raises:
            DatabaseError: the folder or the file cannot be written.
        """
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise DatabaseError(f"{self.name} cannot be written: {error.strerror}") from error

    def connect_to_migrate(self) -> sqlite3.Connection:
        """Open a connection that changes the schema."""
        return self._connect()

    def failure_of(self, error: BaseException) -> StorageError | None:
        """Return what an error of SQLite means; None for one that only a bug can cause."""
        return failure_of(error)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"{self._path.absolute().as_uri()}?mode=rw",
            uri=True,
            timeout=BUSY_TIMEOUT,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=256,
        )
        sync = "FULL" if self._full_sync else "NORMAL"
        return _set_up(connection, (*_SETTINGS, "PRAGMA journal_mode=WAL", f"PRAGMA synchronous={sync}"))

    def close(self) -> None:
        """Nothing is shared."""


class SqliteMemory(Place):
    """A database in memory, which all sessions of this process share: for tests."""

    dialect = "sqlite"
    name = "the database in memory"
    has_many_connections = False

    def __init__(self) -> None:
        self._connection = _set_up(
            sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False), _SETTINGS
        )
        self._lock = RLock()

    def session(self) -> SqliteSession:
        """Return a session on the only connection."""
        return SqliteSession(lambda: self._connection, shared=self._lock)

    def create(self) -> None:
        """Nothing is missing."""

    def connect_to_migrate(self) -> sqlite3.Connection:
        """Return the only connection."""
        self._connection.text_factory = str
        return self._connection

    def failure_of(self, error: BaseException) -> StorageError | None:
        """Return what an error of SQLite means; None for one that only a bug can cause."""
        return failure_of(error)

    def close(self) -> None:
        """Forget all."""
        self._connection.close()


_SETTINGS = ("PRAGMA foreign_keys=ON", f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}")


def _set_up(connection: sqlite3.Connection, settings: Sequence[str]) -> sqlite3.Connection:
    try:
        for setting in settings:
            connection.execute(setting)
    except sqlite3.Error:
        connection.close()
        raise
    return connection
