"""Settings and history in SQLite or PostgreSQL: the services ``writer`` and ``reader``."""

from soju_actors.adapters.database.database import Database, open_database
from soju_actors.adapters.database.errors import DatabaseError
from soju_actors.adapters.database.reader import Reader
from soju_actors.adapters.database.writer import Writer

__all__ = ["Database", "DatabaseError", "Reader", "Writer", "open_database"]
