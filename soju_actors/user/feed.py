"""What one turn shows to the clients of a network, in order."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, cast

from actors import Turn
from soju_actors.messages.buffer import TellStored
from soju_actors.messages.downstream import Deliver
from soju_actors.messages.slots import (
    Backlog,
    Interleaved,
    Labelled,
    Lines,
    Part,
    Question,
    Skipped,
    Slot,
    Ticket,
    Wait,
)

if TYPE_CHECKING:
    from soju_actors.user.state import Client, Handle


@dataclass(slots=True)
class Frame:
    """The answer to a command with a label, which may be in parts and take many turns."""

    number: int
    label: str
    client: int
    """The serial of the client that has given it."""
    waits: int = 0
    """Parts that are still to come from a server or a service."""
    spent: bool = False
    """The client has the whole answer already."""


@dataclass(slots=True)
class _Hidden:
    """A message of a buffer that one client, given by its serial, is not shown."""

    key: int
    hidden_from: int


@dataclass(slots=True)
class _Blocked:
    """A message of a buffer that some clients, given by their serials, are not shown and have not received."""

    key: int
    skipped_by: frozenset[int]


@dataclass(slots=True)
class _Private:
    """Something for some clients alone: for one, or for those that one of two capabilities marks out."""

    what: str | Backlog | Wait | Question | Ticket
    only: int = 0
    """The serial of the one client."""
    but: int = 0
    """The serial of the one client that does not get it."""
    needs: str = ""
    """Only for clients with this capability."""
    lacks: str = ""
    """Only for clients without this capability."""
    apart: bool = False
    """It does not belong to the answer among whose parts it stands."""

    def is_for(self, client: "Client") -> bool:
        """Whether a client gets it."""
        return (
            (not self.only or client.serial == self.only)
            and client.serial != self.but
            and (not self.needs or self.needs in client.caps)
            and (not self.lacks or self.lacks not in client.caps)
        )


@dataclass(slots=True)
class _Framed:
    """Items that are, for one client, a part of the answer to its label."""

    items: "list[_Item]"
    frame: Frame
    done: bool


_Item = str | Ticket | Interleaved | Wait | _Hidden | _Blocked | _Private | _Framed


@dataclass(slots=True)
class Feed:
    """Collects lines and tickets during a turn; most are for all clients, and then made once for all."""

    _items: list[_Item] = field(default_factory=list)
    _keys: list[int] = field(default_factory=list)
    """What comes next: a message of each of these buffers, shown to all; of negative keys, to none."""
    _awaited: dict[int, "Handle"] = field(default_factory=dict)
    """Buffers, by key, for whose messages of this turn all clients have to wait."""
    _common: bool = True
    """Every item is for every client."""
    apart: bool = False
    """What is shown to one client now belongs to no answer."""

    def line(self, line: str) -> None:
        """Show a line to all clients."""
        self._add(line)

    def line_to(self, client: "Client", line: str) -> None:
        """Show a line to one client."""
        self._add(_Private(line, only=client.serial, apart=self.apart))

    def lines_to(self, client: "Client", lines: Iterable[str]) -> None:
        """Show lines to one client."""
        for line in lines:
            self._add(_Private(line, only=client.serial, apart=self.apart))

    def line_if(self, line: str, *, but: int = 0, needs: str = "", lacks: str = "") -> None:
        """Show a line to all clients but one, with one capability, or without one."""
        self._add(_Private(line, but=but, needs=needs, lacks=lacks) if but or needs or lacks else line)

    def slot_to(self, client: "Client", slot: Backlog | Wait | Question | Ticket) -> None:
        """Promise one client lines from elsewhere."""
        self._add(_Private(slot, only=client.serial))

    def run(self, key: int, *, shown: bool = True, hidden_from: int = 0) -> None:
        """Take the next message of a buffer, and show it to all clients but one."""
        if hidden_from and shown:
            self._add(_Hidden(key, hidden_from))
        else:
            self._keys.append(key if shown else -key)

    def run_blocked(self, key: int, skipped_by: frozenset[int]) -> None:
        """Take the next message of a buffer, and let some clients pass it over (row RCP-11)."""
        self._add(_Blocked(key, skipped_by))

    def mark(self) -> int:
        """Return where the next item will be, for :meth:`enclose`."""
        if self._keys:
            self._end_keys()
        return len(self._items)

    def enclose(self, mark: int, frame: Frame) -> None:
        """Make what was shown since then a part of the answer to a label, the last one if it waits for no more."""
        items = self._items[mark : self.mark()]
        if frame.spent or (not items and frame.waits):
            return
        apart = [item for item in items if isinstance(item, _Private) and item.apart]
        inside = [item for item in items if item not in apart] if apart else items
        self._items[mark:] = [_Framed(inside, frame, not frame.waits), *apart]
        self._common = False

    def wait(self, handle: "Handle") -> None:
        """Show what follows when all messages so far of a buffer that clients get no tickets for are stored."""
        if self._keys:
            self._end_keys()
        self._items.append(Wait(handle.key, handle.end))
        self._awaited[handle.key] = handle

    def deliver(self, clients: Iterable["Client"], turn: Turn) -> None:
        """Send each client what is for it, and begin anew."""
        if self._keys:
            self._end_keys()
        if not self._items:
            return
        if self._awaited:
            clients = list(clients)
            refs = tuple([client.ref for client in clients])
            for handle in self._awaited.values():
                turn.send(handle.ref, TellStored(refs, handle.end))
        self._awaited.clear()
        shared: Deliver | None = None
        for client in clients:
            if self._common:
                if shared is None:
                    shared = Deliver(_slots(cast(list[str | Slot], self._items)))
                turn.send(client.ref, shared)
            elif slots := _slots([what for item in self._items for what in _for_client(item, client)]):
                turn.send(client.ref, Deliver(slots))
        self._items = []
        self._common = True

    def _add(self, item: str | _Hidden | _Blocked | _Private) -> None:
        if self._keys:
            self._end_keys()
        self._items.append(item)
        if type(item) is not str:
            self._common = False

    def _end_keys(self) -> None:
        """Make the ticket for messages in a row."""
        keys = self._keys
        first, count = keys[0], len(keys)
        if keys.count(first) == count:
            self._items.append(_ticket(first, count))
        else:
            self._items.append(Interleaved(tuple(keys)))
        self._keys = []


def _slots(items: Iterable[str | Slot]) -> tuple[Slot, ...]:
    """Put lines that follow each other into one slot."""
    slots: list[Slot] = []
    for kind, group in groupby(items, type):
        if kind is str:
            slots.append(Lines(tuple(cast(Iterable[str], group))))
        else:
            slots.extend(cast(Iterable[Slot], group))
    return tuple(slots)


def _for_client(item: _Item, client: "Client") -> tuple[str | Slot, ...]:
    """Return what a client gets of an item."""
    if isinstance(item, _Hidden):
        return (_ticket(item.key, -1 if item.hidden_from == client.serial else 1),)
    if isinstance(item, _Blocked):
        return (Skipped(item.key, 1) if client.serial in item.skipped_by else _ticket(item.key, 1),)
    if isinstance(item, _Private):
        return (item.what,) if item.is_for(client) else ()
    if isinstance(item, _Framed):
        return _framed(item, client)
    return (item,)


def _framed(item: _Framed, client: "Client") -> tuple[str | Slot, ...]:
    """Return items for the client whose answer they are, with its label, and as they are for others."""
    what = [what for inner in item.items for what in _for_client(inner, client)]
    frame = item.frame
    if client.serial != frame.client:
        return tuple(what)
    parts = cast(tuple[Part, ...], _slots(what))
    return (Labelled(frame.number, frame.label, parts, item.done),) if parts or item.done else ()


def _ticket(key: int, count: int) -> Ticket:
    """Return the ticket for messages of one buffer; those of a negative key are not shown."""
    return Ticket(key, count) if key > 0 else Ticket(-key, -count)
