"""A message of a server, with what its handler may do."""

from dataclasses import dataclass

from actors import Turn
from soju_actors.irc.message import Message
from soju_actors.messages.upstream import Forward
from soju_actors.user.following import heard
from soju_actors.user.recording import record
from soju_actors.user.splits import show_in_split
from soju_actors.user.stamps import stamped
from soju_actors.user.state import Ask, Client, NetworkState, UserState


@dataclass(slots=True)
class Said:
    """One message of a server on its way through the dispatcher."""

    user: UserState
    network: NetworkState
    message: Message
    turn: Turn
    wall: float
    """Unix time in seconds."""
    asker: Client | None = None
    """The client to whose command this answers, where the server's labels or the form of the message tell."""
    answers: bool = False
    """It answers a command, of a client that may have left since."""
    ask: Ask | None = None
    """That command, while its answer is not complete."""
    ends: bool = False
    """It is the end of the answer."""

    def show(self) -> None:
        """Show the message to whom it is for: the asker, or all clients of the network."""
        if not self.answers:
            self.network.feed.line(self.line())
        elif self.asker is not None:
            self.network.feed.line_to(self.asker, self.line())

    def show_all(self) -> None:
        """Show the message to all clients of the network, in its batch if it is part of a netsplit or netjoin."""
        splits = self.network.splits
        split = splits.get(self.message.tag("batch") or "") if splits and "batch" in self.message.tags else None
        if split is None:
            self.network.feed.line(self.line())
        else:
            show_in_split(self.user, self.network, split, self.line())

    def line(self) -> str:
        """Return the message's line: with a time unless it is a numeric (row UP-34)."""
        if self.message.command.isdigit():
            return str(self.message.without_tags())
        return stamped(self.message, self.wall)[1]

    def record(self, *targets: str) -> None:
        """Store an event in the history of channels; its line must be shown after this, once."""
        stamp = stamped(self.message, self.wall)
        for target in targets:
            handle = record(self.user, self.network, target, self.message, stamp, self.turn)
            if handle.shown:
                self.network.feed.run(handle.key, shown=False)
            else:
                self.network.feed.wait(handle)

    def keep(self, target: str) -> None:
        """Store an event in the history of a channel without showing it to anybody."""
        handle = record(self.user, self.network, target, self.message, stamped(self.message, self.wall), self.turn)
        if handle.shown:
            self.network.feed.run(handle.key, shown=False)

    def record_talk(self, target: str, *, hidden_from: int = 0) -> None:
        """Store a message and show it from its buffer, to all clients but one."""
        stamp = stamped(self.message, self.wall)
        handle = record(self.user, self.network, target, self.message, stamp, self.turn)
        if handle.plain:
            self.network.feed.run(handle.key, hidden_from=hidden_from)
        else:
            heard(self.user, self.network, handle, self.message, stamp[0], self.turn, hidden_from=hidden_from)

    def record_blocked(self, target: str, skipped_by: frozenset[int]) -> None:
        """Store a message of a blocked sender, and let some clients pass it over; it counts for nothing else."""
        stamp = stamped(self.message, self.wall)
        handle = record(self.user, self.network, target, self.message, stamp, self.turn)
        if handle.shown:
            self.network.feed.run_blocked(handle.key, skipped_by)

    def send(self, command: str, *params: str) -> None:
        """Send the server a message."""
        self.turn.send(self.network.upstream, Forward((Message(command, params),)))
