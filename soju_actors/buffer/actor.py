"""The channel-buffer actor."""

import logging
from typing import Any

import msgspec

from actors import Actor, Ref, ServiceFailed, Turn, on
from soju_actors.history.reader import Reader, Span, lines_of, without_gaps
from soju_actors.history.ring import Ring, shown_lines
from soju_actors.messages.buffer import (
    Acknowledge,
    Append,
    BufferArgs,
    EntriesStored,
    Hold,
    MoreCredit,
    NameClient,
    Purge,
    Subscribe,
    TellStored,
    Unsubscribe,
    ViewChanged,
)
from soju_actors.messages.downstream import Page, Reading, StoredUpTo
from soju_actors.messages.store import Store, StoreCursor
from soju_actors.messages.user import LinesCommitted
from soju_actors.model.entry import MULTILINE
from soju_actors.model.records import NetworkId
from soju_actors.ports.database import Appended, CursorMoved, RangeRead, ReadFailed, ReadRange
from soju_actors.ports.protocols import ToBuffer, ToDownstream

log = logging.getLogger(__name__)

PAGE = 1000
"""The most messages of a page."""
READ_AGAIN = 2.0
"""Seconds after which a page that could not be read from the database is tried again."""


class ReadAgain(msgspec.Struct, ToBuffer, frozen=True, tag="buffer.read-again"):
    """Alarm: readers whose page could not be read ask again."""


