"""Simulated sockets: what one end writes the other end receives, at once and in order."""

from collections.abc import Callable

from actors.link import CONGESTED_AT, DRAINED_AT, READ_MOST, Endpoint, format_address
from actors.sockets import Socket

Address = tuple[str, int, str]


class End:
    """One end of a connection. What it writes waits here until the other end reads."""

    def __init__(self) -> None:
        self.other: End = self
        self.reading = True
        self.over = False
        """Nothing happens here any more."""
        self._waiting = bytearray()
        self._congested = False
        self._closing = False

    # What the two kinds of ends do differently.

    def arrive(self, data: bytes) -> None:
        """Receive one read."""

    def ended(self, reason: str, *, clean: bool) -> None:
        """The connection is over."""

    def congested(self) -> None:
        """More is waiting than should."""

    def drained(self) -> None:
        """Little is waiting again."""

    # What both do.

    def write(self, data: bytes) -> None:
        """Write, or keep until the other end reads."""
        if not self.over:
            self._waiting += data
            self.pump()

    def pump(self) -> None:
        """Let the other end read what is waiting."""
        while self._waiting and self.other.reading and not self.other.over:
            data = bytes(self._waiting[:READ_MOST])
            del self._waiting[:READ_MOST]
            self.other.arrive(data)
        if not self._congested and len(self._waiting) > CONGESTED_AT:
            self._congested = True
            self.congested()
        elif self._congested and len(self._waiting) <= DRAINED_AT:
            self._congested = False
            self.drained()
        if self._closing and not self._waiting:
            self._end("closed", "closed by the peer", clean=True)

    def close(self) -> None:
        """Close once the other end has read everything."""
        self._closing = True
        self.pump()

    def abort(self) -> None:
        """Close now."""
        self._waiting.clear()
        self._end("aborted", "connection reset by the peer", clean=False)

    def _end(self, mine: str, theirs: str, *, clean: bool) -> None:
        if self.over:
            return
        self.over = True
        self.ended(mine, clean=clean)
        other = self.other
        if not other.over:
            other.over = True
            other.ended(theirs, clean=clean)

    def pause_reading(self) -> None:
        """Receive nothing more."""
        self.reading = False

    def resume_reading(self) -> None:
        """Receive again."""
        if not self.reading:
            self.reading = True
            self.other.pump()


class SocketEnd(End):
    """The end that is a link of an actor."""

    def __init__(self) -> None:
        super().__init__()
        self.socket: Socket | None = None

    def arrive(self, data: bytes) -> None:
        """Let the owner have the bytes."""
        if self.socket is not None:
            self.socket.received(data)

    def ended(self, reason: str, *, clean: bool) -> None:
        """Let the owner know."""
        if self.socket is not None:
            self.socket.lost(reason, clean=clean)

    def congested(self) -> None:
        """Let the owner know."""
        if self.socket is not None:
            self.socket.congested()

    def drained(self) -> None:
        """Let the owner know."""
        if self.socket is not None:
            self.socket.drained()


class Peer(End):
    """The outside's end of a connection with an actor."""

    def __init__(self) -> None:
        super().__init__()
        self._received = bytearray()
        self.reason = ""
        """Why the connection is over."""

    @property
    def received(self) -> bytes:
        """All bytes that have come and were not taken."""
        return bytes(self._received)

    @property
    def closed(self) -> bool:
        """Whether the connection is over, by either side."""
        return self.over

    def take(self) -> bytes:
        """Return what has come since the last take."""
        data = bytes(self._received)
        self._received.clear()
        return data

    def send(self, data: bytes) -> None:
        """Write to the actor."""
        self.write(data)

    def close(self, clean: bool = True) -> None:
        """Close in order, or as a connection breaks."""
        if clean:
            super().close()
        else:
            self.abort()

    def stall(self) -> None:
        """Stop reading."""
        self.pause_reading()

    def unstall(self) -> None:
        """Read again."""
        self.resume_reading()

    def arrive(self, data: bytes) -> None:
        """Keep the bytes for the test."""
        self._received += data

    def ended(self, reason: str, *, clean: bool) -> None:
        """Keep the reason for the test."""
        del clean
        self.reason = reason


class Server:
    """An endpoint that actors can dial, and those that did."""

    def __init__(self, fingerprint: str) -> None:
        self.accepted: list[Peer] = []
        self.fingerprint = fingerprint


class Listener:
    """A listening link of an actor."""

    def __init__(self, network: "InlineNetwork", address: Address, socket: Socket) -> None:
        self._network = network
        self._address = address
        self.socket = socket

    def cancel(self) -> None:
        """Stop listening."""
        self._network.listeners.pop(self._address, None)


class Dial:
    """A connection that is being made."""

    def __init__(self) -> None:
        self.given_up = False

    def cancel(self) -> None:
        """Give up."""
        self.given_up = True


class InlineNetwork:
    """The sockets of one inline engine, and the world around it."""

    def __init__(self, later: Callable[..., object]) -> None:
        self.listeners: dict[Address, Listener] = {}
        self.servers: dict[Address, Server] = {}
        self.refused: dict[Address, str] = {}
        self._later = later
        self._last_port = 49151

    def dial(self, socket: Socket, endpoint: Endpoint) -> Dial:
        """Connect at the next moment."""
        dial = Dial()
        self._later(0.0, self._connect, socket, endpoint, dial)
        return dial

    def _connect(self, socket: Socket, endpoint: Endpoint, dial: Dial) -> None:
        if dial.given_up:
            return
        address = address_of(endpoint)
        server, listener = self.servers.get(address), self.listeners.get(address)
        if address in self.refused or (server is None and listener is None):
            socket.failed(self.refused.get(address, "connection refused"))
            return
        mine, local, fingerprint = SocketEnd(), self.new_address(), ""
        if listener is not None:
            theirs: End = SocketEnd()
        else:
            theirs = Peer()
        mine.other, theirs.other, mine.socket = theirs, mine, socket
        if server is not None and isinstance(theirs, Peer):
            server.accepted.append(theirs)
            fingerprint = server.fingerprint
        elif listener is not None and isinstance(theirs, SocketEnd):
            theirs.socket = listener.socket.accepted(theirs, local)
        socket.opened(mine, local, str(endpoint), fingerprint)

    def listen(self, socket: Socket, endpoint: Endpoint) -> Listener:
        """Listen at once; two listeners cannot have the same endpoint."""
        if not endpoint.port and not endpoint.path:
            self._last_port += 1
            endpoint = Endpoint(endpoint.host, self._last_port)
        address = address_of(endpoint)
        listener = Listener(self, address, socket)
        if address in self.listeners or address in self.servers:
            socket.failed(f"{endpoint} is in use")
        else:
            self.listeners[address] = listener
            socket.listening(str(endpoint))
        return listener

    def connect(self, endpoint: Endpoint, remote: str, fingerprint: str) -> Peer:
        """Connect from outside to a listening actor.

        Raises:
            ConnectionRefusedError: nobody listens there.
        """
        listener = self.listeners.get(address_of(endpoint))
        if listener is None:
            raise ConnectionRefusedError(f"nobody listens at {endpoint}")
        peer, end = Peer(), SocketEnd()
        peer.other, end.other = end, peer
        end.socket = listener.socket.accepted(end, remote or self.new_address(), fingerprint)
        return peer

    def new_address(self) -> str:
        """Return an address for an outgoing connection."""
        self._last_port += 1
        return format_address("127.0.0.1", self._last_port)


def address_of(endpoint: Endpoint) -> Address:
    """Return what distinguishes an endpoint from others."""
    return (endpoint.host, endpoint.port, endpoint.path)
