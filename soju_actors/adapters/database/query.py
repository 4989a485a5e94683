"""Statements that are written once, compiled once for each kind of database, and run by its driver.

SQLAlchemy builds the text; its execution layer would cost more than the queries do.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Dialect, Executable, Table

ROWS = (256, 64, 16, 4, 1)
"""How many rows one statement of a :class:`Bulk` takes: few statements, each compiled once by the database."""


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """What is different between the databases."""

    name: str
    named: Dialect
    """Compiles statements whose values have names."""
    positional: Dialect
    """Compiles statements whose values come in order."""
    insert: Callable[[Any], Any]
    """Begins an INSERT that knows ON CONFLICT."""
    file_from: int
    """How many lines for a target are filed at once; fewer are kept as recent."""
    packed_rows: Callable[[Any], Any]
    """Has a SELECT answered the way in which this driver reads many rows best."""
    packed_entries: Callable[[Any], Any]
    """The same for messages, whose lines are bytes."""
    has_words: ColumnElement[bool]
    """The condition of the full-text index, with the value ``words``."""
    stored_words: Callable[[Sequence[str]], str]
    """Words as the index takes them."""
    wanted_words: Callable[[Sequence[str]], str]
    """Words as the condition takes them: all of them must be there."""
    add_words: "Bulk"
    remove_words: "Bulk | None"
    """Takes messages out of the index, given their ids and stored words; None if rows are just deleted."""


Make = Callable[[Kind], Any]
"""Builds a statement for a kind of database."""


class Text(NamedTuple):
    """A compiled statement with its constants."""

    text: str
    constants: Mapping[str, Any]


class Statement:
    """Changes rows, given values by name."""

    def __init__(self, make: Make | Executable, columns: Sequence[str] | None = None) -> None:
        self._make: Make = make if callable(make) else lambda _: make
        self._columns = columns
        self._texts: dict[str, Text] = {}

    def on(self, kind: Kind) -> Text:
        """Return the statement in the words of this kind of database."""
        text = self._texts.get(kind.name)
        if text is None:
            compiled = self._built(kind).compile(dialect=kind.named, column_keys=self._columns)
            constants = {name: value for name, value in compiled.params.items() if value is not None}
            text = self._texts[kind.name] = Text(str(compiled), constants)
        return text

    def _built(self, kind: Kind) -> Any:  # noqa: ANN401 - SQLAlchemy's executables share no type that compiles
        return self._make(kind)


class Rows(Statement):
    """Reads rows."""

    def _built(self, kind: Kind) -> Any:  # noqa: ANN401
        return kind.packed_rows(self._make(kind))


class Messages(Statement):
    """Reads messages: the columns of ``MESSAGE_COLUMNS``."""

    def _built(self, kind: Kind) -> Any:  # noqa: ANN401
        return kind.packed_entries(self._make(kind))


class Bulk:
    """Inserts any number of rows with few statements.

    SQLite's driver gives up and takes back the interpreter's lock for each statement
    that it runs, and a busy event loop makes it wait for milliseconds each time. So
    one statement has many rows.
    """

    def __init__(self, make: Make, columns: Sequence[str]) -> None:
        self._make = make
        self._columns = columns
        self._texts: dict[str, dict[int, str]] = {}

    def parts(self, kind: Kind, values: list[Any]) -> Iterator[tuple[str, list[Any]]]:
        """Yield statements with their values, given the values of all rows in one list."""
        texts = self._texts.get(kind.name)
        if texts is None:
            texts = self._texts[kind.name] = self._compile(kind)
        done = 0
        for rows in ROWS:
            size = rows * len(self._columns)
            while len(values) - done >= size:
                yield texts[rows], values[done : done + size]
                done += size

    def _compile(self, kind: Kind) -> dict[int, str]:
        statement: Any = self._make(kind)
        text = str(statement.compile(dialect=kind.positional, column_keys=list(self._columns)))
        found = re.fullmatch(r"(.*? VALUES )(\(.*?\))( ON CONFLICT .*)?", text, re.DOTALL)
        if found is None:
            raise ValueError(f"not an INSERT of one row: {text}")
        return {rows: f"{found[1]}{', '.join([found[2]] * rows)}{found[3] or ''}" for rows in ROWS}


def upsert(table: Table) -> Make:
    """Build an INSERT of a row that replaces the row with its primary key, if there is one."""

    def make(kind: Kind) -> Any:  # noqa: ANN401
        keys = [column.name for column in table.c if column.primary_key]
        statement = kind.insert(table)
        changes = {column.name: statement.excluded[column.name] for column in table.c if not column.primary_key}
        if not changes:
            return statement.on_conflict_do_nothing(index_elements=keys)
        return statement.on_conflict_do_update(index_elements=keys, set_=changes)

    return make


def insert_new(table: Table) -> Make:
    """Build an INSERT of a row that leaves the row with its primary key as it is, if there is one."""
    keys = [column.name for column in table.c if column.primary_key]
    return lambda kind: kind.insert(table).on_conflict_do_nothing(index_elements=keys)