class BufferActor(Actor[ToBuffer]):
    """The single producer is the user actor; each client consumes at its own cursor.

    A message is shown once it is stored, and only against credit: a client that
    does not read costs a number. Who has fallen out of the ring is served from the
    database.
    """

    __slots__ = (
        "args",
        "asking",
        "cursors",
        "failed",
        "hidden",
        "multiline",
        "questions",
        "readers",
        "ring",
        "waiting",
    )

    def __init__(self, args: BufferArgs) -> None:
        self.args = args
        self.ring = Ring(args.capacity, args.end)
        self.cursors = dict(args.cursors)
        self.readers: dict[str, Reader] = {}
        self.asking: dict[int, tuple[str, int, int]] = {}
        """Whose page is being read from the database, up to which number and with how many messages, by request."""
        self.questions = 0
        self.failed: set[str] = set()
        """Readers whose page could not be read."""
        self.multiline = 0
        """The number after the last message of several lines that the ring has got."""
        self.hidden: frozenset[int] = frozenset()
        """Numbers of redacted messages that the ring still has: replays leave them out."""
        self.waiting: tuple[TellStored, ...] = ()
        """Clients that want to know when something is durable, in order."""

    def started(self, turn: Turn) -> None:
        """Store the cursors of a new target, so that who is away gets its first message (RCP-06)."""
        if self.args.fresh:
            for client, number in self.cursors.items():
                self._store_cursor(client, number, turn)

    @on(Append)
    def append(self, msg: Append, turn: Turn) -> None:
        """Keep new messages and have them stored."""
        self.ring.append(msg.entries)
        if msg.multiline:
            self.multiline = self.ring.end
        if msg.redacted:
            hidden = {*self.hidden, *self.ring.numbers_of(msg.redacted)}
            self.hidden = frozenset(number for number in hidden if number >= self.ring.start)
        appended = Appended(
            NetworkId(self.args.network_id), self.args.target, msg.entries, msg.redacted, self.args.mandate
        )
        turn.send(self.args.store, Store(turn.me, appended))

    @on(EntriesStored)
    def entries_stored(self, msg: EntriesStored, turn: Turn) -> None:
        """Show what is durable now."""
        self.ring.store_up_to(msg.end)
        turn.send(self.args.user, LinesCommitted(self.args.key, self.ring.durable))
        pages: dict[Any, tuple[str, ...]] = {}
        for path, reader in self.readers.items():
            self._show(path, reader, turn, pages)
        self.ring.trim()
        while self.waiting and self.waiting[0].end <= self.ring.durable:
            self._tell_stored(self.waiting[0], turn)
            self.waiting = self.waiting[1:]

    @on(Purge)
    def purge(self, msg: Purge, turn: Turn) -> None:  # noqa: ARG002 - a handler's shape
        """Forget deleted messages; readers that had not got them find numbers without messages in the database."""
        self.ring.drop_below(msg.end)

    @on(Subscribe)
    def subscribe(self, msg: Subscribe, turn: Turn) -> None:
        """Add a reader, with a backlog from its name's cursor on; or let one go on that was held back."""
        path = msg.reader.path
        reader = self.readers.get(path)
        if reader is not None:
            reader.go_on(msg.live, talk=msg.talk)
            reader.hidden = msg.hidden
        else:
            since = msg.since if msg.since >= 0 else self.cursors.get(msg.client, msg.live)
            first = min(since, msg.live) if msg.backlog and msg.talk else msg.live
            if self.args.mandate is not None:
                turn.send(msg.reader, Reading(msg.key, self.args.target, first))
            spans = (Span(first, msg.live, msg.talk),) if msg.backlog else ()
            reader = self.readers[path] = Reader(msg.key, msg.client, msg.view, first, msg.credit, spans, msg.hidden)
        self._show(path, reader, turn, {})

    @on(Hold)
    def hold(self, msg: Hold, turn: Turn) -> None:  # noqa: ARG002 - a handler's shape
        """Hold back what the readers are not to see."""
        for reader in self.readers.values():
            reader.hold(msg.first)

    @on(TellStored)
    def tell_stored(self, msg: TellStored, turn: Turn) -> None:
        """Say when something is durable to clients whose lines wait for it (row DET-03)."""
        if msg.end <= self.ring.durable:
            self._tell_stored(msg, turn)
        else:
            self.waiting = (*self.waiting, msg)

    @on(Unsubscribe)
    def unsubscribe(self, msg: Unsubscribe, turn: Turn) -> None:  # noqa: ARG002 - a handler's shape
        """Forget a reader; its name's cursor stays."""
        self.readers.pop(msg.reader.path, None)

    @on(ViewChanged)
    def view_changed(self, msg: ViewChanged, turn: Turn) -> None:
        """Show this reader later messages as its capabilities now want them."""
        reader = self._reader_of(turn)
        if reader is not None:
            reader.view = msg.view

    @on(MoreCredit)
    def more_credit(self, msg: MoreCredit, turn: Turn) -> None:
        """Send a reader that has read what it may have now."""
        reader = self._reader_of(turn)
        if reader is not None and turn.sender is not None:
            reader.credit += msg.lines
            self._show(turn.sender.path, reader, turn, {})

    @on(Acknowledge)
    def acknowledge(self, msg: Acknowledge, turn: Turn) -> None:
        """Move the cursor of a client name forward (row RCP-02)."""
        number = min(msg.number, self.ring.durable)
        if number > self.cursors.get(msg.client, -1):
            self.cursors[msg.client] = number
            self._store_cursor(msg.client, number, turn)

    @on(NameClient)
    def name_client(self, msg: NameClient, turn: Turn) -> None:  # noqa: ARG002 - a handler's shape
        """Begin a cursor for a name that the network has not seen before (row RCP-05)."""
        self.cursors.setdefault(msg.client, msg.number)

    @on(RangeRead)
    def range_read(self, msg: RangeRead, turn: Turn) -> None:
        """Send a page that the ring no longer had."""
        path, end, limit = self.asking.pop(msg.request, ("", 0, 0))
        reader = self.readers.get(path)
        if reader is None:
            return
        reader.asked = False
        entries = without_gaps(entry for entry in msg.entries if reader.next <= entry.number < end)
        first = entries[0].number if entries else end
        if len(msg.entries) >= limit:
            end = msg.entries[-1].number + 1
        lines = lines_of(shown_lines(entries), reader.view, backlog=reader.in_backlog, hidden=reader.hidden)
        if end > reader.next:
            multiline = any(entry.command == MULTILINE for entry in entries)
            self._send(path, reader, Page(reader.key, first, end, lines, multiline), turn)
        self._show(path, reader, turn, {})

    @on(ReadFailed)
    def read_failed(self, msg: ReadFailed, turn: Turn) -> None:
        """Try again later: the reader waits, nothing is passed over."""
        log.warning("%s: cannot read history: %s", turn.me.path, msg.reason)
        self.failed.add(self.asking.pop(msg.request, ("", 0, 0))[0])
        turn.after("read-again", READ_AGAIN, ReadAgain())

    @on(ServiceFailed)
    def service_failed(self, msg: ServiceFailed, turn: Turn) -> None:
        """Do the same where the database's own code has failed."""
        self.read_failed(ReadFailed("internal error", getattr(msg.job, "request", 0)), turn)

    @on(ReadAgain)
    def read_again(self, msg: ReadAgain, turn: Turn) -> None:  # noqa: ARG002 - a handler's shape
        """Ask again for the pages that could not be read."""
        for path in self.failed & self.readers.keys():
            self.readers[path].asked = False
            self._show(path, self.readers[path], turn, {})
        self.failed.clear()

    def _show(self, path: str, reader: Reader, turn: Turn, pages: dict[Any, tuple[str, ...]]) -> None:
        """Send a reader all that is stored and that it has credit for; share pages between equal readers."""
        ring = self.ring
        while not reader.asked:
            if reader.spans and reader.passes_over(ring.durable):
                turn.send(Ref[ToDownstream](path), Page(reader.key, reader.next, reader.next, ()))
            first, end = reader.next, reader.stretch(ring.durable, PAGE)
            if end <= first:
                return
            if first < ring.start:
                self._ask(path, reader, turn)
                return
            backlog = reader.in_backlog
            same = (reader.view, first, end, backlog and reader.hidden, backlog)
            lines = pages.get(same)
            if lines is None:
                kept = ring.read(first, end)
                if backlog and self.hidden:
                    kept = tuple("" if first + at in self.hidden else line for at, line in enumerate(kept))
                lines = pages[same] = lines_of(kept, reader.view, backlog=backlog, hidden=reader.hidden)
            self._send(path, reader, Page(reader.key, first, end, lines, first < self.multiline), turn)

    def _send(self, path: str, reader: Reader, page: Page, turn: Turn) -> None:
        turn.send(Ref[ToDownstream](path), page)
        reader.take(page.end, len(page.lines))

    def _ask(self, path: str, reader: Reader, turn: Turn) -> None:
        """Have the next page read from the database: as many messages as it may hold, behind those that are purged."""
        reader.asked = True
        self.questions += 1
        end = reader.border(min(self.ring.durable, self.ring.start))
        limit = reader.stretch(end, PAGE) - reader.next
        self.asking[self.questions] = (path, end, limit)
        network = NetworkId(self.args.network_id)
        job = ReadRange(network, self.args.target, reader.next, end, limit, request=self.questions)
        turn.perform("reader", job)

    def _tell_stored(self, msg: TellStored, turn: Turn) -> None:
        for client in msg.clients:
            turn.send(client, StoredUpTo(self.args.key, self.ring.durable))

    def _reader_of(self, turn: Turn) -> Reader | None:
        return None if turn.sender is None else self.readers.get(turn.sender.path)

    def _store_cursor(self, client: str, number: int, turn: Turn) -> None:
        moved = CursorMoved(NetworkId(self.args.network_id), self.args.target, client, number, self.args.mandate)
        turn.send(self.args.store, StoreCursor(moved))
