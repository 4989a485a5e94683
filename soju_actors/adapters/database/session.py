"""One connection to a database, as the jobs see it."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import RLock
from typing import Any

from soju_actors.adapters.database.errors import StorageError
from soju_actors.adapters.database.query import Bulk, Kind, Messages, Rows, Statement
from soju_actors.model.entry import Entry

Row = Sequence[Any]


class Session(ABC):
    """A connection, opened when it is needed and again after it was lost.

    It belongs to one thread at a time; the lock is for databases in memory, whose
    sessions share their only connection.
    """

    kind: Kind

    def __init__(self, lock: "RLock | None" = None) -> None:
        self._lock = lock or RLock()

    @contextmanager
    def transaction(self, *, write: bool = True) -> Iterator["Session"]:
        """All or nothing of what is done inside.

        Raises:
            StorageError: the database failed; nothing is changed.
        """
        with self._lock:
            try:
                self._begin(write=write)
                yield self
                self._commit()
            except BaseException as error:
                failure = self._failed(error)
                if failure is None:
                    raise
                raise failure from error

    def alone(self, query: Rows, **values: object) -> Sequence[Row]:
        """Run one statement that is a transaction of its own, and return its rows.

        Nobody has to wait for a process that is stopped in the middle of it. Where the connection turns out to be
        lost it is run again, also if it was done already.

        Raises:
            StorageError: the database failed; it is not known whether it was done.
        """
        with self._lock:
            try:
                return self._alone(query, values)
            except BaseException as error:
                failure = self._failed(error)
                if failure is None:
                    raise
                raise failure from error

    @abstractmethod
    def rows(self, query: Rows, **values: object) -> Sequence[Row]:
        """Return all rows of a query."""

    @abstractmethod
    def messages(self, query: Messages, **values: object) -> list[Entry]:
        """Return the messages that a query finds, in its order."""

    @abstractmethod
    def run(self, statement: Statement, **values: object) -> int:
        """Run a statement and return how many rows it changed."""

    @abstractmethod
    def insert(self, statement: Statement, **values: object) -> int | None:
        """Run an INSERT that returns an id; None if it inserted nothing."""

    @abstractmethod
    def bulk(self, statement: Bulk, values: list[Any]) -> None:
        """Insert many rows, given all of their values in one list."""

    @abstractmethod
    def table_names(self) -> set[str]:
        """Return the names of the tables that the database has."""

    @abstractmethod
    def checkpoint(self) -> None:
        """Copy a log of commits into the database, where it has one that is not copied by itself.

        Raises:
            StorageError: the database failed.
        """

    @abstractmethod
    def close(self) -> None:
        """Close the connection; the next transaction opens another."""

    @abstractmethod
    def _alone(self, query: Rows, values: dict[str, object]) -> Sequence[Row]: ...

    @abstractmethod
    def _begin(self, *, write: bool) -> None: ...

    @abstractmethod
    def _commit(self) -> None: ...

    @abstractmethod
    def _failed(self, error: BaseException) -> StorageError | None:
        """Roll back, and say what the error means; None if it is not the database's."""
