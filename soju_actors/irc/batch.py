"""Messages that belong together.

Spec: https://ircv3.net/specs/extensions/batch
"""

from dataclasses import dataclass, field

from soju_actors.irc.message import Message

MOST_OPEN = 64
"""Batches that a server may have open; of more the oldest are forgotten."""


@dataclass(slots=True, frozen=True)
class Batch:
    """A batch that a server has opened; ``label`` is that of its BATCH command, empty for none."""

    name: str
    kind: str
    params: tuple[str, ...] = ()
    label: str = ""
    parent: "Batch | None" = None

    @property
    def outermost(self) -> "Batch":
        """The batch that holds all those that this one is nested in."""
        batch = self
        while batch.parent is not None:
            batch = batch.parent
        return batch


@dataclass(slots=True)
class BatchReader:
    """Knows which of a server's batches are open, and what belongs to them."""

    _open: dict[str, Batch] = field(default_factory=dict)

    def __len__(self) -> int:
        """Return how many batches are open."""
        return len(self._open)

    def receive(self, message: Message) -> Batch | None:
        """Return the batch that a message opens, closes, or belongs to; None if it stands alone."""
        if message.command == "BATCH" and message.params:
            return self._bracket(message)
        return self._around(message)

    def label_of(self, message: Message) -> str:
        """Return the label that a message answers to: its own, or that of the batches around it; or nothing."""
        if not message.tags:
            return ""
        batch = self._around(message)
        return message.tag("label") or (batch.outermost.label if batch else "")

    def _around(self, message: Message) -> Batch | None:
        if not self._open or "batch" not in message.tags:
            return None
        return self._open.get(message.tag("batch") or "")

    def _bracket(self, message: Message) -> Batch | None:
        sign, name = message.params[0][:1], message.params[0][1:]
        if sign == "-":
            return self._open.pop(name, None)
        if sign != "+" or len(message.params) == 1:
            return None
        _, kind, *params = message.params
        batch = Batch(name, kind, tuple(params), message.tag("label") or "", self._around(message))
        self._open[name] = batch
        if len(self._open) > MOST_OPEN:
            del self._open[next(iter(self._open))]
        return batch


@dataclass(slots=True)
class BatchNames:
    """Makes names for the batches that one client is sent."""

    prefix: str = "b"
    made: int = 0

    def new(self) -> str:
        """Return a name that no batch had before."""
        self.made += 1
        return f"{self.prefix}{self.made}"


def open_batch(name: str, kind: str, *params: str) -> Message:
    """Return the message that opens a batch."""
    return Message("BATCH", (f"+{name}", kind, *params))


def close_batch(name: str) -> Message:
    """Return the message that closes a batch."""
    return Message("BATCH", (f"-{name}",))
