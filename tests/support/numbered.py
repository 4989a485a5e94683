"""An IRC server of our own that says numbered lines in a channel and never loses count."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from tests.support.ports import free_port
from tests.support.transcript import Transcript

CHANNEL = "#numbered"
SPEAKER = ":counter!counter@irc.numbered.test"
NUMBER = re.compile(rf"PRIVMSG {CHANNEL} :line (\d+)$")
CAPS = "message-tags server-time batch"
BURST, PERIOD = 5, 0.02
"""Where it talks all the time, so many lines are said every so many seconds."""


def number_of(line: str) -> int | None:
    """Return the number that a PRIVMSG of the channel carries."""
    found = NUMBER.search(line)
    return int(found[1]) if found else None


def numbers_in(lines: Iterable[str]) -> list[int]:
    """Return the numbers that the lines carry, in their order."""
    return [number for line in lines if (number := number_of(line)) is not None]


@dataclass(eq=False, slots=True)
class Member:
    """One connection to the server and what it has said."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    heard: Transcript
    nick: str = "*"
    username: str = ""
    negotiating: bool = False
    welcomed: bool = False
    tags: bool = False
    channels: set[str] = field(default_factory=set)

    def send(self, *lines: str) -> None:
        """Send lines; a connection that has ended takes them to its grave."""
        if not self.writer.is_closing():
            self.writer.write("".join(f"{line}\r\n" for line in lines).encode(errors="surrogateescape"))


class NumberedServer:
    """The server, as an async context manager.

    :attr:`said` counts the lines. They are said whether anybody is in the
    channel or not, as people do, so each number is used once.
    """

    def __init__(self) -> None:
        self.port = free_port()
        self.said = 0
        self.members: list[Member] = []
        self.log = Transcript("the numbered server")
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    @property
    def address(self) -> str:
        """What a network of the bouncer has as its address."""
        return f"irc+insecure://127.0.0.1:{self.port}"

    def say(self, count: int) -> None:
        """Say the next lines in the channel, at once."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00")
        lines = [
            f"@time={now}Z;msgid=n{n} {SPEAKER} PRIVMSG {CHANNEL} :line {n:07}"
            for n in range(self.said, self.said + count)
        ]
        self.said += count
        for member in self.members:
            if CHANNEL in member.channels:
                member.send(*lines if member.tags else (line.partition(" ")[2] for line in lines))

    async def flush(self) -> None:
        """Wait until every member's connection has room again."""
        for member in list(self.members):
            with suppress(ConnectionError):
                await member.writer.drain()

    async def until_joined(self, nick: str, *, since: int = 0) -> None:
        """Wait until somebody has joined the channel."""
        await self.log.expect(rf"^{nick} JOIN {CHANNEL}$", since=since)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        member = Member(reader, writer, Transcript("a connection to the numbered server"))
        self.members.append(member)
        with suppress(ConnectionError, asyncio.CancelledError):
            while line := await reader.readline():
                text = line.decode(errors="surrogateescape").rstrip("\r\n")
                member.heard.add(text)
                self.log.add(f"{member.nick} {text}")
                self._answer(member, text)
        self.members.remove(member)
        writer.close()

    def _answer(self, member: Member, line: str) -> None:
        command, *params = line.split(" ")
        if command in {"CAP", "NICK", "USER"}:
            self._register(member, command, params)
        match command, params:
            case "PING", _:
                member.send(f":irc.numbered.test PONG irc.numbered.test {' '.join(params)}")
            case "JOIN", [channels, *_]:
                for channel in channels.split(","):
                    self._join(member, channel)
            case "MODE", [channel] if channel in member.channels:
                member.send(f":irc.numbered.test 324 {member.nick} {channel} +nt")
            case "QUIT", _:
                member.writer.close()

    def _register(self, member: Member, command: str, params: list[str]) -> None:
        match command, params:
            case "CAP", ["LS", *_]:
                member.negotiating = True
                member.send(f":irc.numbered.test CAP * LS :{CAPS}")
            case "CAP", ["REQ", *wanted]:
                caps = " ".join(wanted).removeprefix(":")
                member.tags = member.tags or "message-tags" in caps
                member.send(f":irc.numbered.test CAP {member.nick} ACK :{caps}")
            case "CAP", ["END", *_]:
                member.negotiating = False
            case "NICK", [nick, *_]:
                member.nick = nick.removeprefix(":")
            case "USER", [username, *_]:
                member.username = username
        if member.username and member.nick != "*" and not member.negotiating and not member.welcomed:
            self._welcome(member)

    def _welcome(self, member: Member) -> None:
        member.welcomed = True
        source = f":irc.numbered.test {{}} {member.nick}".format
        member.send(
            f"{source('001')} :Welcome",
            f"{source('005')} CASEMAPPING=ascii CHANTYPES=# NETWORK=Numbered soju.im/SAFERATE :are supported",
            f"{source('422')} :There is no MOTD",
        )

    def _join(self, member: Member, channel: str) -> None:
        member.channels.add(channel)
        member.send(
            f":{member.nick}!u@irc.numbered.test JOIN {channel}",
            f":irc.numbered.test 353 {member.nick} = {channel} :{member.nick} counter",
            f":irc.numbered.test 366 {member.nick} {channel} :End of /NAMES list.",
        )

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port, limit=2**20)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if error is not None:
            error.add_note(self.log.report("what it heard", last=12))
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@asynccontextmanager
async def talking(server: NumberedServer) -> AsyncIterator[None]:
    """Let the server say lines all the time."""

    async def talk() -> None:
        while True:
            server.say(BURST)
            await asyncio.sleep(PERIOD)

    task = asyncio.create_task(talk())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
