"""PostgreSQL, by psycopg 3."""

import math
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import psycopg
from psycopg import errors
from sqlalchemy import Select, bindparam, cast
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR, insert
from sqlalchemy.dialects.postgresql.psycopg import dialect

from soju_actors.adapters.database.errors import ConflictError, StorageError
from soju_actors.adapters.database.packing import unpack
from soju_actors.adapters.database.place import Place
from soju_actors.adapters.database.query import Bulk, Kind, Messages, Rows, Statement
from soju_actors.adapters.database.session import Row, Session
from soju_actors.adapters.database.tables import WORDS, number_of
from soju_actors.model.entry import Entry

CONNECT_TIMEOUT = 10
"""Seconds after which a server that does not answer is said to be unreachable."""
SILENCE = 15.0
"""Seconds without acknowledgement after which a connection is given up."""
IDLE = 4.0
"""Seconds after which the server ends a transaction whose program is stopped in the middle: others wait for it."""


def _as_it_is(query: Select[Any]) -> Select[Any]:
    return query


POSTGRESQL = Kind(
    name="postgresql",
    named=dialect(paramstyle="pyformat"),  # type: ignore[no-untyped-call]
    positional=dialect(paramstyle="format"),  # type: ignore[no-untyped-call]
    insert=insert,
    # The server's own processes put pages in order; there is nothing to win.
    file_from=1,
    packed_rows=_as_it_is,
    packed_entries=_as_it_is,
    has_words=WORDS.c.words.op("@@")(cast(bindparam("words"), TSQUERY)),
    stored_words=lambda words: " ".join(f"'{word}'" for word in words),
    wanted_words=lambda words: " & ".join(f"'{word}'" for word in words),
    add_words=Bulk(
        lambda kind: (
            kind.insert(WORDS)
            .values(rowid=bindparam("rowid"), words=cast(bindparam("words"), TSVECTOR))
            .on_conflict_do_nothing()
        ),
        ("rowid", "words"),
    ),
    remove_words=None,
)

_TRANSIENT: tuple[tuple[type[psycopg.Error] | tuple[type[psycopg.Error], ...], str], ...] = (
    (errors.DiskFull, "the disk of PostgreSQL is full"),
    (errors.ReadOnlySqlTransaction, "PostgreSQL may only be read"),
    ((errors.SerializationFailure, errors.DeadlockDetected), "another program changed the same"),
    (
        (errors.LockNotAvailable, errors.QueryCanceled, errors.IdleInTransactionSessionTimeout),
        "PostgreSQL took too long",
    ),
    (errors.InsufficientPrivilege, "PostgreSQL denies permission"),
)


def failure_of(error: BaseException) -> StorageError | None:
    """Return what an error of PostgreSQL means; None for one that only a bug can cause."""
    if not isinstance(error, psycopg.Error):
        return None
    said = _last_words(error)
    if isinstance(error, psycopg.IntegrityError):
        return ConflictError(said, duplicate=isinstance(error, errors.UniqueViolation))
    for kinds, sentence in _TRANSIENT:
        if isinstance(error, kinds):
            return StorageError(sentence, said, transient=True)
    if isinstance(error, psycopg.OperationalError):
        return StorageError("PostgreSQL cannot be used", said, transient=True)
    return None


def _last_words(error: psycopg.Error) -> str:
    """Return the one line that says what happened."""
    lines = [line for line in (error.diag.message_primary or str(error)).splitlines() if line.strip()]
    return lines[0].strip().removeprefix("connection is bad: ") if lines else type(error).__name__


def connect(url: str, *, patience: float | None = None) -> "psycopg.Connection[Any]":
    """Open a connection; with ``patience`` it is one whose statements fail after so many seconds.

    Raises:
        psycopg.OperationalError: the server does not answer, or refuses.
    """
    connection = psycopg.connect(
        url,
        autocommit=True,
        connect_timeout=CONNECT_TIMEOUT if patience is None else max(2, math.ceil(patience)),  # libpq takes 1 for 2
        application_name="soju-actors",
        keepalives_idle=30,
        tcp_user_timeout=int(1000 * (SILENCE if patience is None else patience)),
    )
    if patience is not None:
        connection.execute(f"SET statement_timeout = {int(1000 * patience)}")
    # A plan for any limit would read all of a target's history and sort it.
    connection.execute("SET plan_cache_mode = force_custom_plan")
    return connection


