"""How often something may be done."""

from dataclasses import dataclass

TOLERANCE = 1e-6
"""Seconds by which something may be early: sums of floats do not meet exactly."""


@dataclass(slots=True)
class TokenBucket:
    """So many at once, then one in each interval.

    Rather than tokens it counts the time at which the bucket is full again.
    """

    burst: int
    every: float
    """Seconds; 0 for no limit."""
    full_at: float = 0.0

    def take(self, now: float) -> bool:
        """Use a token, if there is one."""
        if self.wait(now):
            return False
        self.full_at = max(self.full_at, now) + self.every
        return True

    def wait(self, now: float) -> float:
        """Return the seconds until there is a token; 0 if there is one."""
        missing = self.full_at - (self.burst - 1) * self.every - now
        return missing if missing > TOLERANCE else 0.0

    def until_full(self, now: float) -> float:
        """Return the seconds until the bucket is as good as new."""
        return max(0.0, self.full_at - now)
