"""Lines of an answer, as they fit into messages and into the window of a client."""

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence

LONGEST = 380
"""Bytes of one line, which leaves room for source and target in the 512 of a message."""
WIDTH = 60
"""Columns of prose and tables: in a window of 80, time and nick take the rest."""
_CONTROL = re.compile(r"[\0\r\n]+")


def fitting(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines cut to what a message can carry, at a space where there is one; none is empty."""
    for line in lines:
        rest = _CONTROL.sub(" ", line).rstrip()
        while len(first := _first_bytes(rest)) < len(rest):
            space = first.rfind(" ", len(first) // 2)
            first = first if space < 0 else first[:space]
            yield first
            rest = rest[len(first) :].lstrip(" ")
        if rest:
            yield rest


def _first_bytes(text: str) -> str:
    """Return as many characters as one line can carry."""
    if len(text) * 4 <= LONGEST:
        return text
    encoded = text[:LONGEST].encode("utf-8", "surrogateescape")
    if len(encoded) <= LONGEST:
        return text[:LONGEST]
    end = LONGEST
    while encoded[end] & 0xC0 == 0x80:  # noqa: PLR2004 - the rest of a character
        end -= 1
    return encoded[:end].decode("utf-8", "surrogateescape")


def wrapped(text: str, indent: str = "", hanging: str | None = None) -> list[str]:
    """Return prose in lines of the usual width, the first one indented, the others hanging."""
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent if hanging is None else hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )


def listed(rows: Iterable[tuple[str, str]], column: int = 20) -> Iterator[str]:
    """Yield names with what is said of them: in two columns, as far as the names leave room for that."""
    rows = list(rows)
    fitting_names = [len(name) for name, _ in rows if len(name) <= column]
    edge = max(fitting_names, default=0) + 4
    for name, about in rows:
        if len(name) > column:
            yield f"  {name}"
            yield from wrapped(about, " " * edge)
        else:
            yield from wrapped(about, f"  {name:{edge - 2}}", " " * edge) or [f"  {name}"]


def aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield rows with their columns one below the other; the last column is as long as it is."""
    if not rows:
        return
    widths = [max(map(len, column)) for column in zip(*[row[:-1] for row in rows], strict=True)]
    for row in rows:
        cells = [f"{cell:{width}}" for cell, width in zip(row[:-1], widths, strict=True)]
        yield "  ".join((*cells, row[-1])).rstrip()
