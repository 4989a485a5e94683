"""Lines for a server, at the pace that it allows."""

from collections import deque
from dataclasses import dataclass, field

from soju_actors.irc.message import Message
from soju_actors.policy.rate import TokenBucket


@dataclass(slots=True)
class Outgoing:
    """A bounded queue in front of a token bucket (row LIM-01).

    What must not wait, as PONG, does not come this way.
    """

    bucket: TokenBucket
    most: int
    """Lines that may wait."""
    limited: bool = True
    """False while the server says that it limits by itself."""
    congested: bool = False
    """The server does not read."""
    ready: list[str] = field(default_factory=list)
    queue: deque[tuple[str, ...]] = field(default_factory=deque)
    """Lines that go out together."""

    def put(self, *lines: str, now: float) -> bool:
        """Take lines that count as one message, unless the queue is full."""
        if not self.queue and self._may_go(now):
            self.ready.extend(lines)
        elif len(self.queue) < self.most:
            self.queue.append(lines)
        else:
            return False
        return True

    def take(self, now: float) -> list[str]:
        """Return the lines that go out now."""
        while self.queue and self._may_go(now):
            self.ready.extend(self.queue.popleft())
        ready, self.ready = self.ready, []
        return ready

    def wait(self, now: float) -> float | None:
        """Return the seconds until time alone lets a line go, None if it does not."""
        if not self.queue or self.congested:
            return None
        return self.bucket.wait(now) if self.limited else 0.0

    def _may_go(self, now: float) -> bool:
        return not self.congested and (not self.limited or self.bucket.take(now))


def format_line(message: Message) -> str:
    """Return the line of a message from a client.

    Raises:
        ValueError: it cannot be a line: nothing may begin another one.
    """
    line = str(message)
    if "\0" in line or "\r" in line or "\n" in line:
        raise ValueError("a line with NUL, CR or LF cannot be sent")
    return line
