"""Whether and when a child that has ended is started again."""

import random
from dataclasses import dataclass, field

from actors.clock import Timer
from actors.supervision import ChildSpec, Restart


@dataclass(slots=True)
class Restarts:
    """The restarts of one child within its period."""

    times: list[float] = field(default_factory=list)
    timer: Timer | None = None
    """Set while the child waits for its restart."""

    def delay(self, spec: ChildSpec, now: float, rng: random.Random) -> float | None:
        """Count a restart and return the seconds until it, or None if there were too many.

        Spec: https://www.erlang.org/doc/system/sup_princ.html#maximum-restart-intensity
        """
        self.times = [time for time in self.times if time > now - spec.period]
        if len(self.times) >= spec.intensity:
            return None
        first, most = spec.backoff
        delay = min(first * 2.0 ** len(self.times), most) * rng.uniform(0.5, 1.0)
        self.times.append(now)
        return delay


def wants_restart(spec: ChildSpec, *, failed: bool) -> bool:
    """Whether a child that ended by itself is started again."""
    return spec.restart is Restart.PERMANENT or (failed and spec.restart is Restart.TRANSIENT)
