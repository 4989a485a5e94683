"""The links of an engine: who owns them, when they are read, what waits to be written."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from actors import mailbox
from actors.cell import Cell
from actors.clock import Timer
from actors.link import (
    FLUSH_TIMEOUT,
    UNREAD_MOST,
    Accepted,
    BytesReceived,
    Closed,
    Congested,
    Drained,
    Endpoint,
    Link,
    Listening,
    Opened,
    OpenFailed,
)
from actors.message import SystemMessage
from actors.ref import Ref

if TYPE_CHECKING:
    from actors.kernel import Kernel


class Transport(Protocol):
    """An open socket, with the words of asyncio."""

    def write(self, data: bytes) -> None:
        """Write, or keep until the socket takes it."""

    def close(self) -> None:
        """Close once everything is written; ``lost`` follows."""

    def abort(self) -> None:
        """Close now; ``lost`` follows."""

    def pause_reading(self) -> None:
        """Receive nothing more."""

    def resume_reading(self) -> None:
        """Receive again."""


class Attempt(Protocol):
    """A socket that is being opened, or that listens."""

    def cancel(self) -> None:
        """Give up; nothing is heard of it any more."""


class Network(Protocol):
    """How an engine opens sockets; it tells the socket how that went."""

    def dial(self, socket: "Socket", endpoint: Endpoint) -> Attempt:
        """Begin to connect."""

    def listen(self, socket: "Socket", endpoint: Endpoint) -> Attempt:
        """Begin to listen."""


class Socket:
    """One link: what the network tells it, its owner hears, and the other way round."""

    __slots__ = (
        "aborted",
        "attempt",
        "closing",
        "expiry",
        "held",
        "link",
        "out",
        "owner",
        "sockets",
        "throttled",
        "transport",
        "unread",
    )

    def __init__(self, sockets: "Sockets", link: Link, owner: Cell | None) -> None:
        self.sockets = sockets
        self.link = link
        self.owner = owner
        self.transport: Transport | None = None
        self.attempt: Attempt | None = None
        self.out: list[bytes] = []
        """Written in this run, or before the socket was open."""
        self.unread = 0
        """Bytes that wait in the owner's mailbox."""
        self.held = False
        """The owner has paused it."""
        self.throttled = False
        """The owner has too much unread."""
        self.closing = False
        """The owner wants no bytes any more."""
        self.aborted = False
        """The owner, or the time to flush, has ended it."""
        self.expiry: Timer | None = None

    # What the network says.

    def opened(self, transport: Transport, local: str, remote: str, fingerprint: str = "") -> None:
        """A dialed socket is connected."""
        self.attempt = None
        self.transport = transport
        self.notify(Opened(self.link, local, remote, fingerprint))
        self._begin()

    def failed(self, reason: str) -> None:
        """The socket could not be opened."""
        self.notify(OpenFailed(self.link, reason))
        self.sockets.forget(self)

    def listening(self, address: str) -> None:
        """It listens; the attempt stays, to end that."""
        self.notify(Listening(self.link, address))

    def accepted(self, transport: Transport, remote: str, fingerprint: str = "") -> "Socket":
        """A peer has connected to this listener."""
        socket = self.sockets.add(self.sockets.new_link(), self.owner)
        socket.transport = transport
        socket.notify(Accepted(socket.link, self.link, remote, fingerprint))
        return socket

    def received(self, data: bytes) -> None:
        """Bytes have come."""
        if self.closing or not data:
            return
        self.unread += len(data)
        if self.unread >= UNREAD_MOST and not self.throttled:
            self.throttled = True
            self._apply_pause()
        self.notify(BytesReceived(self.link, data))

    def congested(self) -> None:
        """The peer does not read."""
        self.notify(Congested(self.link))

    def drained(self) -> None:
        """The peer has read."""
        self.notify(Drained(self.link))

    def lost(self, reason: str, *, clean: bool) -> None:
        """The connection has ended."""
        if self.aborted:
            reason, clean = "aborted", False
        self.notify(Closed(self.link, reason, clean))
        self.sockets.forget(self)

    def notify(self, event: SystemMessage) -> None:
        """Let the owner know, if there is one."""
        if self.owner is not None:
            self.sockets.kernel.notify(self, event)

    # What the owner wants.

    def _begin(self) -> None:
        if self.held:
            self._apply_pause()
        self.flush()

    def flush(self) -> None:
        """Hand everything written in this run to the transport, as one write."""
        if self.transport is not None and self.out:
            data = self.out[0] if len(self.out) == 1 else b"".join(self.out)
            self.out.clear()
            self.transport.write(data)

    def close(self) -> None:
        """Write what waits, then close; abort if that takes too long."""
        if self.closing:
            return
        self.closing = True
        if self.transport is not None:
            self.flush()
            self.expiry = self.sockets.kernel.clock.later(FLUSH_TIMEOUT, self.abort)
            self.transport.close()
        else:
            self._cancel("closed")

    def abort(self) -> None:
        """Close now."""
        self.closing = self.aborted = True
        self.out.clear()
        if self.transport is not None:
            self.transport.abort()
        else:
            self._cancel("aborted")

    def _cancel(self, reason: str) -> None:
        """End what is being opened, or a listener."""
        if self.attempt is not None:
            self.attempt.cancel()
        self.lost(reason, clean=True)

    def hold(self, *, held: bool) -> None:
        """Pause or resume reading for the owner."""
        self.held = held
        self._apply_pause()

    def consume(self, size: int) -> bool:
        """Count bytes as handled by the owner; return whether it still wants them."""
        self.unread -= size
        if self.throttled and self.unread <= UNREAD_MOST // 2:
            self.throttled = False
            self._apply_pause()
        return not self.closing

    def _apply_pause(self) -> None:
        if self.transport is None or self.closing:
            return
        if self.held or self.throttled:
            self.transport.pause_reading()
        else:
            self.transport.resume_reading()


