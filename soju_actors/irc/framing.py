"""From the bytes of a connection to lines, and back.

Bytes are decoded once for each read, as UTF-8 with ``surrogateescape``: what is
not UTF-8 comes out again as it came in.
"""

from collections.abc import Iterable, Sequence

from soju_actors.irc.errors import ParseError

TAGS_LIMIT = 8191
"""Bytes of a server's tag section with ``@`` and space. Spec: https://ircv3.net/specs/extensions/message-tags#size-limit"""
CLIENT_TAGS_LIMIT = 4096
"""The same for a client: 4094 bytes of tags."""
BODY_LIMIT = 512
"""Bytes of the rest of a line with CRLF."""

LINELEN = 4096
"""What clients are told that their lines may have at the most (row ISU-04)."""

_SPACES = str.maketrans("\0\r\n", "   ")


def body_limit(line_bytes: int) -> int:
    """Return how many bytes a client's line may have without its tags, where it may have so many with them."""
    return max(line_bytes - CLIENT_TAGS_LIMIT, BODY_LIMIT)


class FramingError(ParseError):
    """Bytes that are not lines; ``lines`` are those that came before the fault in the same read."""

    def __init__(self, reason: str, lines: Iterable[str] = ()) -> None:
        super().__init__(reason)
        self.lines = tuple(lines)


class LineTooLongError(FramingError):
    """A line is longer than the limits allow."""


class LineReader:
    """Cuts what is read from a socket into lines.

    A line ends with LF or CRLF; empty ones are dropped. ``limit`` is that of a
    whole line in bytes, CRLF included, of which ``tags`` are for the tag section.

    A lenient reader is for servers: it removes NUL and stray CR, allows any line
    within the whole limit, and leaves out longer ones, which ``skipped`` counts.
    After an error a reader is of no further use.
    """

    __slots__ = ("_body", "_buffer", "_lenient", "_limit", "_skipping", "_suspect", "_tags", "skipped")

    def __init__(self, limit: int = TAGS_LIMIT + BODY_LIMIT, *, tags: int = TAGS_LIMIT, lenient: bool = False) -> None:
        self._limit = limit
        self._tags = tags
        self._body = limit - tags
        self._suspect = (limit if lenient else self._body) - 2
        self._lenient = lenient
        self._buffer = b""
        self._skipping = False
        self.skipped = 0

    @property
    def buffered(self) -> int:
        """How many bytes wait for the end of their line."""
        return len(self._buffer)

    def receive(self, data: bytes) -> list[str]:
        """Take in a read; return the lines that it completes, without CRLF.

        Raises:
            LineTooLongError: a line, complete or not, is over a limit.
            FramingError: a line holds NUL or a CR that is not at its end.
        """
        end = data.rfind(b"\n") + 1
        if not end:
            self._keep(self._buffer + data)
            return []
        complete, rest = data[:end], data[end:]
        if self._buffer:
            complete = self._buffer + complete
        if self._skipping:
            complete = complete[complete.index(b"\n") + 1 :]
            self._skipping = False
        lines = self._split(complete)
        self._keep(rest, lines)
        return lines

    def _keep(self, rest: bytes, lines: Iterable[str] = ()) -> None:
        """Buffer the beginning of a line."""
        if self._skipping:
            return
        if len(rest) > self._limit:
            if not self._lenient:
                raise LineTooLongError(f"a line is longer than {self._limit} bytes", lines)
            self._skipping = True
            self.skipped += 1
            rest = b""
        self._buffer = rest

    def _split(self, complete: bytes) -> list[str]:
        text = complete.decode("utf-8", "surrogateescape")
        lines = text.split("\r\n")
        stray = [line for line in lines if "\n" in line or "\r" in line]
        if stray:
            lines = text.replace("\r\n", "\n").split("\n")
        long = len(complete) > self._suspect and self._may_be_long(lines, text)
        if long or stray or "\0" in text:
            lines = self._checked(lines)
        return [line for line in lines if line]

    def _may_be_long(self, lines: list[str], text: str) -> bool:
        bytes_each = 1 if text.isascii() else 4  # at most
        return max(map(len, lines)) * bytes_each > self._suspect

    def _checked(self, lines: list[str]) -> list[str]:
        """See to each line by itself: length, NUL, CR."""
        kept: list[str] = []
        for line in lines:
            if self._too_long(line):
                if not self._lenient:
                    reason = f"a line is longer than {self._body} bytes, or its tags than {self._tags}"
                    raise LineTooLongError(reason, filter(None, kept))
                self.skipped += 1
            elif self._lenient:
                kept.append(line.replace("\r", "").replace("\0", ""))
            else:
                kept.append(line.rstrip("\r"))
                if "\r" in kept[-1] or "\0" in kept[-1]:
                    raise FramingError("a line holds NUL or CR", filter(None, kept[:-1]))
        return kept

    def _too_long(self, line: str) -> bool:
        """Whether a line is over the limits, for CRLF included."""
        encoded = line.encode("utf-8", "surrogateescape")
        if self._lenient:
            return len(encoded) + 2 > self._limit
        tags = encoded.find(b" ") + 1 if encoded[:1] == b"@" else 0
        return tags > self._tags or len(encoded) - tags + 2 > self._body


def encode_lines(lines: Sequence[str]) -> bytes:
    """Return lines as they go to a socket, each with CRLF. What else would end a line becomes a space."""
    if [line for line in lines if "\n" in line or "\r" in line or "\0" in line]:
        lines = [line.translate(_SPACES) for line in lines]
    return "\r\n".join([*lines, ""]).encode("utf-8", "surrogateescape")
