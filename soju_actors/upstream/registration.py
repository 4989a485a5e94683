"""From the first line sent to a server to its welcome, without IO."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from soju_actors.irc.caps import CapClient
from soju_actors.irc.message import Message
from soju_actors.irc.numerics import Numeric
from soju_actors.model.records import Network
from soju_actors.upstream.login import Login

NICK_BELOW = 30
"""The length that no nick of ours reaches by appending ``_`` (row NCK-01)."""
KEPT = ("NOTICE", "PRIVMSG", "WARN", "NOTE", Numeric.RPL_LOGGEDIN, Numeric.RPL_LOGGEDOUT, Numeric.RPL_VISIBLEHOST)
"""What people, or the user actor, want to see although it comes before the welcome."""
KEPT_MOST = 100
OWN_COMMANDS = ("NICK", "USER", "PASS")
NO_CAP = (Numeric.ERR_UNKNOWNCOMMAND, Numeric.ERR_NOTREGISTERED, Numeric.ERR_INVALIDCAPCMD)
"""What servers answer that do not know CAP."""


class Identity(NamedTuple):
    """How a user appears on a network."""

    network: Network
    nick: str
    username: str
    realname: str


class Failure(NamedTuple):
    """Why an attempt ends; ``for_good`` if trying again cannot help (row UP-30)."""

    reason: str
    for_good: bool = False


@dataclass(slots=True)
class Registration:
    """CAP, PASS, NICK and USER are sent at once; 001 ends it, whatever was answered (rows LIF-03, LIF-04).

    In plain text a password waits until the server has told its capabilities, of which one
    may be that it wants TLS.
    """

    identity: Identity
    caps: CapClient
    login: Login
    nick: str = ""
    kept: list[Message] = field(default_factory=list)
    failure: Failure | None = None
    negotiating: bool = True
    """CAP END is not sent yet."""
    welcomed: bool = False
    plain: bool = False
    """What is said can be read on its way to the server."""
    held: list[Message] = field(default_factory=list)
    """What waits for the server's capabilities."""

    def start(self) -> list[Message]:
        """Return all that can be said without an answer."""
        network, self.nick, username, realname = self.identity
        password = [Message("PASS", (network.password,))] if network.password else []
        user = Message("USER", (username, "0", "*", realname))
        self.held = [*password, Message("NICK", (self.nick,)), user]
        return self.caps.start() if self.plain and password else [*self.caps.start(), *self.release()]

    def release(self) -> list[Message]:
        """Return what was held back."""
        held, self.held = self.held, []
        return held

    def receive(self, message: Message) -> list[Message]:
        """Take a message of the server; return the answers."""
        if self.held and message.command in NO_CAP:
            return self.release()
        if message.command in REACTIONS:
            return REACTIONS[message.command](self, message)
        if self.login.concerns(message):
            return self.go_on(self.login.receive(message))
        return []

    def cap(self, message: Message) -> list[Message]:
        """CAP: request, and then log in or go on."""
        requests = self.caps.receive(message)
        if self.caps.listed:
            requests = [*self.release(), *requests]
        return self.go_on(requests)

    def go_on(self, answers: list[Message]) -> list[Message]:
        """Take the next step of the negotiation when this one is complete."""
        if not self.negotiating or not self.caps.settled:
            return answers
        if self.login.untried:
            answers = [*answers, *self.login.begin(self.caps)]
        if self.login.running:
            return answers
        self.negotiating = False
        if self._refuses():
            return answers
        return [*answers, Message("CAP", ("END",))]

    def _refuses(self) -> bool:
        """Whether the network asks for a login that there is not."""
        if self.identity.network.sasl_required and not self.login.succeeded:
            self.failure = Failure(self.login.problem or "a login with SASL is required, but none is set")
        return self.failure is not None

    def welcome(self, message: Message) -> list[Message]:
        """001: the server has accepted us, perhaps without knowing of CAP."""
        self.negotiating = False
        if self.login.untried or self.login.running:
            self.login.give_up("the server welcomed us before the login with SASL was complete")
        if not self._refuses():
            self.welcomed = True
            self.nick = message.params[0] if message.params else self.nick
        return []

    def next_nick(self, message: Message) -> list[Message]:
        """433, 436, 437: somebody has the nick."""
        if len(self.nick) + 1 >= NICK_BELOW:
            self.failure = Failure(f"no nick like {self.identity.nick} is free: {_text(message)}")
            return []
        self.nick += "_"
        return [Message("NICK", (self.nick,))]

    def bad_nick(self, message: Message) -> list[Message]:
        """431, 432: the nick is not allowed here, or has become too long for this server."""
        as_wanted = self.nick == self.identity.nick
        self.failure = Failure(f"the server does not take the nick {self.nick}: {_text(message)}", for_good=as_wanted)
        return []

    def refused(self, message: Message) -> list[Message]:
        """463 and others: not now."""
        self.failure = Failure(f"the server refused the registration: {_text(message)}")
        return []

    def refused_for_good(self, message: Message) -> list[Message]:
        """464, 465: not with these settings."""
        self.failure = Failure(f"the server refused the registration: {_text(message)}", for_good=True)
        return []

    def too_few_params(self, message: Message) -> list[Message]:
        """461, which counts only for what registration needs."""
        return self.refused(message) if message.params[1:2] and message.params[1] in OWN_COMMANDS else []

    def fail(self, message: Message) -> list[Message]:
        """FAIL, of which ``ACCOUNT_REQUIRED`` is final.

        Spec: https://ircv3.net/specs/extensions/standard-replies
        """
        if message.params[1:2] == ("ACCOUNT_REQUIRED",):
            return self.refused_for_good(message)
        return self.keep(message)

    def keep(self, message: Message) -> list[Message]:
        """Save a message until the user actor can be told."""
        if len(self.kept) < KEPT_MOST:
            self.kept.append(message)
        return []


def _text(message: Message) -> str:
    return message.params[-1] if message.params else message.command


REACTIONS: dict[str, Callable[[Registration, Message], list[Message]]] = {
    "CAP": Registration.cap,
    **dict.fromkeys(KEPT, Registration.keep),
    "FAIL": Registration.fail,
    Numeric.RPL_WELCOME: Registration.welcome,
    Numeric.ERR_NONICKNAMEGIVEN: Registration.bad_nick,
    Numeric.ERR_ERRONEUSNICKNAME: Registration.bad_nick,
    Numeric.ERR_NICKNAMEINUSE: Registration.next_nick,
    Numeric.ERR_NICKCOLLISION: Registration.next_nick,
    Numeric.ERR_UNAVAILRESOURCE: Registration.next_nick,
    Numeric.ERR_NEEDMOREPARAMS: Registration.too_few_params,
    Numeric.ERR_NOPERMFORHOST: Registration.refused,
    Numeric.ERR_PASSWDMISMATCH: Registration.refused_for_good,
    Numeric.ERR_YOUREBANNEDCREEP: Registration.refused_for_good,
}
