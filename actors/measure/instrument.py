"""Letting a meter see what a kernel does, for as long as somebody wants to know; at other times it costs nothing."""

import time
from typing import Any

from actors import codec
from actors.cell import Cell
from actors.kernel import Kernel
from actors.measure.meter import Meter


class Instrument:
    """A meter on a kernel, until it is taken off."""

    def __init__(self, kernel: Kernel, meter: Meter) -> None:
        self._kernel = kernel
        self._meter = meter
        self._route, self._run = kernel.route, kernel.run
        kernel.route = self._routed  # type: ignore[method-assign, assignment]
        kernel.run = self._ran  # type: ignore[method-assign]
        if kernel.cluster is not None:
            self._send = kernel.cluster.send
            kernel.cluster.send = self._sent  # type: ignore[method-assign]

    def take_off(self) -> None:
        """Let the kernel do without it again."""
        del self._kernel.route, self._kernel.run
        if self._kernel.cluster is not None:
            del self._kernel.cluster.send

    def _routed(self, sender: Any, to: Any, msg: Any, *rest: Any) -> None:  # noqa: ANN401 - those of the kernel
        if to.path in self._kernel.running:
            self._meter.stayed("" if sender is None else sender.path, to.path)
        self._route(sender, to, msg, *rest)

    def _ran(self, cell: Cell, most: int) -> None:
        waiting = len(cell.box or ())
        begun = time.perf_counter()
        self._run(cell, most)
        if waiting:
            left = max(0, waiting - most)
            self._meter.ran(cell.me.path, waiting - left, time.perf_counter() - begun, waiting)

    def _sent(self, session: Any, sender: Any, to: Any, msg: Any, *rest: Any, **more: Any) -> None:  # noqa: ANN401
        if to.path:
            size = len(codec.encode(to, sender, msg))
            self._meter.left("" if sender is None else sender.path, to.path, size)
        self._send(session, sender, to, msg, *rest, **more)
