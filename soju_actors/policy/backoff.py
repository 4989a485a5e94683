"""When to connect to a server again."""

import random
from dataclasses import dataclass

DELAYS = (0.0, 5.0, 15.0, 30.0, 60.0, 120.0, 240.0, 600.0)
"""Seconds before each attempt in a row."""
JITTER = 0.25
"""The most that chance adds, as a part of the delay."""
STABLE = 3600.0
"""Seconds after which a connection counts as good, however it ended."""
STABLE_IF_CLEAN = 60.0
"""The same, if the server closed it in order."""


@dataclass(slots=True)
class Backoff:
    """Delays that grow from failure to failure, until a connection was good.

    The first retry is immediate only after a connection that had registered and that
    the server closed in order, as it does for a restart or a kill. Unlike soju (row
    LIF-08), a read error after hours also starts from the beginning.
    """

    step: int = 0

    def delay(self, registered_for: float | None, *, clean: bool, rng: random.Random) -> float:
        """Return the seconds to wait after an attempt or a connection ended.

        ``registered_for`` tells how many seconds the connection was up, None that it never was.
        """
        if registered_for is not None and registered_for >= (STABLE_IF_CLEAN if clean else STABLE):
            self.step = 0
        if registered_for is None or not clean:
            self.step = max(self.step, 1)
        delay = DELAYS[min(self.step, len(DELAYS) - 1)]
        self.step += 1
        return delay * (1 + JITTER * rng.random())

    def reset(self) -> None:
        """Begin anew: a person asked for the connection."""
        self.step = 0
