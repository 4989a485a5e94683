"""A reader of a buffer: where it is, what it may be sent, and what it is shown."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from soju_actors.history.hiding import Hidden
from soju_actors.irc.filtering import TALK, View
from soju_actors.irc.message import command_of
from soju_actors.model.entry import Entry


class Span(NamedTuple):
    """Numbers that a reader does not get as they come: those of a time when it was away, or its channel detached."""

    first: int
    end: int | None
    """None while nobody knows."""
    talk: bool
    """Its PRIVMSG and NOTICE are a backlog; without that it is passed over."""


@dataclass(slots=True)
class Reader:
    """One client of a buffer.

    It is given each message, which its user actor's tickets show or pass over, but
    of its spans talk only, its backlog, or nothing.
    """

    key: int
    client: str
    view: View
    next: int
    """The number of the next message that it gets."""
    credit: int
    """How many more lines it takes."""
    spans: tuple[Span, ...] = ()
    hidden: Hidden | None = None
    """Whose messages its backlog lacks; of later ones the tickets say it."""
    asked: bool = False
    """Its next page is being read from the database."""

    @property
    def in_backlog(self) -> bool:
        """Whether the next message belongs to a backlog."""
        return bool(self.spans) and self.spans[0].first <= self.next

    def border(self, end: int) -> int:
        """Return up to which number, at most ``end``, it is given the same kind of messages as the next one."""
        if not self.spans:
            return end
        span = self.spans[0]
        if self.next < span.first:
            return min(end, span.first)
        return min(end, span.end) if span.talk and span.end is not None else self.next

    def stretch(self, end: int, limit: int) -> int:
        """Return up to which number the next page goes; pages do not mix backlog and live."""
        return max(self.next, min(self.border(end), self.next + min(self.credit, limit)))

    def take(self, end: int, lines: int) -> None:
        """Note that a page up to ``end`` has been sent."""
        self.next = end
        self.credit -= lines
        if self.spans and self.spans[0].end == end:
            self.spans = self.spans[1:]

    def passes_over(self, durable: int) -> bool:
        """Go to the end of a span that has nothing for this reader; whether there was one, stored by now."""
        if not self.in_backlog:
            return False
        end, talk = self.spans[0][1:]
        if end is None or end > durable or (talk and end > self.next):
            return False
        self.next = end
        self.spans = self.spans[1:]
        return True

    def hold(self, first: int) -> None:
        """Give it nothing from this number on."""
        self.spans = (*self.spans, Span(first, None, talk=False))

    def go_on(self, live: int, *, talk: bool) -> None:
        """Give it each message from ``live`` on, and before that the talk that it was not given, or nothing."""
        if self.spans and self.spans[-1].end is None:
            self.spans = (*self.spans[:-1], Span(self.spans[-1].first, live, talk))


def lines_of(lines: Iterable[str], view: View, *, backlog: bool, hidden: Hidden | None = None) -> tuple[str, ...]:
    """Return what a view shows of a buffer's lines, one for each, empty for what it does not show."""
    if backlog:
        lines = [line if line and command_of(line) in TALK else "" for line in lines]
        if hidden is not None:
            lines = ["" if line and hidden.hides_line(line) else line for line in lines]
    if view.message_tags:
        return tuple(lines)
    return tuple([(view.adapt(line) or "") if line else "" for line in lines])


def without_gaps(entries: Iterable[Entry]) -> list[Entry]:
    """Return messages in order with empty ones for numbers that are missing between them."""
    whole: list[Entry] = []
    for entry in entries:
        if whole:
            whole.extend(Entry(number, 0, "", "", "") for number in range(whole[-1].number + 1, entry.number))
        whole.append(entry)
    return whole
