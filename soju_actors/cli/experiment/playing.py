"""Playing a load: IRC servers that say its lines, clients that hear them, and how long each took."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from typing import Self

from soju_actors.cli.experiment.load import Line, Load, Member
from soju_actors.cli.failure import Failure
from soju_actors.demo.server import Server
from soju_actors.irc.framing import LineReader

PASSWORD = "experiment"  # noqa: S105 - of accounts that live as long as the experiment
PATIENCE = 30.0
"""Seconds in which a client must see all of its channels."""
LATE = 5.0
"""Seconds after the last line in which clients may still be shown lines."""
AT_ONCE = 16
"""Clients that log in at the same time."""


def network_name(server: int) -> str:
    """What users call the network of a server."""
    return f"net{server + 1}"


@dataclass
class Heard:
    """What all clients have been shown."""

    begun: float = 0.0
    """The time from which on lines count."""
    sent: list[float] = field(default_factory=list)
    """When each line was said, by its number."""
    delays: list[float] = field(default_factory=list)
    delivered: int = 0
    expected: int = 0
    """So many lines in all are to be shown."""
    complete: asyncio.Event = field(default_factory=asyncio.Event)

    def note(self, number: int, now: float) -> None:
        """A client is shown a line."""
        self.delivered += 1
        if self.delivered == self.expected:
            self.complete.set()
        said = self.sent[number]
        if said >= self.begun:
            self.delays.append(now - said)


class Listener:
    """A client of one network: it notes when it is shown a line, and says nothing."""

    def __init__(self, user: str, server: int, device: int, channels: Sequence[str], heard: Heard) -> None:
        self._name = f"{user}/{network_name(server)}@d{device}"
        self._user = user
        self._waiting = set(channels)
        self._heard = heard
        self._ready = asyncio.Event()
        self._writer: asyncio.StreamWriter | None = None
        self._task: asyncio.Task[None] | None = None

    async def attach(self, port: int) -> None:
        """Log in, and wait until all channels are there.

        Raises:
            Failure: that did not come.
        """
        reader, self._writer = await asyncio.open_connection("127.0.0.1", port)
        self._writer.write(f"PASS {PASSWORD}\r\nNICK {self._user}\r\nUSER {self._name} 0 * :-\r\n".encode())
        self._task = asyncio.create_task(self._listen(reader, self._writer))
        waiting = asyncio.create_task(self._ready.wait())
        await asyncio.wait({waiting, self._task}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if not self._ready.is_set():
            how = "was hung up on" if self._task.done() else f"did not see all of its channels in {PATIENCE:.0f} s"
            raise Failure(f"the client {self._name} {how}")

    async def _listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines = LineReader()
        while data := await reader.read(65536):
            now = time.perf_counter()
            for line in lines.receive(data):
                self._receive(line, now, writer)

    def _receive(self, line: str, now: float, writer: asyncio.StreamWriter) -> None:
        words = line.split(" ", 4)
        if words[0] == "PING":
            writer.write(f"PONG {words[1]}\r\n".encode())
        elif words[1] == "PRIVMSG" and words[2].startswith("#"):
            self._heard.note(int(words[3].removeprefix(":")), now)
        elif words[1] == "366":
            self._waiting.discard(words[3])
            if not self._waiting:
                self._ready.set()

    async def close(self) -> None:
        """Hang up."""
        if self._writer is not None:
            self._writer.close()
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError, OSError):
                await self._task


class Stage:
    """The servers and clients of a load, as an async context manager."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.heard = Heard(expected=sum(map(load.deliveries, load.lines)))
        self.servers = [Server() for _ in load.servers]
        self.ports: list[int] = []
        """Those of the servers."""
        self._closing = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Let the servers listen."""
        for server in self.servers:
            self._closing.push_async_callback(server.stop)
            self.ports.append(await server.start())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Hang up on everybody."""
        await self._closing.aclose()

    async def attach(self, ports: Sequence[int]) -> None:
        """Connect all clients; the ports are those of the nodes.

        Raises:
            Failure: one is not let in.
        """
        gate = asyncio.Semaphore(AT_ONCE)

        async def attach(member: Member, server: int, device: int, node: int) -> None:
            async with gate:
                listener = Listener(member.name, server, device, member.channels[server], self.heard)
                self._closing.push_async_callback(listener.close)
                await listener.attach(ports[node])

        try:
            async with asyncio.TaskGroup() as group:
                for member in self.load.members:
                    for device, node in enumerate(member.devices):
                        for server in member.channels:
                            group.create_task(attach(member, server, device, node))
        except* Failure as failures:
            raise failures.exceptions[0] from None

    async def play(self, lines: Sequence[Line]) -> None:
        """Say lines at their times, counted from now."""
        start = time.perf_counter()
        sent = self.heard.sent
        for line in lines:
            ahead = start + line.at - time.perf_counter()
            if ahead > 0:
                await asyncio.sleep(ahead)
            text = f"{len(sent)} ".ljust(line.size, "x")
            sent.append(time.perf_counter())
            self.servers[line.server].say(line.channel, "speaker!speaker@experiment", text)

    async def until_delivered(self) -> int:
        """Wait until clients have been shown all lines, but not for long; return how many are missing."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LATE):
                await self.heard.complete.wait()
        return self.heard.expected - self.heard.delivered
