"""Which schema the program wants, and which one a database has."""

from sqlalchemy import column, select, table

from soju_actors.adapters.database.errors import DatabaseError
from soju_actors.adapters.database.query import Rows
from soju_actors.adapters.database.session import Session

VERSION_TABLE = "schema_version"
NEWEST = 10
"""The number of the last module in ``migrations.versions``."""

_VERSION = Rows(select(column("version_num")).select_from(table(VERSION_TABLE)))


def is_current(session: Session) -> bool:
    """Tell whether the database has the program's schema; no means that it is older or empty.

    Raises:
        DatabaseError: the schema is newer than the program, or not the program's.
        StorageError: the database failed.
    """
    with session.transaction(write=False):
        tables = session.table_names()
        version = session.rows(_VERSION) if VERSION_TABLE in tables else []
    if not version:
        if tables:
            raise DatabaseError("the database belongs to another program: it has tables that this one did not make")
        return False
    [(number,)] = version
    if int(number) > NEWEST:
        raise DatabaseError(
            f"the database is newer than this program: it has schema {int(number)}, and {NEWEST} is the newest known"
        )
    return int(number) == NEWEST