class PostgresSession(Session):
    """A connection to PostgreSQL."""

    kind = POSTGRESQL

    def __init__(self, url: str, patience: float | None = None) -> None:
        super().__init__()
        self._url = url
        self._patience = patience
        self._connection: psycopg.Connection[Any] | None = None

    @property
    def _open(self) -> "psycopg.Connection[Any]":
        if self._connection is None:
            self._connection = connect(self._url, patience=self._patience)
            self._connection.execute(f"SET idle_in_transaction_session_timeout = {int(1000 * IDLE)}")
        return self._connection

    def rows(self, query: Rows, **values: object) -> Sequence[Row]:
        """Return all rows of a query."""
        sql, constants = query.on(POSTGRESQL)
        found: list[Row] = self._open.execute(sql, {**constants, **values}).fetchall()
        return found

    def messages(self, query: Messages, **values: object) -> list[Entry]:
        """Return the messages that a query finds, in its order."""
        sql, constants = query.on(POSTGRESQL)
        found = self._open.execute(sql, {**constants, **values}, binary=True).fetchall()
        return [
            Entry(
                number_of(id_),
                time,
                unpack(sender),
                unpack(command),
                line.decode("utf-8", "surrogateescape"),
                unpack(msgid),
            )
            for id_, time, sender, command, msgid, line in found
        ]

    def run(self, statement: Statement, **values: object) -> int:
        """Run a statement and return how many rows it changed."""
        sql, constants = statement.on(POSTGRESQL)
        return self._open.execute(sql, {**constants, **values}).rowcount

    def insert(self, statement: Statement, **values: object) -> int | None:
        """Run an INSERT that returns an id; None if it inserted nothing."""
        sql, constants = statement.on(POSTGRESQL)
        inserted = self._open.execute(sql, {**constants, **values}).fetchone()
        return int(inserted[0]) if inserted else None

    def bulk(self, statement: Bulk, values: list[Any]) -> None:
        """Insert many rows, given all of their values in one list."""
        for sql, part in statement.parts(POSTGRESQL, values):
            self._open.execute(sql, part)

    def table_names(self) -> set[str]:
        """Return the names of the tables that the database has."""
        found = self._open.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()").fetchall()
        return {name for (name,) in found}

    def checkpoint(self) -> None:
        """Nothing: the server does it by itself."""

    def close(self) -> None:
        """Close the connection; the next transaction opens another."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _alone(self, query: Rows, values: dict[str, object]) -> Sequence[Row]:
        sql, constants = query.on(POSTGRESQL)
        found: list[Row] = self._first(sql, {**constants, **values}).fetchall()
        return found

    def _begin(self, *, write: bool) -> None:
        # What a writer looks at after it has waited is what is there by then (`fencing`).
        self._first(f"BEGIN ISOLATION LEVEL {'READ COMMITTED' if write else 'REPEATABLE READ READ ONLY'}")

    def _first(self, sql: str, values: dict[str, object] | None = None) -> "psycopg.Cursor[Any]":
        """Run the first statement of a job."""
        try:
            return self._open.execute(sql, values)
        except psycopg.OperationalError:
            if self._connection is None or not self._connection.closed:
                raise
            self.close()  # the server has ended it since the last job: it may be there again
            return self._open.execute(sql, values)

    def _commit(self) -> None:
        self._open.execute("COMMIT")

    def _failed(self, error: BaseException) -> StorageError | None:
        if self._connection is not None:
            with suppress(psycopg.Error):
                self._connection.execute("ROLLBACK")
            if self._connection.closed or isinstance(error, errors.ReadOnlySqlTransaction):
                # Read only: another server may be the one to write to by now.
                self.close()
        return failure_of(error)


class PostgresServer(Place):
    """A database of a PostgreSQL server."""

    name = ""
    dialect = "postgresql+psycopg"
    has_many_nodes = True

    def __init__(self, url: str) -> None:
        self._url = url

    def session(self) -> PostgresSession:
        """Return a session with a connection of its own."""
        return PostgresSession(self._url)

    def hasty_session(self, patience: float) -> PostgresSession:
        """Return a session whose statements fail after so many seconds."""
        return PostgresSession(self._url, patience)

    def create(self) -> None:
        """Nothing: who runs the server makes the database."""

    def connect_to_migrate(self) -> "psycopg.Connection[Any]":
        """Open a connection that changes the schema."""
        connection = connect(self._url)
        connection.autocommit = False
        return connection

    def failure_of(self, error: BaseException) -> StorageError | None:
        """Return what an error of psycopg means; None for one that only a bug can cause."""
        return failure_of(error)

    def close(self) -> None:
        """Nothing is shared."""
