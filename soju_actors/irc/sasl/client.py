"""Logging in to a server: each mechanism answers what the server asks.

Mechanisms raise :class:`SaslError` when the server does not play its part.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

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

    def challenge(self, data: bytes) -> bytes:
        """Return the response to a further challenge."""


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


class ScramSha256:
    """A name and a password that the server need not see. ``nonce`` is fresh: at least 18 random bytes as text.

    Spec: https://www.rfc-editor.org/rfc/rfc7677

    Raises:
        SaslError: the name or password cannot be sent.
    """

    name: ClassVar[str] = "SCRAM-SHA-256"

    __slots__ = ("_client", "_steps", "complete")

    def __init__(self, authcid: str, password: str, nonce: str) -> None:
        from scramp import ScramClient  # noqa: PLC0415 - large, and most networks do without it

        with _scram_errors():
            self._client = ScramClient([self.name], authcid, password, c_nonce=nonce)
        self._steps = [self._prove, self._verify]
        self.complete = False

    def start(self) -> bytes:
        """Return the name and the nonce."""
        first: str = self._client.get_client_first()
        return first.encode()

    def challenge(self, data: bytes) -> bytes:
        """Return the proof for the server's first message; nothing for its last, which is its own proof."""
        if not self._steps:
            raise SaslError("the server asks more of SCRAM than there is")
        step = self._steps.pop(0)
        with _scram_errors():
            return step(data.decode())

    def _prove(self, server_first: str) -> bytes:
        found = _ITERATIONS.search(server_first)
        if not found or not _FEWEST <= int(found[1]) <= _MOST:
            raise SaslError(f"the server does not ask for {_FEWEST} to {_MOST} iterations of SCRAM")
        self._client.set_server_first(server_first)
        final: str = self._client.get_client_final()
        return final.encode()

    def _verify(self, server_final: str) -> bytes:
        self._client.set_server_final(server_final)
        self.complete = True
        return b""


@contextmanager
def _scram_errors() -> Iterator[None]:
    from scramp import ScramException  # noqa: PLC0415 - as above

    try:
        yield
    except (ScramException, ValueError) as error:
        raise SaslError(f"SCRAM failed: {error}") from error
