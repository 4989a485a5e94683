"""Bringing a database to the program's schema, with Alembic.

Alembic is needed once in a while and would stay in memory, so the bouncer has this
done by a process of its own.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from soju_actors.adapters.database.errors import DatabaseError
from soju_actors.adapters.elsewhere import ElsewhereError, run_elsewhere

if TYPE_CHECKING:
    from sqlalchemy import Connection


class Migration(msgspec.Struct, frozen=True):
    """Which database another process is to migrate. It is told by a pipe: a URL may hold a password."""

    url: str
    data_dir: str


def migrate(dialect: str, connection: Any, to: str = "head") -> None:  # noqa: ANN401 - a connection of either driver
    """Run the changes that a database lacks up to one of them, all or none.

    Processes that do so at the same time wait for each other.
    """
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from sqlalchemy import StaticPool, create_engine, event  # noqa: PLC0415

    engine = create_engine(f"{dialect}://", creator=lambda: connection, poolclass=StaticPool)
    event.listen(engine, "begin", _lock)
    config = Config()
    config.set_main_option("script_location", "soju_actors.adapters.database:migrations")
    config.set_main_option("path_separator", "os")
    with engine.begin() as begun:
        config.attributes["connection"] = begun
        command.upgrade(config, to)


def _lock(connection: "Connection") -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7365434)")


def migrate_elsewhere(url: str, data_dir: Path) -> None:
    """Migrate a database in a process of its own.

    Raises:
        DatabaseError: it could not be done.
    """
    told = msgspec.json.encode(Migration(url, str(data_dir.absolute())))
    try:
        run_elsewhere("soju_actors.adapters.database", told)
    except ElsewhereError as error:
        raise DatabaseError(f"the database could not be brought to the newest schema: {error}") from error
