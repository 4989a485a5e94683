"""Logging in to a server: each mechanism answers what the server asks.

Mechanisms raise :class:`SaslError` when the server does not play its part.
"""

import re
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple, Protocol

from soju_actors.irc.sasl.errors import SaslError

_ITERATIONS = re.compile(r"(?:^|,)i=([0-9]{1,9})(?:,|$)")
_FEWEST = 4096
"""With less a server could find out the password. Spec: https://www.rfc-editor.org/rfc/rfc7677#section-4."""
_MOST = 200_000
"""More would keep the caller busy for longer than a tenth of a second."""


class Mechanism(Protocol):
    """One way to log in; ``name`` is the parameter of the first AUTHENTICATE."""

    @property
    def name(self) -> str:
        """The mechanism's registered name."""

    @property
    def complete(self) -> bool:
        """Whether the server may say now that the login succeeded; before that, it is not the server we know."""

    def start(self) -> bytes:
        """Return the response to the server's empty first challenge."""

    def challenge(self, data: bytes) -> "bytes | ScramTask":
        """Return the response to a further challenge, or what is to be done for it."""


@dataclass(slots=True)
class Plain:
    """A name and a password. Spec: https://www.rfc-editor.org/rfc/rfc4616."""

    authcid: str
    password: str = field(repr=False)
    authzid: str = ""
    name: ClassVar[str] = "PLAIN"
    complete: ClassVar[bool] = True

    def start(self) -> bytes:
        """Return the credentials."""
        parts = (self.authzid, self.authcid, self.password)
        if any("\0" in part for part in parts):
            raise SaslError("a name or password with NUL cannot be sent")
        return "\0".join(parts).encode("utf-8", "surrogateescape")

    def challenge(self, data: bytes) -> bytes:
        """Refuse: PLAIN has no second step."""
        raise SaslError(f"the server asks more of PLAIN ({len(data)} bytes)")


@dataclass(slots=True)
class External:
    """The certificate of the connection. Spec: https://www.rfc-editor.org/rfc/rfc4422#appendix-A."""

    authzid: str = ""
    name: ClassVar[str] = "EXTERNAL"
    complete: ClassVar[bool] = True

    def start(self) -> bytes:
        """Return whom to act as; nothing lets the server choose by the certificate."""
        return self.authzid.encode("utf-8", "surrogateescape")

    def challenge(self, data: bytes) -> bytes:
        """Refuse: EXTERNAL has no second step."""
        raise SaslError(f"the server asks more of EXTERNAL ({len(data)} bytes)")


class ScramTask(NamedTuple):
    """What is to be proved to a server: to know the password that its ``challenge`` is about."""

    authcid: str
    password: str
    nonce: str
    challenge: str


class ScramProof(NamedTuple):
    """The response to the challenge, and what the server must say then to prove the same."""

    response: str
    verdict: str


def prove(task: ScramTask) -> ScramProof:
    """Do the work of SCRAM: as many iterations as the server asks for, which takes up to a tenth of a second.

    Raises:
        SaslError: the server asks for too few or too many, or its challenge is none.
    """
    found = _ITERATIONS.search(task.challenge)
    if not found or not _FEWEST <= int(found[1]) <= _MOST:
        raise SaslError(f"the server does not ask for {_FEWEST} to {_MOST} iterations of SCRAM")
    client = _scram_client(task.authcid, task.password, task.nonce)
    with _scram_errors():
        client.get_client_first()
        client.set_server_first(task.challenge)
        response: str = client.get_client_final()
        signature: bytes = client.server_signature
    return ScramProof(response, f"v={b64encode(signature).decode()}")


class ScramSha256:
    """A name and a password that the server need not see. ``nonce`` is fresh: at least 18 random bytes as text.

    The proof is made elsewhere, by :func:`prove`: it takes long.

    Spec: https://www.rfc-editor.org/rfc/rfc7677

    Raises:
        SaslError: the name or password cannot be sent.
    """

    name: ClassVar[str] = "SCRAM-SHA-256"

    __slots__ = ("_asked", "_authcid", "_first", "_nonce", "_password", "_verdict", "complete")

    def __init__(self, authcid: str, password: str, nonce: str) -> None:
        self._authcid, self._password, self._nonce = authcid, password, nonce
        client = _scram_client(authcid, password, nonce)
        with _scram_errors():
            self._first: str = client.get_client_first()
        self._asked = False
        self._verdict: str | None = None
        self.complete = False

    def start(self) -> bytes:
        """Return the name and the nonce."""
        return self._first.encode()

    def challenge(self, data: bytes) -> bytes | ScramTask:
        """Return what is to be proved for the server's first message; nothing for its last, its own proof."""
        with _scram_errors():
            text = data.decode()
        if not self._asked:
            self._asked = True
            return ScramTask(self._authcid, self._password, self._nonce, text)
        if self._verdict is None or self.complete:
            raise SaslError("the server asks more of SCRAM than there is")
        if text.partition(",")[0] != self._verdict:
            raise SaslError("the server does not know the password")
        self.complete = True
        return b""

    def proved(self, proof: ScramProof) -> bytes:
        """Return the response to the challenge."""
        self._verdict = proof.verdict
        return proof.response.encode()


def _scram_client(authcid: str, password: str, nonce: str) -> Any:  # noqa: ANN401 - the library has no types
    from scramp import ScramClient  # noqa: PLC0415 - large, and most networks do without it

    with _scram_errors():
        return ScramClient([ScramSha256.name], authcid, password, c_nonce=nonce)


@contextmanager
def _scram_errors() -> Iterator[None]:
    from scramp import ScramException  # noqa: PLC0415 - as above

    try:
        yield
    except (ScramException, ValueError) as error:
        raise SaslError(f"SCRAM failed: {error}") from error
