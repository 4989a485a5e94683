"""A small raw IRC client, written apart from the bouncer's own IRC code so that both cannot be wrong alike."""

import asyncio
import base64
import re
import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.transcript import PATIENCE, Transcript

LONGEST = 2**24
"""Bytes of a line that the client reads without complaint; more than any server of ours may send."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a client connects: a port, with TLS or without, or a Unix socket."""

    port: int = 0
    host: str = "127.0.0.1"
    path: Path | None = None
    tls: ssl.SSLContext | None = None

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Open a connection."""
        if self.path is not None:
            return await asyncio.open_unix_connection(self.path, limit=LONGEST)
        return await asyncio.open_connection(self.host, self.port, ssl=self.tls, limit=LONGEST)


@dataclass(frozen=True, slots=True)
class Login:
    """Who a client says it is; with ``sasl`` by SASL PLAIN, else by PASS."""

    nick: str
    username: str = ""
    password: str = ""
    sasl: bool = False


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """A PONG that a client has sent: when, and how many lines it had been shown by then."""

    at: float
    shown: int


class IrcClient:
    """One connection to a server or to the bouncer, as an async context manager.

    All that it is told is in :attr:`heard`. It answers PING while
    :attr:`acknowledges` is true.
    """

    def __init__(self, name: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heard = Transcript(name)
        self.acknowledges = True
        self.acknowledgements: list[Acknowledgement] = []
        self._reader = reader
        self._writer = writer
        self._pump = asyncio.create_task(self._read())

    @classmethod
    async def open(cls, name: str, endpoint: Endpoint) -> Self:
        """Connect and say nothing yet."""
        async with asyncio.timeout(PATIENCE):
            return cls(name, *await endpoint.open())

    @classmethod
    async def connect(cls, endpoint: Endpoint, login: Login, *, caps: Sequence[str] = ()) -> Self:
        """Connect, log in and wait for the end of the welcome."""
        self = await cls.open(login.nick, endpoint)
        try:
            await self.register(login, caps=caps)
        except BaseException:
            await self.abort()
            raise
        return self

    async def register(self, login: Login, *, caps: Sequence[str] = ()) -> None:
        """Say who we are and wait for the end of the welcome: the MOTD or the lack of one."""
        wanted = [*caps, "sasl"] if login.sasl else list(caps)
        if wanted:
            self.send("CAP LS 302")
            await self.heard.expect(r"^\S+ CAP \S+ LS :?[^*]|^CAP \S+ LS")
        if login.password and not login.sasl:
            self.send(f"PASS {login.password}")
        self.send(f"NICK {login.nick}", f"USER {login.username or login.nick} 0 * :{login.nick}")
        if wanted:
            self.send(f"CAP REQ :{' '.join(wanted)}")
            reply = await self.heard.expect(r" CAP \S+ (ACK|NAK) ")
            if " NAK " in reply:
                raise AssertionError(self.heard.report(f"the server refuses {wanted}"))
            if login.sasl:
                await self._authenticate(login)
            self.send("CAP END")
        await self.heard.expect(r"^(@\S+ )?:\S+ (376|422) ")

    async def _authenticate(self, login: Login) -> None:
        self.send("AUTHENTICATE PLAIN")
        await self.heard.expect(r"AUTHENTICATE \+")
        secret = base64.b64encode(f"\0{login.username}\0{login.password}".encode()).decode()
        self.send(f"AUTHENTICATE {secret}")
        answer = await self.heard.expect(r"^:\S+ 90[3-7] ")
        if " 903 " not in answer:
            raise AssertionError(self.heard.report("the login is refused"))

    async def _read(self) -> None:
        reason = "the connection was closed"
        try:
            while line := await self._reader.readline():
                text = line.decode(errors="surrogateescape").rstrip("\r\n")
                self.heard.add(text)
                if self.acknowledges and (ping := re.match(r"(?:@\S+ )?(?::\S+ )?PING (.*)", text)):
                    self._pong(ping[1])
        except (OSError, ValueError) as error:
            reason = f"the connection failed: {error!r}"
        finally:
            self.heard.end(reason)

    def _pong(self, token: str) -> None:
        self.send(f"PONG {token}")
        self.acknowledgements.append(Acknowledgement(asyncio.get_running_loop().time(), self.heard.here))

    def send(self, *lines: str) -> None:
        """Send lines, each as it is."""
        self.send_bytes("".join(f"{line}\r\n" for line in lines).encode(errors="surrogateescape"))

    def send_bytes(self, data: bytes) -> None:
        """Send bytes as they are; after the end of the connection they are lost, as with any socket."""
        if not self._writer.is_closing():
            self._writer.write(data)

    async def flush(self) -> None:
        """Wait until the peer has room for what was sent."""
        with suppress(ConnectionError):
            await self._writer.drain()

    async def expect(self, pattern: str, *, since: int = 0, count: int = 1, seconds: float = PATIENCE) -> str:
        """Wait for a line as :meth:`Transcript.expect` does."""
        return await self.heard.expect(pattern, since=since, count=count, seconds=seconds)

    async def join(self, *channels: str) -> None:
        """Join channels and wait for the end of their names."""
        for channel in channels:
            since = self.heard.here
            self.send(f"JOIN {channel}")
            await self.expect(rf" 366 \S+ {re.escape(channel)} ", since=since)

    async def round_trip(self) -> None:
        """Wait until the server has handled all that was sent before."""
        since, token = self.heard.here, f"trip{self.heard.here}"
        self.send(f"PING {token}")
        await self.expect(rf"PONG .*{token}$", since=since)

    def said(self, pattern: str, *, since: int = 0) -> list[str]:
        """Return the texts of the PRIVMSGs so far in which the pattern is found."""
        parts = (re.match(r"(?:@\S+ )?:\S+ PRIVMSG \S+ :?(.*)", line) for line in self.heard.lines[since:])
        return [part[1] for part in parts if part and re.search(pattern, part[1])]

    async def quit(self) -> None:
        """Leave politely and wait for the end of the connection."""
        self.send("QUIT :bye")
        await self.heard.until_ended()
        await self.abort()

    def stop_reading(self) -> None:
        """Read nothing more: what the peer sends fills the buffers on the way, which are made small."""
        self._writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**14)
        self._incoming.pause_reading()

    def read_on(self) -> None:
        """Read again after :meth:`stop_reading`."""
        self._incoming.resume_reading()

    @property
    def _incoming(self) -> asyncio.ReadTransport:
        transport = self._writer.transport
        if not isinstance(transport, asyncio.ReadTransport):
            raise TypeError(f"{transport} cannot be stopped")
        return transport

    @property
    def protocol(self) -> str | None:
        """The protocol that was agreed on with TLS."""
        tls = self._writer.get_extra_info("ssl_object")
        return tls.selected_alpn_protocol() if isinstance(tls, ssl.SSLObject) else None

    async def abort(self) -> None:
        """Drop the connection without a word."""
        self._pump.cancel()
        with suppress(asyncio.CancelledError):
            await self._pump
        self._writer.transport.abort()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if error is not None:
            error.add_note(self.heard.report("heard until the failure"))
        await self.abort()
