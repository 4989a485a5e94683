"""In a cluster: a client whose user's actor is lost with its node, or ends there, goes on with the next one."""

from dataclasses import dataclass, field

from actors import Ref
from soju_actors.downstream.outbox import Outbox
from soju_actors.messages.downstream import Reading
from soju_actors.ports.protocols import ToBuffer

AGAIN = 0.5
"""Seconds between two looks whether the user runs."""


@dataclass(slots=True)
class Resuming:
    """Up to where a client was shown what it reads, and since when it waits for its user."""

    since: float | None = None
    """When the user's actor was lost, None while it is there."""
    again: bool = False
    """The client was attached before, and is being attached anew."""
    _targets: dict[int, str] = field(default_factory=dict)
    """By the keys of buffers."""
    _begun: dict[int, int] = field(default_factory=dict)
    _shown: dict[str, int] = field(default_factory=dict)
    """What the client was shown when its user's actor was lost."""

    def reads(self, msg: Reading, buffer: Ref[ToBuffer] | None, outbox: Outbox) -> None:
        """Note where a client begins to read a buffer; what it was shown before is to be acknowledged there."""
        self._targets[msg.key], self._begun[msg.key] = msg.target, msg.first
        if msg.target in self._shown and buffer is not None:
            del self._shown[msg.target]
            outbox.begin_at(msg.key, buffer, msg.first)

    def may_wait(self, now: float, patience: float) -> bool:
        """Whether the client may wait for its user any longer."""
        if self.since is None:
            self.since = now
        return now - self.since < patience

    def shown(self, outbox: Outbox) -> dict[str, int]:
        """Return up to where the client was shown each target; nothing more is shown until it is attached."""
        for key, target in self._targets.items():
            position = outbox.position(key)
            self._shown[target] = self._begun[key] if position is None else position
        self._targets.clear()
        self._begun.clear()
        self.again = True
        return dict(self._shown)

    def attached(self) -> bool:
        """Whether the client was attached before."""
        again, self.again, self.since = self.again, False, None
        return again
