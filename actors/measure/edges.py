"""Measurements for research: who said how much to whom, and what each actor did, as CSV or Parquet."""

import csv
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from actors.measure.meter import ActorRow, EdgeRow

TEXT = ("node", "sender", "receiver", "actor")
WHOLE = ("messages", "remote", "bytes", "missed", "remote_bytes", "deepest")
"""Columns with whole numbers; other numbers are not whole."""
EDGES = ("time", "node", "sender", "receiver", "messages", "remote", "bytes", "missed", "remote_bytes")
ACTORS = ("time", "node", "actor", "messages", "missed", "seconds", "waiting", "deepest", "p50", "p99")
Value = float | str | int


class FormatError(Exception):
    """A table cannot be written in such a format; the text is a sentence for people."""


class CsvTable:
    """Writes rows to a CSV file, with a line of names at its top."""

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self._file = path.open("w", newline="", encoding="utf-8")
        self._writer = csv.writer(self._file)
        self._writer.writerow(columns)

    def write(self, rows: Sequence[Sequence[Value]]) -> None:
        """Add rows."""
        self._writer.writerows(rows)

    def close(self) -> None:
        """End the file."""
        self._file.close()


class ParquetTable:
    """Writes rows to a Parquet file, a row group for those of each call.

    Raises:
        FormatError: the package pyarrow is not installed.
    """

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        try:
            import pyarrow as pa  # noqa: PLC0415 - it is large, and not among what the bouncer installs
            from pyarrow import parquet  # noqa: PLC0415
        except ImportError:
            how = f"python3 -m pip --python {sys.executable} install pyarrow"
            raise FormatError(f"Parquet needs the package pyarrow: {how}; or name a .csv file") from None
        types = (pa.string() if name in TEXT else pa.int64() if name in WHOLE else pa.float64() for name in columns)
        self._schema = pa.schema(list(zip(columns, types, strict=True)))
        self._table: Any = pa.Table
        self._parquet = parquet.ParquetWriter(path, self._schema)

    def write(self, rows: Sequence[Sequence[Value]]) -> None:
        """Add rows."""
        columns = list(zip(*rows, strict=True))
        if columns:
            named = dict(zip(self._schema.names, columns, strict=True))
            self._parquet.write_table(self._table.from_pydict(named, schema=self._schema))

    def close(self) -> None:
        """End the file."""
        self._parquet.close()


FORMATS: dict[str, type[CsvTable | ParquetTable]] = {".csv": CsvTable, ".parquet": ParquetTable}


class Edges:
    """Two tables: one of the pairs of actors, and beside it one of the actors.

    Raises:
        FormatError: there is no such format, or a package is missing.
        OSError: a file cannot be made.
    """

    def __init__(self, path: Path) -> None:
        table = FORMATS.get(path.suffix)
        if table is None:
            raise FormatError(f"{path.name} must end in .csv or .parquet")
        self._edges = table(path, EDGES)
        try:
            self._actors = table(beside(path), ACTORS)
        except OSError:
            self._edges.close()
            raise

    def write(self, time: float, node: str, edges: Iterable[EdgeRow], actors: Iterable[ActorRow] = ()) -> None:
        """Add a sample that a node took at some time, in seconds since the beginning."""
        self._edges.write([(time, node, *_of_edge(row)) for row in edges])
        self._actors.write([(time, node, *_of_actor(row)) for row in actors])

    def close(self) -> None:
        """End the files."""
        self._edges.close()
        self._actors.close()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End the files."""
        self.close()


def beside(path: Path) -> Path:
    """The file of the actors, for that of the pairs: edges-actors.csv for edges.csv."""
    return path.with_stem(f"{path.stem}-actors")


def _of_edge(row: EdgeRow) -> tuple[Value, ...]:
    sender, receiver = _text(row.sender), _text(row.receiver)
    return sender, receiver, row.messages, row.remote, row.bytes, row.missed, row.remote_bytes


def _of_actor(row: ActorRow) -> tuple[Value, ...]:
    work = row.messages, row.missed, row.seconds
    return _text(row.path), *work, row.waiting, row.deepest, row.median, row.p99


def _text(path: str) -> str:
    """The path, with a mark for each byte that is no text."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
