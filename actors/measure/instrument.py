"""Letting meters see what a kernel does, for as long as somebody wants to know; at other times it costs nothing much.

What an actor is sent is only noted when it is sent, and counted some hundred messages at a time: all are counted. Turns
are measured now and then, about one in sixty-four, and count for the others; so are sizes, of each pair's messages some
chosen by chance.
"""

import random
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol

from actors import codec
from actors.cell import Cell
from actors.kernel import Kernel
from actors.message import ActorProtocol
from actors.ref import Ref

WEIGHT = 64
"""For so many runs of actors a measured one counts. From one to the next it is not always as far: actors repeat
themselves."""
NOTED = 256
"""Messages that are counted at once, and some more: it is looked for only when a run is measured."""


class Counts(Protocol):
    """What is told of messages and of turns: a :class:`~actors.measure.meter.Meter`, for example."""

    def said(self, sender: str, receiver: str, count: int, size: Callable[[], int], *, remote: bool) -> int:
        """So many messages were put into a mailbox of this node, or sent to another one.

        Args:
            sender: a path; empty for what comes from outside.
            receiver: a path.
            count: how many.
            size: tells the size of one of them, chosen by chance.
            remote: whether they were sent to another node.

        Returns: what is taken to be the size of all of them.
        """

    def ran(self, path: str, messages: int, seconds: float, waiting: int, weight: int = 1) -> None:
        """An actor has handled so many messages, one after the other."""


class Tap:
    """What a kernel notes for all meters that are on it."""

    __slots__ = ("_chance", "_runs", "away", "here", "left", "meters")

    def __init__(self, chance: random.Random) -> None:
        self.here: list[Any] = []
        """Messages to actors of this node, each as three things in a row: sender, receiver, message."""
        self.away: list[Any] = []
        """The same of those to other nodes."""
        self.left = 1 + int(chance.random() * WEIGHT)
        """So many runs of actors until one is measured."""
        self.meters: list[Counts] = []
        self._chance = chance
        self._runs: list[tuple[str, int, float, int]] = []
        """Those that were measured: who, so many messages, seconds, how many waited."""

    def measure(self, cell: Cell, most: int) -> None:
        """Let an actor handle up to so many messages, and note how long that takes."""
        if len(self.here) + len(self.away) >= 3 * NOTED or len(self._runs) >= NOTED:
            self.settle()
        kernel = cell.kernel
        self.left = 1 + int(self._chance.random() * (2 * WEIGHT - 1))
        waiting = len(cell.box or ())
        handled = kernel.handled
        begun = time.perf_counter()
        kernel.run(cell, most)
        seconds = time.perf_counter() - begun
        handled = kernel.handled - handled
        if handled:
            self._runs.append((cell.me.path, handled, seconds, waiting))

    def settle(self) -> None:
        """Count what was noted."""
        runs, self._runs = self._runs, []
        for run in runs:
            for meter in self.meters:
                meter.ran(*run, WEIGHT)
        for noted, remote in ((self.here, False), (self.away, True)):
            pairs: defaultdict[tuple[str, str], list[Any]] = defaultdict(list)
            for sender, to, msg in zip(noted[::3], noted[1::3], noted[2::3], strict=True):
                pairs["" if sender is None else sender.path, to.path].append(msg)
            noted.clear()
            for pair, messages in pairs.items():
                size = partial(self._size, pair, messages)
                for meter in self.meters:
                    meter.said(*pair, len(messages), size, remote=remote)

    def _size(self, pair: tuple[str, str], messages: Sequence[Any]) -> int:
        """The size of one of the messages as it would go to another node; 0 if it could not."""
        msg = messages[int(self._chance.random() * len(messages))]
        if not isinstance(msg, ActorProtocol):
            return 0
        sender, receiver = pair
        try:
            return len(codec.encode(Ref(receiver), Ref(sender) if sender else None, msg))
        except (TypeError, ValueError, OverflowError, RecursionError):
            return 0


class Instrument:
    """A meter on a kernel, until it is taken off. There may be several."""

    def __init__(self, kernel: Kernel, meter: Counts, chance: random.Random | None = None) -> None:
        self._kernel = kernel
        self._meter = meter
        kernel.settle()
        if kernel.tap is None:
            kernel.tap = Tap(chance or random.Random())  # noqa: S311 - a sample
        kernel.tap.meters.append(meter)

    def take_off(self) -> None:
        """Let the kernel do without it again; others stay."""
        tap = self._kernel.tap
        if tap is not None:
            tap.settle()
            tap.meters.remove(self._meter)
            if not tap.meters:
                self._kernel.tap = None
