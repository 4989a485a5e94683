"""What one turn shows to the clients of a network, in order."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from actors import Turn
from soju_actors.messages.downstream import Deliver
from soju_actors.messages.slots import Backlog, Lines, Question, Slot, Ticket

if TYPE_CHECKING:
    from soju_actors.user.state import Client


@dataclass(slots=True)
class _Run:
    """Messages of a buffer that are next; ``hidden_from`` is the serial of a client that is not shown them."""

    key: int
    count: int
    shown: bool
    hidden_from: int


@dataclass(slots=True)
class _Private:
    """Something for some clients alone: for one, or for those that one of two capabilities marks out."""

    what: str | Backlog | Question
    only: int = 0
    """The serial of the one client."""
    but: int = 0
    """The serial of the one client that does not get it."""
    needs: str = ""
    """Only for clients with this capability."""
    lacks: str = ""
    """Only for clients without this capability."""

    def is_for(self, client: "Client") -> bool:
        """Whether a client gets it."""
        return (
            (not self.only or client.serial == self.only)
            and client.serial != self.but
            and (not self.needs or self.needs in client.caps)
            and (not self.lacks or self.lacks not in client.caps)
        )


@dataclass(slots=True)
class Feed:
    """Collects lines and tickets during a turn; most are for all clients, and then made once for all."""

    _items: list[str | _Run | _Private] = field(default_factory=list)
    _common: bool = True
    """Every item is for every client."""

    def line(self, line: str) -> None:
        """Show a line to all clients."""
        self._items.append(line)

    def line_to(self, client: "Client", line: str) -> None:
        """Show a line to one client."""
        self._items.append(_Private(line, only=client.serial))
        self._common = False

    def lines_to(self, client: "Client", lines: Iterable[str]) -> None:
        """Show lines to one client."""
        self._items.extend([_Private(line, only=client.serial) for line in lines])
        self._common = False

    def line_if(self, line: str, *, but: int = 0, needs: str = "", lacks: str = "") -> None:
        """Show a line to all clients but one, with one capability, or without one."""
        if not (but or needs or lacks):
            self._items.append(line)
            return
        self._items.append(_Private(line, but=but, needs=needs, lacks=lacks))
        self._common = False

    def slot_to(self, client: "Client", slot: Backlog | Question) -> None:
        """Promise one client lines from elsewhere."""
        self._items.append(_Private(slot, only=client.serial))
        self._common = False

    def run(self, key: int, *, shown: bool = True, hidden_from: int = 0) -> None:
        """Take the next message of a buffer, and show it to all clients but one."""
        items = self._items
        last = items[-1] if items else None
        if type(last) is _Run and last.key == key and last.shown is shown and last.hidden_from == hidden_from:
            last.count += 1
            return
        items.append(_Run(key, 1, shown, hidden_from))
        if hidden_from:
            self._common = False

    def deliver(self, clients: Iterable["Client"], turn: Turn) -> None:
        """Send each client what is for it, and begin anew."""
        if not self._items:
            return
        shared: Deliver | None = None
        for client in clients:
            if self._common:
                if shared is None:
                    shared = Deliver(_slots(self._items, None))
                turn.send(client.ref, shared)
            elif slots := _slots(self._items, client):
                turn.send(client.ref, Deliver(slots))
        self._items = []
        self._common = True


def _slots(items: "list[str | _Run | _Private]", client: "Client | None") -> tuple[Slot, ...]:
    """Group what a client gets into slots; without a client, what all of them get."""
    slots: list[Slot] = []
    lines: list[str] = []
    runs: list[tuple[int, int]] = []
    for item in items:
        if type(item) is _Run:
            _close_lines(lines, slots)
            hidden = not item.shown or (client is not None and item.hidden_from == client.serial)
            runs.append((item.key, -item.count if hidden else item.count))
            continue
        what = item.what if type(item) is _Private and client is not None and item.is_for(client) else item
        if type(what) is str:
            _close_runs(runs, slots)
            lines.append(what)
        elif isinstance(what, Backlog | Question):
            _close_runs(runs, slots)
            _close_lines(lines, slots)
            slots.append(what)
    _close_runs(runs, slots)
    _close_lines(lines, slots)
    return tuple(slots)


def _close_lines(lines: list[str], slots: list[Slot]) -> None:
    if lines:
        slots.append(Lines(tuple(lines)))
        lines.clear()


def _close_runs(runs: list[tuple[int, int]], slots: list[Slot]) -> None:
    if runs:
        slots.append(Ticket(tuple(runs)))
        runs.clear()
