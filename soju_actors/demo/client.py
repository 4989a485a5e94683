"""A client that shows what it says and hears."""

import asyncio
from collections.abc import Callable
from typing import Self

from soju_actors.irc.framing import LineReader, encode_lines
from soju_actors.irc.message import Message, parse_message

PATIENCE = 20.0
"""Seconds to wait for anything."""


class ClientError(Exception):
    """What was awaited did not come."""


class Client:
    """One connection; with ``show`` each line is printed."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, show: Callable[[str], None]) -> None:
        self._reader = reader
        self._writer = writer
        self._show = show
        self._lines = LineReader()
        self._heard: list[Message] = []

    @classmethod
    async def connect(cls, port: int, show: Callable[[str], None] = lambda line: None) -> Self:  # noqa: ARG005
        """Connect to a port of this machine."""
        return cls(*await asyncio.open_connection("127.0.0.1", port), show)

    def say(self, *lines: str) -> None:
        """Send lines."""
        for line in lines:
            self._show(f"> {line}")
        self._writer.write(encode_lines(lines))

    async def until(self, wanted: Callable[[Message], bool]) -> list[Message]:
        """Return what comes up to and with the first message that is wanted; PINGs are answered.

        Raises:
            ClientError: it does not come.
        """
        heard: list[Message] = []
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    while self._heard:
                        message = self._heard.pop(0)
                        heard.append(message)
                        if wanted(message):
                            return heard
                    await self._read()
        except TimeoutError:
            raise ClientError(f"what was awaited did not come in {PATIENCE:.0f} seconds") from None

    async def _read(self) -> None:
        data = await self._reader.read(65536)
        if not data:
            raise ClientError("the connection was closed")
        for line in self._lines.receive(data):
            message = parse_message(line)
            if message.command == "PING":
                self._writer.write(encode_lines([str(Message("PONG", message.params))]))
                continue
            self._show(f"< {line}")
            self._heard.append(message)

    async def close(self) -> None:
        """Close the connection."""
        self._writer.close()
        await self._writer.wait_closed()
