"""What one turn shows to the clients of a network, in order."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, cast

from actors import Turn
from soju_actors.messages.downstream import Deliver
from soju_actors.messages.slots import Backlog, Lines, Question, Slot, Ticket

if TYPE_CHECKING:
    from soju_actors.user.state import Client


@dataclass(slots=True)
class _Hidden:
    """A message of a buffer that one client, given by its serial, is not shown."""

    key: int
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

    _items: list[int | str | _Hidden | _Private] = field(default_factory=list)
    """An integer is the key of a buffer whose next message is shown to all; negative, to none."""
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
        if hidden_from and shown:
            self._items.append(_Hidden(key, hidden_from))
            self._common = False
        else:
            self._items.append(key if shown else -key)

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


def _slots(items: list[int | str | _Hidden | _Private], client: "Client | None") -> tuple[Slot, ...]:
    """Group what a client gets into slots; without a client, what all of them get."""
    wanted = items if client is None else [what for item in items if (what := _for_client(item, client)) != ""]
    slots: list[Slot] = []
    for kind, group in groupby(wanted, type):
        if kind is int:
            slots.append(Ticket(_runs(cast(Iterable[int], group))))
        elif kind is str:
            slots.append(Lines(tuple(cast(Iterable[str], group))))
        else:
            slots.extend(cast(Iterable[Slot], group))
    return tuple(slots)


def _for_client(item: int | str | _Hidden | _Private, client: "Client") -> int | str | Backlog | Question:
    """Return what a client gets of an item; an empty line, which is none, if nothing."""
    if isinstance(item, _Hidden):
        return -item.key if item.hidden_from == client.serial else item.key
    if isinstance(item, _Private):
        return item.what if item.is_for(client) else ""
    return item


def _runs(keys: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Count equal keys in a row: with the key, how many messages; negative if they are not shown."""
    runs = []
    for key, same in groupby(keys):
        count = len(list(same))
        runs.append((key, count) if key > 0 else (-key, -count))
    return tuple(runs)
