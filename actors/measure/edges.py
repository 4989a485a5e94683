"""Edge lists for research: who said how much to whom, as CSV or Parquet."""

import csv
import sys
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from actors.measure.meter import EdgeRow

COLUMNS = ("time", "node", "sender", "receiver", "messages", "remote", "bytes", "missed")


class FormatError(Exception):
    """An edge list cannot be written in such a format; the text is a sentence for people."""


class CsvEdges:
    """Writes edges to a CSV file, with a line of names at its top."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", newline="", encoding="utf-8")
        self._writer = csv.writer(self._file)
        self._writer.writerow(COLUMNS)

    def write(self, time: float, node: str, rows: Iterable[EdgeRow]) -> None:
        """Add the edges of a sample that a node took at some time, in seconds since the beginning."""
        self._writer.writerows(_values(time, node, row) for row in rows)

    def close(self) -> None:
        """End the file."""
        self._file.close()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End the file."""
        self.close()


class ParquetEdges(CsvEdges):
    """Writes edges to a Parquet file, a row group for each sample.

    Raises:
        FormatError: the package pyarrow is not installed.
    """

    def __init__(self, path: Path) -> None:
        try:
            import pyarrow as pa  # noqa: PLC0415 - it is large, and not among what the bouncer installs
            from pyarrow import parquet  # noqa: PLC0415
        except ImportError:
            how = f"python3 -m pip --python {sys.executable} install pyarrow"
            raise FormatError(f"Parquet needs the package pyarrow: {how}; or name a .csv file") from None
        text, number = pa.string(), pa.int64()
        types: tuple[Any, ...] = (pa.float64(), text, text, text, number, number, number, number)
        self._schema = pa.schema(list(zip(COLUMNS, types, strict=True)))
        self._table = pa.Table
        self._parquet = parquet.ParquetWriter(path, self._schema)

    def write(self, time: float, node: str, rows: Iterable[EdgeRow]) -> None:
        """Add the edges of a sample."""
        columns = list(zip(*(_values(time, node, row) for row in rows), strict=True))
        if columns:
            named = dict(zip(COLUMNS, columns, strict=True))
            self._parquet.write_table(self._table.from_pydict(named, schema=self._schema))

    def close(self) -> None:
        """End the file."""
        self._parquet.close()


def _values(time: float, node: str, row: EdgeRow) -> tuple[float | str | int, ...]:
    return time, node, _text(row.sender), _text(row.receiver), row.messages, row.remote, row.bytes, row.missed


def _text(path: str) -> str:
    """The path, with a mark for each byte that is no text."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def open_edges(path: Path) -> CsvEdges:
    """A new edge list; the ending of its name says the format.

    Raises:
        FormatError: there is no such format, or a package is missing.
        OSError: the file cannot be made.
    """
    if path.suffix == ".csv":
        return CsvEdges(path)
    if path.suffix == ".parquet":
        return ParquetEdges(path)
    raise FormatError(f"{path.name} must end in .csv or .parquet")
