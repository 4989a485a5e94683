"""What has come from one buffer and not gone out yet."""

from dataclasses import dataclass, field

from actors import Ref
from soju_actors.messages.downstream import Page
from soju_actors.ports.protocols import ToBuffer


@dataclass(slots=True)
class Inlet:
    """The pages of one buffer, by number.

    A page that comes before its ticket waits here; its lines count against the
    credit of the buffer until they are taken.
    """

    buffer: Ref[ToBuffer]
    position: int
    """The number of the next message that goes out."""
    end: int
    """The number after the last that has come."""
    owed: int = 0
    """Lines taken whose credit the buffer has not got back."""
    multiline: bool = False
    """Some of the lines may stand for several."""
    _lines: list[str] = field(default_factory=list)
    _start: int = 0
    """The number of the first of the lines, those that were taken included."""

    def add(self, page: Page) -> None:
        """Take in a page; where history was deleted, numbers without lines come before it."""
        if self.position == self.end:
            self._lines = list(page.lines)
            self._start = page.first
            self.multiline = page.multiline
        else:
            if page.first > self.end:
                self._lines.extend([""] * (page.first - self.end))
            self._lines.extend(page.lines)
            self.multiline = self.multiline or page.multiline
        self.end = page.end

    def waiting(self) -> list[str]:
        """Return what can be taken: one line for each number, empty where history was deleted."""
        missing = max(0, self._start - self.position)
        lines = self._lines[max(0, self.position - self._start) :]
        return [""] * missing + lines if missing else lines

    def take(self, end: int) -> list[str]:
        """Take out what has come below ``end``, empty lines included."""
        first = max(0, self.position - self._start)
        taken = self._lines[first : max(0, end - self._start)]
        self.position = end
        self.owed += len(taken)
        return taken

    def owes(self, least: int) -> int:
        """Return the credit to give back, if it is at least so much, and count from zero."""
        if self.owed < least:
            return 0
        owed, self.owed = self.owed, 0
        return owed
