"""What a client says before it is attached: a machine without IO (section 3.1 of the reference)."""

from collections.abc import Container
from dataclasses import dataclass, field

from soju_actors.downstream.attempts import Attempt, ByPassword, ScramQuestion
from soju_actors.downstream.sasl import Sasl
from soju_actors.irc.errors import (
    IrcError,
    ReplyError,
    already_registered,
    fail,
    need_more_params,
    no_nick_given,
    unknown_command,
)
from soju_actors.irc.message import Message
from soju_actors.irc.metadata import change_subs
from soju_actors.irc.numerics import Numeric
from soju_actors.messages.downstream import LoginAccepted
from soju_actors.policy.login import Login, LoginMismatchError, merged, parse_login

PARAMS = {"USER": 4, "PASS": 1}
"""How many parameters a command needs."""


class RefusedError(IrcError):
    """The connection cannot go on; the text is its ERROR."""

    def reply(self, caps: Container[str], nick: str) -> Message:
        """Return what the client is told before."""
        if "sasl" in caps:
            return Message("FAIL", ("*", "ACCOUNT_REQUIRED", str(self)))
        return Message(Numeric.ERR_PASSWDMISMATCH, (nick, str(self)))


@dataclass(slots=True)
class Registration:
    """Collects NICK, USER, PASS and SASL until all that is needed is there.

    Capabilities are negotiated elsewhere; ``negotiating`` holds registration back.
    """

    nick: str = ""
    user: str = ""
    realname: str = ""
    password: str = ""
    away: str | None = None
    bind: int = 0
    """The network chosen by BOUNCER BIND."""
    login: Login | None = None
    """Who has logged in."""
    negotiating: bool = False
    sasl_enabled: bool = False
    checking: bool = False
    """Credentials are being checked."""
    by_sasl: bool = False
    """The last credentials came by SASL."""
    subs: frozenset[str] = frozenset()
    """Keys of metadata that the client follows."""
    sasl: Sasl = field(default_factory=Sasl)
    grant: LoginAccepted | None = None
    """What the registry has said of the login."""
    _asked: Attempt | None = None
    """What is being checked."""
    _offered: LoginAccepted | None = None
    """A login that the client is yet to confirm, with SCRAM."""

    @property
    def complete(self) -> bool:
        """Whether NICK and USER are there and nothing holds registration back."""
        return bool(self.nick and self.user) and not self.negotiating and not self.checking

    def receive(self, message: Message) -> list[Message] | Attempt:
        """Take in a command; return replies, or what the registry is to be asked.

        Raises:
            ReplyError: the command is refused.
            StandardReply: the same.
        """
        match message.command:
            case "AUTHENTICATE":
                return self._authenticate(message.params)
            case "AWAY":
                return self._away(message.params)
            case "METADATA":
                return self._metadata(message.params)
            case "PING":
                return [Message("PONG", message.params[:1])]
            case "PONG":
                return []
            case "NICK" | "USER" | "PASS" | "BOUNCER":
                self._note(message.command, message.params)
                return []
        raise unknown_command(message.command)

    def _note(self, command: str, params: tuple[str, ...]) -> None:
        """Note what has no answer."""
        if command == "BOUNCER":
            self._bind(params)
        elif command == "NICK":
            if not params or not params[0]:
                raise no_nick_given()
            self.nick = params[0]
        elif len(params) < PARAMS[command]:
            raise need_more_params(command)
        elif command == "USER":
            self.user, self.realname = params[0], params[3]
        elif self.login is not None:
            raise already_registered()
        else:
            self.password = params[0]

    def credentials(self) -> Attempt | None:
        """Return the login of USER and PASS to be checked, None if it was checked already.

        Raises:
            RefusedError: the client has not said who it is.
        """
        if self.login is not None:
            return None
        if not self.password:
            raise RefusedError("Authentication required: log in with SASL or with a server password")
        self.by_sasl = False
        login = parse_login(self.user)
        return self._ask(ByPassword(login.user, self.password, login))

    def accepted(self, grant: LoginAccepted) -> list[Message]:
        """Take in that the credentials were right; return what the client is told."""
        self.checking = False
        self._offered = grant
        if grant.proof and self.sasl.under_way:
            return self.sasl.confirm(grant.proof)
        return self._let_in()

    def _let_in(self) -> list[Message]:
        """Use what was granted."""
        grant, self._offered = self._offered, None
        asked, self._asked = self._asked, None
        self.sasl.end()
        if grant is None or asked is None or isinstance(asked, ScramQuestion):
            return []
        login = parse_login(grant.named) if grant.named else asked.login
        self.login = login._replace(user=grant.name)
        self.grant = grant
        return [Message(Numeric.RPL_SASLSUCCESS, ("*", "SASL authentication successful"))] if self.by_sasl else []

    def salted(self, nonce: str, salt: bytes, iterations: int) -> list[Message]:
        """Go on with SCRAM, now that it is known how the password is salted."""
        self.checking = False
        return self.sasl.challenge(nonce, salt, iterations)

    def interrupted(self) -> list[Message]:
        """End a login with SASL that is under way when registration is complete (row PRE-12)."""
        if not self.sasl.under_way:
            return []
        self.sasl.end()
        self._asked = self._offered = None
        return [Message(Numeric.ERR_SASLABORTED, ("*", "SASL authentication aborted"))]

    def refused(self) -> None:
        """Note that the credentials were wrong."""
        self.checking = False
        self._asked = None
        self.sasl.end()

    def who(self) -> Login:
        """Return the login with what USER says of network and client.

        Raises:
            ReplyError: the names contradict each other (row NUM-06).
        """
        try:
            return merged(self.login or Login(""), parse_login(self.user))
        except LoginMismatchError as error:
            raise ReplyError(Numeric.ERR_ERRONEUSNICKNAME, self.nick, str(error)) from None

    def _ask(self, attempt: Attempt) -> Attempt:
        self.checking = True
        self._asked = attempt
        return attempt

    def _authenticate(self, params: tuple[str, ...]) -> list[Message] | Attempt:
        """SASL; who has logged in may do so again, and stays who it is if that fails.

        Spec: https://ircv3.net/specs/extensions/sasl-3.2
        """
        if not params:
            raise need_more_params("AUTHENTICATE")
        if not self.sasl_enabled:
            raise ReplyError(Numeric.ERR_SASLFAIL, "SASL is not enabled")
        outcome = self.sasl.receive(params[0])
        if outcome is None:
            return self._let_in()
        if isinstance(outcome, list):
            return outcome
        self.by_sasl = True
        return self._ask(outcome)

    def _away(self, params: tuple[str, ...]) -> list[Message]:
        """Be away from the beginning (row PRE-08)."""
        self.away = params[0] if params and params[0] else None
        if self.away is None:
            return [Message(Numeric.RPL_UNAWAY, ("*", "You are no longer marked as being away"))]
        return [Message(Numeric.RPL_NOWAWAY, ("*", "You have been marked as being away"))]

    def _metadata(self, params: tuple[str, ...]) -> list[Message]:
        """Follow keys of metadata from the beginning (row PRE-09)."""
        target, subcommand, *keys = (*params, "", "")[: max(2, len(params))]
        if target != "*" or subcommand.upper() not in ("SUB", "UNSUB", "SUBS"):
            raise fail(
                "METADATA", "INVALID_PARAMS", subcommand or "*", "Before registration there is * SUB, UNSUB, SUBS"
            )
        self.subs, replies = change_subs(self.subs, subcommand.upper(), keys, "*")
        return replies

    def _bind(self, params: tuple[str, ...]) -> None:
        """Choose a network by id, after the login (row PRE-07)."""
        if not params or params[0].upper() != "BIND":
            raise fail("BOUNCER", "UNKNOWN_COMMAND", params[0] if params else "*", "Before registration there is BIND")
        if self.login is None:
            raise fail("BOUNCER", "ACCOUNT_REQUIRED", "BIND", "Log in first")
        text = params[1] if len(params) > 1 else ""
        if not (text.isascii() and text.isdigit() and int(text) > 0):
            raise fail("BOUNCER", "INVALID_NETID", "BIND", text or "*", "A network's id is a positive number")
        self.bind = int(text)
