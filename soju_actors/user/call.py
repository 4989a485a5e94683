"""A command of a client, with what its handler may do."""

from collections.abc import Iterable
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from actors import Turn
from soju_actors.irc.errors import ReplyError, StandardReply, cannot_here
from soju_actors.irc.message import Message
from soju_actors.irc.numerics import Numeric
from soju_actors.irc.replies import reply_to, sayable
from soju_actors.messages.buffer import TellStored
from soju_actors.messages.downstream import Deliver
from soju_actors.messages.slots import Lines, Question, Wait
from soju_actors.user.asking import ask
from soju_actors.user.feed import Feed, Frame
from soju_actors.user.framing import apart_from
from soju_actors.user.saving import Pending, SettingsJob, save
from soju_actors.user.state import Client, NetworkState, UserState

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(slots=True)
class Call:
    """One command of a client on its way through the dispatcher."""

    user: UserState
    client: Client
    message: Message
    turn: Turn
    bound: NetworkState | None
    """The network that the client is bound to."""
    frame: Frame | None = None
    """The answer that it is given, if it has a label."""

    @property
    def network(self) -> NetworkState:
        """The network that the client is bound to.

        Raises:
            ReplyError: it is bound to none (row NUM-03).
        """
        if self.bound is None:
            raise cannot_here("Cannot do that on the bouncer connection: connect to a network")
        return self.bound

    @property
    def connected(self) -> NetworkState:
        """The network, which is connected.

        Raises:
            ReplyError: it is not, or there is none (row NUM-03).
        """
        if not self.network.up:
            raise cannot_here(f"Not connected to {self.network.record.name}")
        return self.network

    @property
    def params(self) -> tuple[str, ...]:
        """The command's parameters."""
        return self.message.params

    @property
    def feed(self) -> Feed:
        """Where what the client gets is put in order."""
        return self.user.lobby if self.bound is None else self.bound.feed

    def reply(self, numeric: Numeric, *params: str) -> None:
        """Answer with a numeric from the bouncer."""
        self.say(Message(numeric, (self.client.nick, *params), source=self.user.settings.hostname))

    def say(self, message: Message) -> None:
        """Answer with a message."""
        self.feed.line_to(self.client, str(sayable(message)))

    def say_now(self, message: Message) -> None:
        """Answer before all that waits for the database; that is the whole answer."""
        if self.frame is not None:
            message = message.with_tags({**message.tag_map(), "label": self.frame.label})
            self.frame.spent = True
        self.turn.send(self.client.ref, Deliver((Lines((str(sayable(message)),)),), urgent=True))

    def lines(self, lines: Iterable[str]) -> None:
        """Answer with lines."""
        self.feed.lines_to(self.client, lines)

    def ask(self, question: Question) -> None:
        """Answer with what a query of history brings, when all of before is stored."""
        for handle in self.bound.handles.values() if self.bound else ():
            if not handle.shown and handle.durable < handle.end:  # no ticket waits for that
                self.feed.slot_to(self.client, Wait(handle.key, handle.end))
                self.turn.send(handle.ref, TellStored((self.client.ref,), handle.end))
        self.feed.slot_to(self.client, question)

    def fail(self, error: ReplyError | StandardReply) -> None:
        """Tell the client of an error."""
        self.say(reply_to(error, self.user.settings.hostname, self.client.nick))

    @contextmanager
    def one_target(self) -> "Iterator[None]":
        """Let an error in one target of several not keep the others from being handled."""
        try:
            yield
        except (ReplyError, StandardReply) as error:
            self.fail(error)

    def apart(self) -> AbstractContextManager[None]:
        """Keep what is told meanwhile out of the answer to this command's label."""
        return apart_from(self.user, self.feed)

    def forward(self, message: Message, rest: tuple[Message, ...] = ()) -> None:
        """Send a message to the server, or let it wait for its turn; its answer is for this client (row RTE-01)."""
        ask(self.connected, self.client, message, self.turn, self.frame, rest)

    def save(self, job: SettingsJob, pending: Pending | None = None) -> None:
        """Store a setting."""
        save(self.user, job, self.turn, pending)
