"""A proxy between a client program and the bouncer that notes every line of both."""

import asyncio
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from tests.support.certificates import Certificate
from tests.support.ircclient import LONGEST, Endpoint
from tests.support.ports import free_port
from tests.support.transcript import Transcript


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it went over the wire."""

    by_client: bool
    text: str


@dataclass(slots=True)
class Session:
    """One connection, in the order in which the lines passed."""

    lines: list[Line] = field(default_factory=list)
    passed: Transcript = field(default_factory=lambda: Transcript("what passed"))
    """The same for waiting: ``> `` and what the client said, ``< `` and what the bouncer did."""

    def add(self, line: Line) -> None:
        """Note a line."""
        self.lines.append(line)
        self.passed.add(f"{'>' if line.by_client else '<'} {line.text}")

    async def until_acknowledged(self, text: str) -> None:
        """Wait until the client has answered the PING behind a line that ends so (row RCP-02)."""
        await self.passed.expect(f"^< .*{text}$")
        since = next(place for place, line in enumerate(self.passed.lines) if line.endswith(text))
        ping = await self.passed.expect("^< PING ", since=since)
        token = ping.partition("PING ")[2].removeprefix(":")
        await self.passed.expect(f"^> .*PONG :?{token}$", since=since)

    def said(self, *, by_client: bool) -> list[str]:
        """Return what one side has said."""
        return [line.text for line in self.lines if line.by_client is by_client]


class Tap:
    """The proxy, as an async context manager; with a certificate it speaks TLS to both sides."""

    def __init__(self, bouncer: Endpoint, certificate: Certificate | None = None) -> None:
        self.port = free_port()
        self.sessions: list[Session] = []
        self._bouncer = bouncer
        self._tls: ssl.SSLContext | None = None
        if certificate is not None:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(certificate.chain, certificate.key)
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        session = Session()
        self.sessions.append(session)
        there, here = await self._bouncer.open()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(
                _pass_on(reader, here, session, by_client=True), _pass_on(there, writer, session, by_client=False)
            )

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port, ssl=self._tls, limit=LONGEST)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if error is not None and self.sessions:
            last = "".join(f"\n    {'>' if line.by_client else '<'} {line.text}" for line in self.sessions[-1].lines)
            error.add_note(f"what passed between the client and the bouncer:{last[-6000:]}")
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, to: Session, *, by_client: bool) -> None:
    """Pass lines on until one side ends."""
    with suppress(OSError):
        while data := await reader.readline():
            to.add(Line(by_client, data.decode(errors="surrogateescape").rstrip("\r\n")))
            writer.write(data)
            await writer.drain()
    writer.close()
