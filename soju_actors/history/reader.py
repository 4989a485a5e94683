"""A reader of a buffer: where it is, what it may be sent, and what it is shown."""

from collections.abc import Iterable
from dataclasses import dataclass

from soju_actors.irc.filtering import TALK, View, command_of
from soju_actors.model.entry import Entry


@dataclass(slots=True)
class Reader:
    """One client of a buffer.

    Below number ``live`` it is given talk only, its backlog; from there on each
    message, which its user actor's tickets show or pass over.
    """

    key: int
    client: str
    view: View
    next: int
    """The number of the next message that it gets."""
    live: int
    credit: int
    """How many more lines it takes."""
    asked: bool = False
    """Its next page is being read from the database."""

    def stretch(self, end: int, limit: int) -> int:
        """Return up to which number the next page goes; pages do not mix backlog and live."""
        up_to = min(end, self.next + min(self.credit, limit))
        return min(up_to, self.live) if self.next < self.live else up_to

    def take(self, end: int, lines: int) -> None:
        """Note that a page up to ``end`` has been sent."""
        self.next = end
        self.credit -= lines


def lines_of(lines: Iterable[str], view: View, *, backlog: bool) -> tuple[str, ...]:
    """Return what a view shows of a buffer's lines, one for each, empty for what it does not show."""
    if backlog:
        lines = [line if line and command_of(line) in TALK else "" for line in lines]
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
