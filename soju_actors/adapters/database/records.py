"""Records and the rows that they are stored as."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Table

from soju_actors.adapters.database.errors import StorageError
from soju_actors.adapters.database.packing import pack, unpack
from soju_actors.adapters.database.query import Statement
from soju_actors.adapters.database.session import Session

R = TypeVar("R", bound=msgspec.Struct)


def save_record(
    session: Session, record: int, values: dict[str, object], statements: tuple[Statement, Statement], what: str
) -> int:
    """Insert a record, or update the one of this id; return its id.

    Raises:
        StorageError: there is no record of this id.
    """
    insert_it, update_it = statements
    if not record:
        return session.insert(insert_it, **values) or 0
    if not session.run(update_it, which=record, **values):
        raise StorageError(f"the {what} does not exist", transient=False)
    return record


def columns_of(record: msgspec.Struct) -> dict[str, object]:
    """Return a record's values by column, all but its id."""
    values = msgspec.structs.asdict(record)
    values.pop("id", None)
    return {name: pack(str(value)) if isinstance(value, str) else value for name, value in values.items()}


def records_of(kind: type[R], table: Table, rows: Iterable[Sequence[Any]]) -> tuple[R, ...]:
    """Return the records of rows that have all columns of a table."""
    names = [str(column.name) for column in table.c]
    return tuple(msgspec.convert(_fields(names, row), kind, strict=False) for row in rows)


def _fields(names: list[str], row: Sequence[Any]) -> dict[str, Any]:
    fields = {name: unpack(value) if isinstance(value, str) else value for name, value in zip(names, row, strict=True)}
    if "connect_commands" in fields:
        stored = str(row[names.index("connect_commands")])
        fields["connect_commands"] = [unpack(command) for command in stored.split("\n")] if stored else []
    return fields
