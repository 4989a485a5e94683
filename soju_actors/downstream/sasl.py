"""The SASL exchange of a client that is not attached, without IO (rows PRE-03, PRE-05, PRE-06).

Spec: https://ircv3.net/specs/extensions/sasl-3.2
"""

import re
from dataclasses import dataclass, field

from soju_actors.downstream.attempts import Attempt, ByCertificate, ByPassword, ByScram, ScramQuestion
from soju_actors.irc.errors import ReplyError
from soju_actors.irc.message import Message
from soju_actors.irc.numerics import Numeric
from soju_actors.irc.sasl import scram
from soju_actors.irc.sasl.chunking import ABORT, EMPTY, ChunkReader, to_chunks
from soju_actors.irc.sasl.errors import SaslError, SaslTooLongError
from soju_actors.irc.sasl.server import decode_plain
from soju_actors.policy.login import Login, parse_login

_MECHANISM = re.compile(r"[A-Z0-9_-]{1,20}")
"""Spec: https://www.rfc-editor.org/rfc/rfc4422#section-3.1"""


@dataclass(slots=True)
class Sasl:
    """One exchange after the other; ``mechanisms`` are those that this client may use."""

    mechanisms: tuple[str, ...] = ("PLAIN",)
    mechanism: str = ""
    """That of the exchange under way, empty when none is."""
    confirming: bool = False
    """SCRAM: the client has been sent our own proof, and is to say that it is right."""
    _chunks: ChunkReader = field(default_factory=ChunkReader)
    _first: scram.ClientFirst | None = None
    """SCRAM: the client's first message."""
    _challenge: str = ""
    """SCRAM: our answer to it."""

    @property
    def under_way(self) -> bool:
        """Whether the client has begun an exchange that has not ended."""
        return bool(self.mechanism)

    def end(self) -> None:
        """Forget the exchange under way."""
        self.mechanism = self._challenge = ""
        self.confirming = False
        self._chunks, self._first = ChunkReader(), None

    def receive(self, parameter: str) -> list[Message] | Attempt | None:
        """Take the parameter of AUTHENTICATE; return replies, or what is to be asked; None once SCRAM is confirmed.

        Raises:
            ReplyError: the exchange has failed, and is over.
        """
        if parameter == ABORT:
            self.end()
            raise ReplyError(Numeric.ERR_SASLABORTED, "SASL authentication aborted")
        if not self.mechanism:
            return self._begin(parameter)
        try:
            data = self._chunks.receive(parameter)
            return [] if data is None else self._answer(data)
        except SaslTooLongError:
            self.end()
            raise ReplyError(Numeric.ERR_SASLTOOLONG, "SASL message too long") from None
        except SaslError as error:
            self.end()
            raise ReplyError(Numeric.ERR_SASLFAIL, str(error)) from None

    def _begin(self, name: str) -> list[Message]:
        mechanism = name.upper()
        if not _MECHANISM.fullmatch(mechanism):  # the rest of a response that was too long
            raise ReplyError(Numeric.ERR_SASLFAIL, "SASL authentication begins with the name of a mechanism")
        if mechanism not in self.mechanisms:
            return [
                Message(Numeric.RPL_SASLMECHS, ("*", ",".join(self.mechanisms), "are available SASL mechanisms")),
                Message(Numeric.ERR_SASLFAIL, ("*", f"The SASL mechanism {mechanism} is not available")),
            ]
        self.end()
        self.mechanism = mechanism
        return [Message("AUTHENTICATE", (EMPTY,))]

    def _answer(self, data: bytes) -> list[Message] | Attempt | None:
        """Answer a whole response."""
        if self.mechanism == scram.NAME:
            return self._scram(data)
        mechanism = self.mechanism
        self.end()
        return _external(data) if mechanism == "EXTERNAL" else _plain(data)

    def _scram(self, data: bytes) -> Attempt | None:
        if self.confirming:
            self.end()
            if data:
                raise SaslError("the exchange of SCRAM has no third message")
            return None
        if self._first is None:
            self._first = scram.parse_client_first(data)
            return ScramQuestion(parse_login(self._first.authcid).user)
        final = scram.parse_client_final(data, self._first, self._challenge)
        prover = parse_login(self._first.authcid)
        return ByScram(prover.user, final.auth_message, final.proof, _whose(prover, self._first.authzid))

    def challenge(self, nonce: str, salt: bytes, iterations: int) -> list[Message]:
        """Return our first message of SCRAM, now that it is known how the password is salted."""
        if self._first is None:
            return []
        self._challenge = scram.server_first(self._first, nonce, salt, iterations)
        return _challenges(self._challenge)

    def confirm(self, proof: str) -> list[Message]:
        """Return our proof of SCRAM, which the client is to confirm."""
        self.confirming = True
        return _challenges(proof)


def _challenges(text: str) -> list[Message]:
    return [Message("AUTHENTICATE", (chunk,)) for chunk in to_chunks(text.encode())]


def _plain(data: bytes) -> ByPassword:
    plain = decode_plain(data)
    prover = parse_login(plain.authcid)
    return ByPassword(prover.user, plain.password, _whose(prover, plain.authzid))


def _external(data: bytes) -> ByCertificate:
    """Take whom a client wants to be, which it need not say: then the certificate does (row PRE-05)."""
    try:
        return ByCertificate(parse_login(data.decode("utf-8")))
    except UnicodeDecodeError:
        raise SaslError("the name is not UTF-8") from None


def _whose(prover: Login, authzid: str) -> Login:
    """Return whose account it is to be, and what for: what the authorization identity says, if it names another."""
    return parse_login(authzid) if authzid and authzid != prover.user else prover
