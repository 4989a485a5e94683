"""Measuring who talks to whom and does what on this node, for as long as another one wants to know."""

from collections.abc import Callable

from actors.kernel import Kernel
from actors.measure import Meter
from actors.measure.instrument import Instrument
from soju_actors.messages.cluster import Measure, Measured


class Measuring:
    """One measurement at a time: what is wanted meanwhile is answered with nothing."""

    def __init__(self, node: str, tell: Callable[[str, Measured], None]) -> None:
        self._node = node
        self._tell = tell
        self._busy = False

    def begin(self, kernel: Kernel, msg: Measure) -> None:
        """Measure for a while, and tell."""
        if self._busy:
            self._tell(msg.node, Measured(msg.request, self._node, ()))
            return
        self._busy = True
        meter = Meter()
        instrument = Instrument(kernel, meter)

        def end() -> None:
            self._busy = False
            instrument.take_off()
            sample = meter.take()
            self._tell(msg.node, Measured(msg.request, self._node, sample.edges, sample.actors))

        kernel.clock.later(msg.seconds, end)
