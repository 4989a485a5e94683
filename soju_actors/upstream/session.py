"""All that an upstream knows of IRC, without IO: messages in, answers and news out."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from soju_actors.irc.caps import CapClient, announced
from soju_actors.irc.errors import ParseError
from soju_actors.irc.framing import LineReader, encode_lines
from soju_actors.irc.message import Message, command_of
from soju_actors.irc.numerics import Numeric
from soju_actors.irc.sasl.client import ScramProof
from soju_actors.irc.utf8 import as_utf8
from soju_actors.messages.user import UpstreamCaps, UpstreamSaid, UpstreamUp
from soju_actors.policy.sts import CAP, NOTHING, Offer, parse_sts
from soju_actors.upstream.login import OUTCOMES, Login
from soju_actors.upstream.registration import Failure, Identity, Registration
from soju_actors.upstream.relay import News

PING_TOKEN = "soju-actors.keep-alive"  # noqa: S105 - what PONG brings back
SAFE_RATE = "soju.im/SAFERATE"
UTF8_ONLY = "UTF8ONLY"


@dataclass(slots=True)
class Session:
    """One connection to a server, from its first line to its last."""

    identity: Identity
    caps: CapClient
    login: Login
    registration: Registration
    reader: LineReader = field(default_factory=lambda: LineReader(lenient=True))
    nonsense: int = 0
    """Lines that were not IRC."""
    up: bool = False
    error: str = ""
    """What the server gave as the reason for the end."""
    plain: bool = False
    """What is said can be read on its way to the server."""
    sts: Offer = NOTHING
    """How the server wants to be connected to."""
    utf8_only: bool = False
    """The server takes nothing that is not UTF-8."""
    safe_rate: bool = False
    """The server limits by itself how fast our lines count (row LIM-01)."""
    answers: list[Message] = field(default_factory=list)
    """For the server, at once."""
    news: list[News] = field(default_factory=list)
    """For the user actor, in order."""
    passing: list[str] = field(default_factory=list)
    """What the next :class:`UpstreamSaid` will have."""

    @property
    def unsafe(self) -> bool:
        """Whether the server must not be told more on this connection: it is to be reached by TLS."""
        return self.plain and self.sts.port is not None

    @property
    def failure(self) -> Failure | None:
        """Why the registration cannot succeed."""
        return self.registration.failure

    @property
    def skipped(self) -> int:
        """Lines without sense, or too long, which were left out."""
        return self.reader.skipped + self.nonsense

    def start(self) -> list[Message]:
        """Return what is said first, without waiting for anything."""
        return self.registration.start()

    def wait_no_longer(self) -> list[Message]:
        """Return what was held back until the server has told its capabilities."""
        return self.registration.release()

    def cut(self, data: bytes) -> tuple[list[str], list[str]]:
        """Return the messages that a read completes, as lines, and the command of each."""
        lines = self.reader.receive(data)
        try:
            return lines, [command_of(line) for line in lines]
        except ParseError:
            lines = list(filter(self._has_sense, lines))
            return lines, [command_of(line) for line in lines]

    def _has_sense(self, line: str) -> bool:
        """Whether a line is a message; others are counted."""
        try:
            command_of(line)
        except ParseError:
            self.nonsense += 1
            return False
        return True

    def receive(self, messages: Iterable[Message]) -> tuple[list[Message], list[News]]:
        """Take what one read brought; return what the server is answered, and what the user actor is told."""
        for message in messages:
            REACTIONS.get(message.command, Session.other)(self, message)
            if self.failure or self.unsafe:
                break
        self._flush()
        answers, self.answers = self.answers, []
        news, self.news = self.news, []
        return answers, news

    def other(self, message: Message) -> None:
        """Go on with the registration, or pass a message on."""
        if self.up:
            self.passing.append(str(message))
            return
        self.answers += self.registration.receive(message)
        if self.registration.welcomed:
            self.up = True
            caps, available = self._caps()
            network, nick = self.identity.network.id, self.registration.nick
            self.news.append(UpstreamUp(network, nick, caps, available, self.login.problem))
            self.passing += map(str, (*self.registration.kept, message))

    def cap(self, message: Message) -> None:
        """CAP NEW, DEL, ACK and NAK (rows CAPU-02, CAPU-05); LS before the welcome."""
        value = announced(message, CAP)
        if value is not None:
            self.sts = parse_sts(value)
            if self.unsafe:
                return
        if not self.up:
            self.other(message)
            return
        before = self._caps()
        self.answers += self.caps.receive(message)
        after = self._caps()
        if before != after:
            self._flush()
            self.news.append(UpstreamCaps(self.identity.network.id, *after))
        if "sasl" in after[0] - before[0] and not self.login.succeeded:
            self.answers += self.login.begin(self.caps)

    def outcome(self, message: Message) -> None:
        """AUTHENTICATE and its numerics: of our own login, or of a client's (row AUP-04)."""
        if not self.up or not self.login.running:
            self.other(message)
            return
        self.answers += self.login.receive(message)
        if self.login.problem:
            self.passing.append(str(message))

    def proved(self, nonce: str, proof: ScramProof | None, problem: str) -> list[Message]:
        """Go on with the login; return what the server is answered."""
        answers = self.login.proved(nonce, proof, problem)
        return answers if self.up else self.registration.go_on(answers)

    def ping(self, message: Message) -> None:
        """PING: the same back (row UP-01)."""
        self.answers.append(Message("PONG", message.params))

    def pong(self, message: Message) -> None:
        """PONG: not news when we asked."""
        if message.params[-1:] != (PING_TOKEN,):
            self.other(message)

    def isupport(self, message: Message) -> None:
        """005: whether the server limits by itself, and whether it takes UTF-8 alone."""
        for token in message.params[1:-1]:
            name = token.partition("=")[0]
            if name.removeprefix("-") == SAFE_RATE:
                self.safe_rate = not name.startswith("-")
            elif name.removeprefix("-") == UTF8_ONLY:
                self.utf8_only = not name.startswith("-")
        self.other(message)

    def end(self, message: Message) -> None:
        """ERROR: its text is the reason of the end (row UP-31)."""
        self.error = message.params[-1] if message.params else "the server has closed the connection"

    def encode(self, lines: Sequence[str]) -> bytes:
        """Return lines as they are sent to this server."""
        return encode_lines([as_utf8(line) for line in lines] if self.utf8_only else lines)

    def _caps(self) -> tuple[frozenset[str], dict[str, str]]:
        return frozenset(self.caps.enabled), dict(self.caps.available)

    def _flush(self) -> None:
        """End a batch here, so that what comes next is told in its place."""
        if self.passing:
            self.news.append(UpstreamSaid(self.identity.network.id, tuple(self.passing)))
            self.passing = []


REACTIONS: dict[str, Callable[[Session, Message], None]] = {
    "AUTHENTICATE": Session.outcome,
    "CAP": Session.cap,
    "ERROR": Session.end,
    "PING": Session.ping,
    "PONG": Session.pong,
    Numeric.RPL_ISUPPORT: Session.isupport,
    **dict.fromkeys(OUTCOMES, Session.outcome),
}
OWN = frozenset(REACTIONS)
"""Commands of a registered server that are looked at here; all others pass."""


def begin_session(identity: Identity, nonce: str, *, plain: bool = False) -> Session:
    """Return the session of a new connection; ``nonce`` is any text that was not used before."""
    caps = CapClient()
    login = Login(identity.network, nonce)
    registration = Registration(identity, caps, login, identity.nick, plain=plain)
    return Session(identity, caps, login, registration, plain=plain)


def quit_message(reason: str) -> Message:
    """Return QUIT with a reason that can be sent, whatever it holds."""
    return Message("QUIT", (reason.translate({0: " ", 10: " ", 13: " "}),))
