"""Many words in few lines."""

from collections.abc import Iterable


def packed(words: Iterable[str], limit: int, *, separator: str = " ", per_line: int | None = None) -> list[str]:
    """Join words to texts of at most ``limit`` bytes and ``per_line`` words, in order.

    A word that is longer than the limit gets a text of its own.
    """
    lines: list[list[str]] = []
    room = -1
    for word in words:
        size = len(word.encode("utf-8", "surrogateescape")) + len(separator)
        if size - len(separator) > room or (per_line and len(lines[-1]) >= per_line):
            lines.append([])
            room = limit
        lines[-1].append(word)
        room -= size
    return [separator.join(line) for line in lines]
