"""The process that migrates a database for another, which says on standard input what to migrate."""

import sys
from pathlib import Path

import msgspec

from soju_actors.adapters.database.database import open_database
from soju_actors.adapters.database.errors import DatabaseError
from soju_actors.adapters.database.migrate import Migration


def main() -> int:
    """Migrate the database that standard input names; a sentence on standard error says why not."""
    wanted = msgspec.json.decode(sys.stdin.buffer.read(), type=Migration)
    database = open_database(wanted.url, Path(wanted.data_dir))
    try:
        database.migrate()
    except DatabaseError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    finally:
        database.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
