"""Letting a meter see what a kernel does, for as long as somebody wants to know; at other times it costs nothing.

Messages are all counted. Turns are measured now and then, about one in sixteen, and count for the others; so are sizes,
one in eight of each pair.
"""

import itertools
import time
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from actors import codec
from actors.cell import Cell
from actors.kernel import Kernel
from actors.turn import DROP, Undelivered

TURNS = (7, 23, 13, 29, 11, 17, 12)
"""From one turn that is measured to the next: not the same each time, for what actors do repeats itself."""
WEIGHT = sum(TURNS) // len(TURNS)
"""For so many a measured one counts."""


class Counts(Protocol):
    """What is told of each message and of turns: a :class:`~actors.measure.meter.Meter`, for example."""

    def stayed(self, sender: str, receiver: str) -> None:
        """A message was put into a mailbox of this node."""

    def left(self, sender: str, receiver: str, size: Callable[[], int]) -> None:
        """A message was sent to another node."""

    def ran(self, path: str, messages: int, seconds: float, waiting: int, weight: int = 1) -> None:
        """An actor has handled so many messages, one after the other."""


class Instrument:
    """A meter on a kernel, until it is taken off."""

    def __init__(self, kernel: Kernel, meter: Counts) -> None:
        self._replaced = [
            _replace(kernel, "route", _counting(kernel, meter)),
            _replace(kernel, "run", _timing(kernel, meter)),
        ]
        if kernel.cluster is not None:
            self._replaced.append(_replace(kernel.cluster, "send", _sizing(kernel.cluster.send, meter)))

    def take_off(self) -> None:
        """Let the kernel do without it again; another that was there before is there still."""
        for owner, name, before in reversed(self._replaced):
            if before is None:
                delattr(owner, name)
            else:
                setattr(owner, name, before)


def _replace(owner: Any, name: str, other: Any) -> tuple[Any, str, Any]:  # noqa: ANN401 - a method
    """Put another function in the place of a method; return what undoes that."""
    before = vars(owner).get(name)
    setattr(owner, name, other)
    return owner, name, before


def _counting(kernel: Kernel, meter: Counts) -> Any:  # noqa: ANN401 - as the method it stands for
    """Delivery, with each message counted that stays here. What other nodes have sent comes by another way."""
    route, running, stayed = kernel.route, kernel.running, meter.stayed

    def counted(sender: Any, to: Any, msg: Any, undelivered: Undelivered = DROP) -> None:  # noqa: ANN401
        path = to.path
        if path in running:
            stayed("" if sender is None else sender.path, path)
        route(sender, to, msg, undelivered)

    return counted


def _timing(kernel: Kernel, meter: Counts) -> Any:  # noqa: ANN401 - as the method it stands for
    """Turns, some of them measured."""
    run, clock, ran = kernel.run, time.perf_counter, meter.ran
    steps: Iterator[int] = itertools.cycle(TURNS)
    left = next(steps)

    def timed(cell: Cell, most: int) -> None:
        nonlocal left
        left -= 1
        if left:
            run(cell, most)
            return
        left = next(steps)
        waiting = len(cell.box or ())
        begun = clock()
        run(cell, most)
        if waiting:
            ran(cell.me.path, min(waiting, most), clock() - begun, waiting, WEIGHT)

    return timed


def _sizing(send: Any, meter: Counts) -> Any:  # noqa: ANN401 - the method and one as it
    """Sending to other nodes, with each message counted."""

    def sized(session: Any, sender: Any, to: Any, msg: Any, *rest: Any, **more: Any) -> None:  # noqa: ANN401
        if to.path:
            path = "" if sender is None else sender.path
            meter.left(path, to.path, lambda: len(codec.encode(to, sender, msg)))
        send(session, sender, to, msg, *rest, **more)

    return sized