class Sockets:
    """The sockets of one engine, by link, and what actors may do with theirs."""

    def __init__(self, kernel: "Kernel", network: Network) -> None:
        self.kernel = kernel
        self.dirty: list[Socket] = []
        """Those with something to write at the end of the run."""
        self.on_empty: Callable[[], None] = lambda: None
        """Called when the last socket has ended."""
        self._network = network
        self._open: dict[Link, Socket] = {}
        self._last = 0

    def new_link(self) -> Link:
        """Return a link that nobody has."""
        self._last += 1
        return Link(self._last)

    def add(self, link: Link, owner: Cell | None) -> Socket:
        """Make a socket for an owner."""
        socket = self._open[link] = Socket(self, link, owner)
        if owner is not None:
            if owner.links is None:
                owner.links = set()
            owner.links.add(link)
        return socket

    def forget(self, socket: Socket) -> None:
        """A socket has ended."""
        self._open.pop(socket.link, None)
        if socket.owner is not None and socket.owner.links is not None:
            socket.owner.links.discard(socket.link)
        if socket.expiry is not None:
            socket.expiry.cancel()
        socket.transport = socket.attempt = None
        if not self._open:
            self.on_empty()

    @property
    def empty(self) -> bool:
        """Whether no socket is open."""
        return not self._open

    @property
    def count(self) -> int:
        """How many sockets are open."""
        return len(self._open)

    def owned(self, cell: Cell, link: Link) -> Socket | None:
        """Return the socket if it is open and the cell's."""
        socket = self._open.get(link)
        return socket if socket is not None and socket.owner is cell else None

    def dial(self, cell: Cell, link: Link, endpoint: Endpoint) -> None:
        """Connect for an actor."""
        socket = self.add(link, cell)
        socket.attempt = self._network.dial(socket, endpoint)

    def listen(self, cell: Cell, link: Link, endpoint: Endpoint) -> None:
        """Listen for an actor."""
        socket = self.add(link, cell)
        socket.attempt = self._network.listen(socket, endpoint)

    def write(self, cell: Cell, link: Link, data: bytes) -> None:
        """Keep bytes until the end of the run; nothing if the link has ended."""
        socket = self._open.get(link)
        if socket is not None and socket.owner is cell and not socket.closing and data:
            if not socket.out and socket.transport is not None:
                self.dirty.append(socket)
            socket.out.append(data)

    def flush(self) -> None:
        """Write what the run has left."""
        dirty, self.dirty = self.dirty, []
        for socket in dirty:
            socket.flush()

    def close(self, cell: Cell, link: Link) -> None:
        """Close a link of an actor."""
        if socket := self.owned(cell, link):
            socket.close()

    def abort(self, cell: Cell, link: Link) -> None:
        """Abort a link of an actor."""
        if socket := self.owned(cell, link):
            socket.abort()

    def pause(self, cell: Cell, link: Link) -> None:
        """Stop reading a link of an actor."""
        if socket := self.owned(cell, link):
            socket.hold(held=True)

    def resume(self, cell: Cell, link: Link) -> None:
        """Read a link of an actor again."""
        if socket := self.owned(cell, link):
            socket.hold(held=False)

    def give(self, cell: Cell, link: Link, to: Ref[Any]) -> None:
        """Change the owner of a link and move its waiting events; close it if the new one is gone."""
        socket = self.owned(cell, link)
        if socket is None:
            return
        owner = self.kernel.running.get(to.path)
        if owner is None:
            socket.abort()
            return
        socket.owner = owner
        (cell.links or set()).discard(link)
        if owner.links is None:
            owner.links = set()
        owner.links.add(link)
        mailbox.move(cell, owner, socket)

    def release(self, cell: Cell) -> None:
        """Close all links of an actor that has ended."""
        for link in cell.links or ():
            socket = self._open[link]
            socket.owner = None
            socket.close()
        cell.links = None
