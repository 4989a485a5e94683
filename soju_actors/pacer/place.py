"""One host, and who wants to connect to it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from soju_actors.pacer.reserved import Reserved
from soju_actors.policy.rate import TokenBucket


@dataclass(slots=True)
class Place:
    """A host, or a Unix socket, with its attempts; askers are known by their path."""

    at_once: int
    bucket: TokenBucket | Reserved
    waiting: dict[str, int] = field(default_factory=dict)
    """Their attempts, in the order of asking."""
    under_way: set[str] = field(default_factory=set)

    def grant(self, now: float) -> Iterator[tuple[str, int]]:
        """Let those begin who may, first come, first served; yield them."""
        while self.waiting and len(self.under_way) < self.at_once and self.bucket.take(now):
            asker = next(iter(self.waiting))
            self.under_way.add(asker)
            yield asker, self.waiting.pop(asker)

    @property
    def wants(self) -> bool:
        """Whether somebody might begin if time allowed it."""
        return bool(self.waiting) and len(self.under_way) < self.at_once

    def forget(self, asker: str) -> None:
        """Take out an asker, whether it waits or is under way."""
        self.waiting.pop(asker, None)
        self.under_way.discard(asker)

    def alarm(self, now: float) -> float | None:
        """Return the seconds until time alone changes something: a token, or nothing to remember."""
        if not self.waiting:
            return None if self.under_way else self.bucket.until_full(now)
        return self.bucket.wait(now) or None
