"""Times to connect that are reserved in the database, for nodes whose connections a server counts together."""

from dataclasses import dataclass

from soju_actors.policy.rate import TOLERANCE

LATE = 1.0
"""Seconds by which a time may be used late; a process that was stopped must not use it any more."""


@dataclass(slots=True)
class Reserved:
    """In place of a bucket of tokens: one at a time, once it was reserved."""

    due: float | None = None
    """When the one that there is may be used."""
    asked: float | None = None
    """Since when another is being reserved."""

    def take(self, now: float) -> bool:
        """Use the time, if it has come and is not over."""
        if self.due is None or now < self.due - TOLERANCE:
            return False
        due, self.due = self.due, None
        return now <= due + LATE

    def wait(self, now: float) -> float:
        """Return the seconds until the time has come; 0 if it has, or there is none."""
        return max(0.0, self.due - now) if self.due is not None else 0.0

    def until_full(self, now: float) -> float:
        """Return for how many seconds the time may still be used; 0 if there is none."""
        return max(0.0, self.due + LATE - now) if self.due is not None else 0.0

    def ask(self, now: float) -> bool:
        """Whether to reserve a time now."""
        if self.due is not None or self.asked is not None:
            return False
        self.asked = now
        return True

    def reserved(self, now: float, wait: float) -> None:
        """A time was reserved: so many seconds after some moment since it was asked for."""
        if self.asked is not None and now - self.asked <= LATE:
            self.due = now + wait
        self.asked = None
