"""How long a client takes to answer: a PING that somebody waits for, and its PONG."""

from dataclasses import dataclass, field

from soju_actors.messages.user import LagMeasured

PREFIX = "soju-actors-lag-"
PATIENCE = 5.0
"""Seconds after which a PING that was not answered is one no more."""


@dataclass(slots=True)
class Lag:
    """One PING under way at a time; whoever asks while it is gets the same answer."""

    token: str = ""
    """What the PONG has to say; empty while none is awaited."""
    sent_at: float = 0.0
    requests: list[int] = field(default_factory=list)

    def ask(self, request: int, now: float) -> str:
        """Note who asks; return the token for a PING, empty if one is under way."""
        if self.token and now - self.sent_at < PATIENCE:
            self.requests.append(request)
            return ""
        self.token, self.sent_at, self.requests = f"{PREFIX}{now * 1000:.0f}", now, [request]
        return self.token

    def heard(self, params: tuple[str, ...], now: float) -> list[LagMeasured]:
        """Return what a PONG tells to whom; nothing if it is not the one that is awaited."""
        if not self.token or self.token not in params:
            return []
        self.token = ""
        return [LagMeasured(request, now - self.sent_at) for request in self.requests]
