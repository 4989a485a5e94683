"""Lines as they come from a peer or a program, and waiting for one of them."""

import asyncio
import re
from collections.abc import Callable
from typing import TypeVar

PATIENCE = 20.0
"""Seconds that anything expected may take on a busy machine with two cores."""

T = TypeVar("T")


class Transcript:
    """What somebody said, line by line.

    A wait ends when the line comes, when nobody can say it any more, or when
    it is late; the last two fail with the last lines.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: list[str] = []
        self.ended: str | None = None
        self._changed = asyncio.Event()

    def add(self, line: str) -> None:
        """Note a line and wake those who wait."""
        self.lines.append(line)
        self._wake()

    def end(self, reason: str) -> None:
        """Note that no line can follow."""
        self.ended = self.ended or reason
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    @property
    def here(self) -> int:
        """The position behind the last line, to expect only what comes later."""
        return len(self.lines)

    def matching(self, pattern: str, *, since: int = 0) -> list[str]:
        """Return the lines so far in which the pattern is found."""
        return [line for line in self.lines[since:] if re.search(pattern, line)]

    async def expect(self, pattern: str, *, since: int = 0, count: int = 1, seconds: float = PATIENCE) -> str:
        """Wait until the pattern has been found in so many lines; return the last of these.

        Raises:
            AssertionError: it did not happen in time, or cannot happen any more.
        """
        search = re.compile(pattern).search
        found: list[str] = []
        read = since

        def look() -> str | None:
            nonlocal read
            for line in self.lines[read:]:
                read += 1
                if search(line):
                    found.append(line)
                    if len(found) == count:
                        return line
            return None

        times = f"{count} lines like" if count > 1 else "a line like"
        return await self.until(look, f"{times} {pattern!r}", seconds=seconds)

    async def until(self, look: Callable[[], T | None], what: str, *, seconds: float = PATIENCE) -> T:
        """Wait until ``look``, called after each line, returns something.

        Raises:
            AssertionError: as in :meth:`expect`.
        """
        try:
            async with asyncio.timeout(seconds):
                while True:
                    changed, ended = self._changed, self.ended
                    if (result := look()) is not None:
                        return result
                    if ended is not None:
                        raise AssertionError(self.report(f"{what} cannot come any more: {ended}"))
                    await changed.wait()
        except TimeoutError:
            raise AssertionError(self.report(f"{what} did not come within {seconds:g} s")) from None

    async def until_ended(self, *, seconds: float = PATIENCE) -> str:
        """Wait for the end; return its reason."""
        return await self.until(lambda: self.ended, "the end", seconds=seconds)

    def report(self, complaint: str, *, last: int = 25) -> str:
        """Return the complaint with the last lines."""
        tail = "".join(f"\n    {line[:400]}" for line in self.lines[-last:]) or "\n    (nothing)"
        text = f"{self.name}: {complaint}\n  last {min(last, self.here)} of {self.here} lines:{tail}"
        return text.encode(errors="backslashreplace").decode()
