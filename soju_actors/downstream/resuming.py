"""In a cluster: a client whose user's actor is lost with its node, or ends there, goes on with the next one."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from actors import Ref, Turn, on
from soju_actors.downstream.outbox import Outbox
from soju_actors.irc.errors import ReplyError, cannot_here
from soju_actors.irc.message import Message
from soju_actors.messages.downstream import Reading, SessionState
from soju_actors.messages.user import Attach
from soju_actors.ports.protocols import ToBuffer

AGAIN = 0.5
"""Seconds between two looks whether the user runs."""
UNSURE = "{} may not have been carried out: the node that was to do it is gone"


@dataclass(slots=True)
class Resuming:
    """Up to where a client was shown what it reads, what it has asked for, and since when it waits for its user."""

    state: SessionState | None = None
    """What the next actor is asked for; as at its login if None."""
    since: float | None = None
    """When the user's actor was lost, None while it is there."""
    again: bool = False
    """The client was attached before, and is being attached anew."""
    _targets: dict[int, str] = field(default_factory=dict)
    """By the keys of buffers."""
    _begun: dict[int, int] = field(default_factory=dict)
    _shown: dict[str, int] = field(default_factory=dict)
    """What the client was shown when its user's actor was lost."""
    _under_way: deque[Sequence[Message]] = field(default_factory=deque)
    """Commands that the user's actor has not said it has handled."""

    def commanded(self, commands: Sequence[Message]) -> None:
        """Note commands that go to the user's actor."""
        self._under_way.append(commands)

    def handled(self, batches: int) -> None:
        """Forget what the user's actor has handled."""
        for _ in range(min(batches, len(self._under_way))):
            self._under_way.popleft()

    def unanswered(self) -> list[tuple[Message, ReplyError]]:
        """Return the commands that were on their way to an actor that was lost, and what the client is told of each."""
        commands = [command for batch in self._under_way for command in batch]
        self._under_way.clear()
        return [(command, cannot_here(UNSURE.format(command.command))) for command in commands]

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

    def attach_again(self, attach: Attach, nick: str, outbox: Outbox) -> Attach:
        """Return the question whether a client may attach as it was; nothing more is shown until it is attached."""
        attach = replace(attach, nick=nick, shown=self._shown_in(outbox))
        state = self.state
        if state is None:
            return attach
        return replace(attach, away=state.away, subs=state.subs, monitored=state.monitored)

    def _shown_in(self, outbox: Outbox) -> dict[str, int]:
        """Return up to where the client was shown each target."""
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


class Resumed:
    """Handlers of a client's connection for what it has to know to go on."""

    __slots__ = ()
    resuming: Resuming
    outbox: Outbox

    @on(Reading)
    def reading(self, msg: Reading, turn: Turn) -> None:
        """Note what the client reads."""
        self.resuming.reads(msg, turn.sender, self.outbox)

    @on(SessionState)
    def session_state(self, msg: SessionState, turn: Turn) -> None:  # noqa: ARG002 - a handler's shape
        """Note what the client has asked for."""
        self.resuming.state = msg
