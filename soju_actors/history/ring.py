"""The ring: the newest messages of one target, in memory."""

from collections import deque
from collections.abc import Container, Iterable
from itertools import chain, islice

from soju_actors.irc.message import Message
from soju_actors.model.entry import MULTILINE, Entry

SHOWN = frozenset({"PRIVMSG", "NOTICE", "TAGMSG", MULTILINE})
"""Commands whose lines readers get from a buffer; of other messages the user actor shows lines of its own."""


def shown_lines(entries: Iterable[Entry]) -> list[str]:
    """Return what readers may be shown of messages: one line for each, empty for what is not shown from here."""
    return [entry.line if entry.command in SHOWN else "" for entry in entries]


def msgid_of(line: str) -> str:
    """Return the message id in a line's tags, empty if there is none."""
    return Message("", tags=line[1:].partition(" ")[0]).tag("msgid") or "" if line[0] == "@" else ""


class Ring:
    """The newest messages of one channel or query, by number: their lines, as :func:`shown_lines` gives them.

    A line alone takes half of the memory of an entry, and a quarter of the time to drop it.

    One producer appends, any number of readers read at cursors of their own; the
    ring does not know who reads it. It keeps ``capacity`` durable messages, and
    all that are not durable yet, which could be read nowhere else.
    """

    __slots__ = ("_capacity", "_kept", "_new", "durable", "end")

    def __init__(self, capacity: int, end: int) -> None:
        self._capacity = capacity
        self._kept: deque[str] | None = None
        """Durable messages."""
        self._new: list[tuple[Entry, ...]] = []
        """Those that are not, as they came: their lines are looked at when they can be shown."""
        self.end = end
        """The number that the next message gets."""
        self.durable = end
        """All messages below this number are stored."""

    @property
    def start(self) -> int:
        """The number of the oldest message that is kept."""
        return self.durable - len(self._kept or ())

    def append(self, entries: tuple[Entry, ...]) -> None:
        """Add messages at the end.

        Raises:
            ValueError: the first of them is not the next message.
        """
        if entries[0].number != self.end:
            raise ValueError(f"message {entries[0].number} is not the next, which is {self.end}")
        self._new.append(entries)
        self.end += len(entries)

    def numbers_of(self, msgids: Container[str]) -> list[int]:
        """Return the numbers of the messages that are kept and have one of these msgids."""
        start = self.start
        lines = chain(self._kept or (), shown_lines(chain.from_iterable(self._new)))
        return [start + at for at, line in enumerate(lines) if line and msgid_of(line) in msgids]

    def store_up_to(self, end: int) -> None:
        """Note that all messages below ``end`` are durable."""
        if self._kept is None:
            self._kept = deque()
        while self._new and self.durable < end:
            entries = self._new.pop(0)
            count = end - self.durable
            if count < len(entries):
                self._new.insert(0, entries[count:])
                entries = entries[:count]
            self._kept.extend(shown_lines(entries))
            self.durable += len(entries)

    def trim(self) -> None:
        """Drop the oldest messages beyond the capacity, when who reads here has read."""
        kept = self._kept
        if kept is None:
            return
        for _ in range(len(kept) - self._capacity):
            kept.popleft()

    def drop_below(self, number: int) -> None:
        """Drop the durable messages below a number: they are purged."""
        kept = self._kept
        if kept is None:
            return
        for _ in range(min(number, self.durable) - self.start):
            kept.popleft()

    def read(self, first: int, end: int) -> tuple[str, ...]:
        """Return the lines of the durable messages with ``first <= number < end``.

        Raises:
            ValueError: not all of them are kept.
        """
        start = self.start
        if not start <= first <= end <= self.durable:
            raise ValueError(f"{first}..{end} is not within {start}..{self.durable}")
        kept = self._kept
        if not kept or first == end:
            return ()
        if 2 * (first - start) > len(kept):  # nearer to the new end, from which a deque counts as well
            newest = islice(reversed(kept), self.durable - end, self.durable - first)
            return tuple(newest)[::-1]
        return tuple(islice(kept, first - start, end - start))
