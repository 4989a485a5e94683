"""Links as asyncio has them."""

import asyncio
import contextlib
import logging
import socket as sockets
from pathlib import Path
from typing import Any, cast

from actors.bases.node import dial, listen, tls
from actors.link import (
    CONGESTED_AT,
    DIAL_TIMEOUT,
    DRAINED_AT,
    HANDSHAKE_TIMEOUT,
    READ_MOST,
    Endpoint,
    format_address,
)
from actors.sockets import Socket

log = logging.getLogger(__name__)

BACKLOG = 512


class Connection(asyncio.BufferedProtocol):
    """One connection: what asyncio says of it, told to its socket."""

    def __init__(
        self, network: "LoopNetwork", endpoint: Endpoint, socket: Socket | None, listener: Socket | None
    ) -> None:
        self._network = network
        self._endpoint = endpoint
        self._socket = socket
        """None until it is accepted, and when it has turned out to be someone else's."""
        self._listener = listener
        self._ended_by_peer = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Tell the owner; for TLS, this is after the handshake."""
        # Not checked: uvloop's transports derive from nothing of asyncio's.
        transport = cast(asyncio.Transport, transport)
        _tune(transport)
        tls_object = transport.get_extra_info("ssl_object")
        remote = _address(transport.get_extra_info("peername"), self._endpoint)
        if self._listener is not None and self._listener.closing:
            transport.abort()
            return
        if self._listener is not None:
            self._socket = self._listener.accepted(transport, remote, tls.fingerprint_of(tls_object))
            return
        assert self._socket is not None  # noqa: S101 - for the type checker
        try:
            tls.check_pins(self._endpoint.tls, tls_object)
        except tls.PinError as error:
            socket, self._socket = self._socket, None
            transport.abort()
            socket.failed(str(error))
            return
        local = _address(transport.get_extra_info("sockname"), self._endpoint)
        self._socket.opened(transport, local, remote, tls.fingerprint_of(tls_object))

    def get_buffer(self, sizehint: int) -> memoryview:
        """Give the buffer that all connections share: what is read is copied at once."""
        del sizehint
        return self._network.buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Tell the owner what was read."""
        if self._socket is not None:
            self._socket.received(bytes(self._network.buffer[:nbytes]))

    def eof_received(self) -> bool:
        """Close, after what is waiting was written."""
        self._ended_by_peer = True
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the owner why."""
        if self._socket is None:
            return
        ended = "closed by the peer" if self._ended_by_peer else "closed"
        reason = ended if exc is None else dial.describe(exc)
        self._socket.lost(reason, clean=exc is None)

    def pause_writing(self) -> None:
        """Tell the owner that the peer does not read."""
        if self._socket is not None:
            self._socket.congested()

    def resume_writing(self) -> None:
        """Tell the owner that it does."""
        if self._socket is not None:
            self._socket.drained()


class Dial:
    """A connection that is being made."""

    def __init__(self, network: "LoopNetwork", socket: Socket, endpoint: Endpoint) -> None:
        self._network = network
        self._socket = socket
        self._endpoint = endpoint
        self._task = network.loop.create_task(self._run())

    def cancel(self) -> None:
        """Give up."""
        self._task.cancel()

    async def _run(self) -> None:
        try:
            async with asyncio.timeout(DIAL_TIMEOUT):
                await self._connect()
        except (OSError, ValueError) as error:  # TimeoutError and SSLError are among them
            self._failed(dial.describe(error))
        except Exception as error:
            log.exception("dialing %s failed unexpectedly", self._endpoint)
            self._failed(type(error).__name__)

    def _failed(self, reason: str) -> None:
        if self._socket.attempt is self:
            self._socket.failed(reason)

    async def _connect(self) -> None:
        loop, endpoint = self._network.loop, self._endpoint
        arguments: dict[str, Any] = {}
        if endpoint.tls is not None:
            arguments["ssl"] = await loop.run_in_executor(None, tls.client_context, endpoint.tls)
            arguments["server_hostname"] = endpoint.tls.server_name or endpoint.host
            arguments["ssl_handshake_timeout"] = DIAL_TIMEOUT
        if endpoint.path:
            await loop.create_unix_connection(self._protocol, endpoint.path, **arguments)
            return
        sock = await dial.connect(loop, endpoint.host, endpoint.port, endpoint.sources, bound=endpoint.bound)
        try:
            await loop.create_connection(self._protocol, sock=sock, **arguments)
        except BaseException:
            sock.close()
            raise

    def _protocol(self) -> Connection:
        return Connection(self._network, self._endpoint, self._socket, None)


class Listener:
    """Listening sockets of one endpoint."""

    def __init__(self, network: "LoopNetwork", socket: Socket, endpoint: Endpoint) -> None:
        self._network = network
        self._socket = socket
        self._endpoint = endpoint
        self._servers: list[asyncio.Server] = []
        self._task = network.loop.create_task(self._run())

    def cancel(self) -> None:
        """Stop listening; connections stay."""
        self._task.cancel()
        for server in self._servers:
            server.close()
        if self._servers and self._endpoint.path:
            with contextlib.suppress(OSError):
                Path(self._endpoint.path).unlink()

    async def _run(self) -> None:
        try:
            address = await self._listen()
        except (OSError, ValueError) as error:
            self._socket.failed(f"cannot listen at {self._endpoint}: {dial.describe(error)}")
        else:
            self._socket.listening(address)

    async def _listen(self) -> str:
        loop, endpoint = self._network.loop, self._endpoint
        arguments: dict[str, Any] = {"backlog": BACKLOG}
        if endpoint.tls is not None:
            arguments["ssl"] = await loop.run_in_executor(None, tls.server_context, endpoint.tls)
            arguments["ssl_handshake_timeout"] = HANDSHAKE_TIMEOUT
        bound = await listen.bind(loop, endpoint)
        make = loop.create_unix_server if endpoint.path else loop.create_server
        try:
            for sock in bound:
                self._servers.append(await make(self._protocol, sock=sock, **arguments))
        except BaseException:
            self.cancel()
            for sock in bound:
                sock.close()
            raise
        return ", ".join(listen.name_of(sock) for sock in bound)

    def _protocol(self) -> Connection:
        return Connection(self._network, self._endpoint, None, self._socket)


class LoopNetwork:
    """Real sockets in an event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.buffer = memoryview(bytearray(READ_MOST))

    def dial(self, socket: Socket, endpoint: Endpoint) -> Dial:
        """Begin to connect."""
        return Dial(self, socket, endpoint)

    def listen(self, socket: Socket, endpoint: Endpoint) -> Listener:
        """Begin to listen."""
        return Listener(self, socket, endpoint)


def _tune(transport: asyncio.Transport) -> None:
    transport.set_write_buffer_limits(high=CONGESTED_AT, low=DRAINED_AT)
    sock = transport.get_extra_info("socket")
    if sock.family in (sockets.AF_INET, sockets.AF_INET6):
        sock.setsockopt(sockets.IPPROTO_TCP, sockets.TCP_NODELAY, 1)
        sock.setsockopt(sockets.SOL_SOCKET, sockets.SO_KEEPALIVE, 1)


def _address(name: Any, endpoint: Endpoint) -> str:  # noqa: ANN401 - as the family has it
    """Return an address for people; the other end of a Unix socket has none of its own."""
    return format_address(name[0], name[1]) if isinstance(name, tuple) else (name or endpoint.path)
