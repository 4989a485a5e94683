"""Programs that a test runs: their output, their readiness, their end."""

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.transcript import Transcript

PAUSE = 0.02
"""Seconds between two attempts to connect to a program that starts."""


class Program:
    """A running program and what it printed, as an async context manager.

    Leaving the context ends the program; when a test fails inside, the
    failure gets the last lines of the output as a note.
    """

    def __init__(
        self, name: str, command: Sequence[str | Path], *, cwd: Path, env: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self.command = [str(word) for word in command]
        self.cwd = cwd
        self.env = {**os.environ, **(env or {})}
        self.output = Transcript(f"output of {name}")
        self._process: asyncio.subprocess.Process | None = None
        self._pump: asyncio.Task[None] | None = None

    @property
    def process(self) -> asyncio.subprocess.Process:
        """The process; the program has been started."""
        if self._process is None:
            raise RuntimeError(f"{self.name} has not been started")
        return self._process

    async def start(self) -> None:
        """Start the program; what it prints is added to the output."""
        self.output.ended = None
        self._process = await asyncio.create_subprocess_exec(
            *self.command,
            cwd=self.cwd,
            env=self.env,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            limit=2**22,
        )
        self._pump = asyncio.create_task(self._read(self._process))

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        if process.stdout is None:
            raise RuntimeError("the output is a pipe")
        async for line in process.stdout:
            self.output.add(line.decode(errors="replace").rstrip("\r\n"))
        self.output.end(f"{self.name} ended with status {await process.wait()}")

    async def enter(self, line: str) -> None:
        """Write a line to the standard input."""
        if self.process.stdin is None:
            raise RuntimeError("the input is a pipe")
        self.process.stdin.write(f"{line}\n".encode())
        await self.process.stdin.drain()

    @property
    def running(self) -> bool:
        """The program has been started and has not ended."""
        return self._process is not None and self._process.returncode is None

    async def until_accepts(self, host: str, port: int, *, seconds: float = 30.0) -> None:
        """Wait until the program accepts connections on the port.

        Between two attempts it waits for the death of the program, so that a
        program that cannot start is reported at once.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while loop.time() < end:
            with suppress(OSError):
                _, writer = await asyncio.open_connection(host, port)
                writer.close()
                return
            with suppress(TimeoutError):
                status = await asyncio.wait_for(self.process.wait(), PAUSE)
                await self.drained()
                raise AssertionError(self.output.report(f"it ended with status {status} before it listened on {port}"))
        raise AssertionError(self.output.report(f"it does not listen on {host}:{port} after {seconds:g} s"))

    async def drained(self) -> None:
        """Wait until all output of a program that ended has been read."""
        if self._pump is not None:
            await asyncio.wait_for(self._pump, 10)

    async def ended(self, *, seconds: float = 20.0) -> int:
        """Wait for the end by itself; return the exit status, negative for a signal."""
        try:
            status = await asyncio.wait_for(self.process.wait(), seconds)
        except TimeoutError:
            raise AssertionError(self.output.report(f"it still runs after {seconds:g} s")) from None
        await self.drained()
        return status

    async def terminate(self, *, seconds: float = 20.0) -> int:
        """Ask the program to end and wait for it; return its exit status."""
        if self.running:
            self.process.terminate()
        return await self.ended(seconds=seconds)

    async def kill(self) -> None:
        """End the program as a crash would."""
        if self.running:
            self.process.send_signal(signal.SIGKILL)
        await self.ended()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        try:
            if self.running:
                self.process.terminate()
                try:
                    await asyncio.wait_for(self.process.wait(), 10)
                except TimeoutError:
                    await self.kill()
            if self._process is not None:
                await self.drained()
        finally:
            if error is not None:
                error.add_note(self.output.report("output until the failure", last=12))
