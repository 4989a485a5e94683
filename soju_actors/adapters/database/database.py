"""A database: where it is, whether it can be used, and who uses it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from soju_actors.adapters.database.checkpointer import Checkpointer
from soju_actors.adapters.database.errors import ConflictError, DatabaseError, StorageError
from soju_actors.adapters.database.indexing import file_recent
from soju_actors.adapters.database.migrate import migrate, migrate_elsewhere
from soju_actors.adapters.database.place import Place
from soju_actors.adapters.database.reader import Reader
from soju_actors.adapters.database.session import Session
from soju_actors.adapters.database.settings import conflict_sentence, do_and_raise_revision
from soju_actors.adapters.database.version import is_current
from soju_actors.adapters.database.writer import Writer
from soju_actors.ports.leases import LeasesListed, ListLeases

if TYPE_CHECKING:
    from soju_actors.adapters.database.leaser import Leaser


class Database:
    """One database, as the configuration names it; see :func:`open_database`."""

    def __init__(self, place: Place, url: str, data_dir: Path) -> None:
        self._place = place
        self._url = url
        self._data_dir = data_dir

    def prepare(self) -> None:
        """Create the database or bring it to the newest schema, whichever it needs; or just look at it.

        Raises:
            DatabaseError: it cannot be used, and why.
        """
        try:
            self._place.create()
            if self._is_current():
                self._file_all()
            elif self._place.has_many_connections:
                migrate_elsewhere(self._url, self._data_dir)
            else:
                self._migrate()
        except StorageError as failure:
            raise DatabaseError(self._sentence(failure)) from failure

    def migrate(self) -> None:
        """Do what :meth:`prepare` does within this process.

        Raises:
            DatabaseError: it cannot be used, and why.
        """
        try:
            self._place.create()
            if not self._is_current():
                self._migrate()
        except StorageError as failure:
            raise DatabaseError(self._sentence(failure)) from failure

    def writer(self) -> Writer:
        """Return the service ``writer``, for one thread."""
        return Writer(self._place.session())

    def reader(self) -> Reader:
        """Return the service ``reader``, for any number of threads."""
        return Reader(self._place.session)

    def leaser(self) -> "Leaser":
        """Return the service ``renewer``, ``leaser`` or ``reserver``, each for one thread.

        Raises:
            DatabaseError: many nodes cannot use the database.
        """
        from soju_actors.adapters.database.leaser import PATIENCE, Leaser  # noqa: PLC0415 - memory, if it is not used

        return Leaser(self._place.hasty_session(PATIENCE))

    def nodes(self) -> tuple[str, ...]:
        """Return the names of the nodes of a cluster that use the database now.

        Raises:
            DatabaseError: the database failed.
        """
        if not self._place.has_many_nodes:
            return ()
        leaser = self.leaser()
        try:
            listed = leaser.perform(ListLeases())
        finally:
            leaser.close()
        if not isinstance(listed, LeasesListed):
            raise DatabaseError(self._sentence(StorageError("the nodes of a cluster cannot be listed", transient=True)))
        return tuple(sorted(set(listed.sessions.values())))

    def checkpointer(self) -> Checkpointer:
        """Return the service ``checkpointer``, for one thread."""
        return Checkpointer(self._place.session())

    @contextmanager
    def transaction(self, *, write: bool = True) -> Iterator[Session]:
        """Begin a transaction on a connection of its own, for what is not a job of a service.

        Raises:
            ConflictError: what was to be stored contradicts what is stored.
            DatabaseError: the database failed. In both cases nothing is changed.
        """
        session = self._place.session()
        try:
            with session.transaction(write=write):
                yield session
        except ConflictError:
            raise
        except StorageError as failure:
            raise DatabaseError(self._sentence(failure)) from failure
        finally:
            session.close()

    def change(self, *jobs: Any) -> list[int]:  # noqa: ANN401 - the settings jobs of `ports.database`
        """Do settings jobs, all or none, and have a running bouncer see that another process did them.

        Returns:
            The ids of the records, in the order of the jobs.

        Raises:
            DatabaseError: nothing is changed, and why.
        """
        job: object = None
        try:
            with self.transaction() as session:
                saved = []
                for job in jobs:
                    saved.append(do_and_raise_revision(session, job))
                return saved
        except ConflictError as conflict:
            raise DatabaseError(conflict_sentence(job, conflict)) from conflict

    def close(self) -> None:
        """Release what the services share; they are closed before."""
        self._place.close()

    def _is_current(self) -> bool:
        session = self._place.session()
        try:
            return is_current(session)
        finally:
            session.close()

    def _file_all(self) -> None:
        """File what an earlier process has left as recent, so that the first queries are quick."""
        session = self._place.session()
        try:
            all_filed = False
            while not all_filed:
                with session.transaction():
                    all_filed = file_recent(session)
        finally:
            session.close()

    def _migrate(self) -> None:
        try:
            connection = self._place.connect_to_migrate()
            try:
                migrate(self._place.dialect, connection)
            finally:
                if self._place.has_many_connections:
                    connection.close()
        except Exception as error:
            failure = self._place.failure_of(getattr(error, "orig", error))  # SQLAlchemy wraps the driver's own
            if failure is None:
                raise
            raise failure from error

    def _sentence(self, failure: StorageError) -> str:
        return ": ".join(filter(None, (self._place.name, str(failure))))


def open_database(url: str, data_dir: Path, *, full_sync: bool = False) -> Database:
    """Return the database that a URL names; nothing is opened yet.

    Args:
        url: ``sqlite:///file`` (relative to ``data_dir``), ``sqlite:////absolute/file``,
            ``sqlite://`` (in memory, for tests), or ``postgresql://...`` as libpq takes it.
        data_dir: the folder of relative files.
        full_sync: whether a commit survives a power failure (SQLite only: PostgreSQL's
            own setting ``synchronous_commit`` says so).

    Raises:
        DatabaseError: the URL is not one of these.
    """
    scheme, found, rest = url.partition("://")
    if found and scheme in {"postgresql", "postgres"}:
        from soju_actors.adapters.database.postgres import PostgresServer  # noqa: PLC0415 - memory, if it is not used

        return Database(PostgresServer(url), url, data_dir)
    if not found or scheme != "sqlite" or (rest and not rest.startswith("/")) or rest == "/":
        raise DatabaseError(
            f"the database URL begins with {scheme!r}: it must be sqlite:///FILE or postgresql://USER@HOST/DATABASE"
        )
    from soju_actors.adapters.database.sqlite import SqliteFile, SqliteMemory  # noqa: PLC0415

    place = SqliteFile(data_dir / rest[1:], full_sync=full_sync) if rest else SqliteMemory()
    return Database(place, url, data_dir)
