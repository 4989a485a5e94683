"""What a client says before it is attached: a machine without IO (section 3.1 of the reference)."""

from dataclasses import dataclass, field

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
from soju_actors.irc.numerics import Numeric
from soju_actors.irc.sasl.chunking import ChunkReader
from soju_actors.irc.sasl.errors import SaslError, SaslTooLongError
from soju_actors.irc.sasl.server import PlainCredentials, decode_plain
from soju_actors.policy.login import Login, LoginMismatchError, merged, parse_login

PARAMS = {"USER": 4, "PASS": 1}
"""How many parameters a command needs."""


@dataclass(slots=True, frozen=True)
class Credentials:
    """A login to be checked: ``name`` and ``password`` prove it, ``login`` says whose account and what for."""

    name: str
    password: str
    login: Login

    @property
    def on_behalf_of(self) -> str:
        """Whose account it is, where it is not the own one (row PRE-03)."""
        return self.login.user if self.login.user != self.name else ""


class RefusedError(IrcError):
    """The connection cannot go on; the text is its ERROR."""


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
    admin: bool = False
    _sasl: ChunkReader | None = None
    _asked: Credentials | None = field(default=None)

    @property
    def complete(self) -> bool:
        """Whether NICK and USER are there and nothing holds registration back."""
        return bool(self.nick and self.user) and not self.negotiating and not self.checking

    def receive(self, message: Message) -> list[Message] | Credentials:
        """Take in a command; return replies, or credentials to be checked.

        Raises:
            ReplyError: the command is refused.
            StandardReply: the same.
        """
        match message.command:
            case "AUTHENTICATE":
                return self._authenticate(message.params)
            case "AWAY":
                return self._away(message.params)
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

    def credentials(self) -> Credentials | None:
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
        return self._ask(Credentials(login.user, self.password, login))

    def accepted(self, name: str, *, admin: bool, named: str = "") -> None:
        """Note that the credentials were right; ``named`` is the login if it stood in front of the password."""
        self.checking = False
        self.admin = admin
        asked, self._asked = self._asked, None
        if asked is not None:
            self.login = (parse_login(named) if named else asked.login)._replace(user=name)

    def refused(self) -> None:
        """Note that the credentials were wrong."""
        self.checking = False
        self._asked = None

    def who(self) -> Login:
        """Return the login with what USER says of network and client.

        Raises:
            ReplyError: the names contradict each other (row NUM-06).
        """
        try:
            return merged(self.login or Login(""), parse_login(self.user))
        except LoginMismatchError as error:
            raise ReplyError(Numeric.ERR_ERRONEUSNICKNAME, self.nick, str(error)) from None

    def _ask(self, credentials: Credentials) -> Credentials:
        self.checking = True
        self._asked = credentials
        return credentials

    def _authenticate(self, params: tuple[str, ...]) -> list[Message] | Credentials:
        """SASL PLAIN. Spec: https://ircv3.net/specs/extensions/sasl-3.1."""
        if not self.sasl_enabled or not params:
            raise need_more_params("AUTHENTICATE") if not params else _sasl_failed("SASL is not enabled")
        if self.login is not None or self.checking:
            raise ReplyError(Numeric.ERR_SASLALREADY, "You have already authenticated using SASL")
        if params[0] == "*":
            self._sasl = None
            raise ReplyError(Numeric.ERR_SASLABORTED, "SASL authentication aborted")
        if self._sasl is None:
            return self._begin(params[0])
        try:
            payload = self._sasl.receive(params[0])
        except SaslTooLongError:
            self._sasl = None
            raise ReplyError(Numeric.ERR_SASLTOOLONG, "SASL message too long") from None
        except SaslError:
            self._sasl = None
            raise _sasl_failed("The response is not base64") from None
        if payload is None:
            return []
        self._sasl = None
        return self._plain(payload)

    def _begin(self, mechanism: str) -> list[Message]:
        if mechanism.upper() != "PLAIN":
            raise _sasl_failed(f"The mechanism {mechanism} is not supported; there is PLAIN")
        self._sasl = ChunkReader()
        return [Message("AUTHENTICATE", ("+",))]

    def _plain(self, payload: bytes) -> Credentials:
        try:
            plain: PlainCredentials = decode_plain(payload)
        except SaslError:
            raise _sasl_failed("The response is not one of PLAIN") from None
        prover = parse_login(plain.authcid)
        self.by_sasl = True
        login = parse_login(plain.authzid) if plain.authzid and plain.authzid != prover.user else prover
        return self._ask(Credentials(prover.user, plain.password, login))

    def _away(self, params: tuple[str, ...]) -> list[Message]:
        """Be away from the beginning (row PRE-08)."""
        self.away = params[0] if params and params[0] else None
        if self.away is None:
            return [Message(Numeric.RPL_UNAWAY, ("*", "You are no longer marked as being away"))]
        return [Message(Numeric.RPL_NOWAWAY, ("*", "You have been marked as being away"))]

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


def _sasl_failed(text: str) -> ReplyError:
    return ReplyError(Numeric.ERR_SASLFAIL, text)
