"""Where a database is, and how one gets there."""

from abc import ABC, abstractmethod
from typing import Any

from soju_actors.adapters.database.errors import DatabaseError, StorageError
from soju_actors.adapters.database.session import Session


class Place(ABC):
    """A database that may exist or not yet."""

    name: str
    """What it is called in errors, where these do not tell; no secret is part of it."""
    dialect: str
    """SQLAlchemy's name for it."""
    has_many_nodes = False
    """Whether the nodes of a cluster can share it."""
    has_many_connections = True
    """Whether each session has its own; else nobody but this process can reach it."""

    @abstractmethod
    def session(self) -> Session:
        """Return a session, which connects when it is needed."""

    def hasty_session(self, patience: float) -> Session:
        """Return a session whose statements fail after so many seconds, where many nodes can use the database.

        Raises:
            DatabaseError: they cannot.
        """
        del patience
        raise DatabaseError("many nodes cannot share a SQLite database: a cluster needs PostgreSQL")

    @abstractmethod
    def create(self) -> None:
        """Make what must be there before one can connect.

        Raises:
            DatabaseError: it cannot be made.
        """

    @abstractmethod
    def connect_to_migrate(self) -> Any:  # noqa: ANN401 - a connection of either driver
        """Open a connection that changes the schema.

        Raises:
            the driver's error: it cannot be opened.
        """

    @abstractmethod
    def failure_of(self, error: BaseException) -> StorageError | None:
        """Return what an error of the driver means; None for one that only a bug can cause."""

    @abstractmethod
    def close(self) -> None:
        """Release what the sessions share."""
