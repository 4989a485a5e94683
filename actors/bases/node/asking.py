"""Asking clients for a certificate, whoever has signed it.

Python's ``ssl`` ends the handshake of a client whose certificate no known authority has
signed, and has no way to leave that to us. pyOpenSSL has, so listeners that ask are made
of it, in the shape in which event loops use ``ssl``. It is imported only where it is needed.
"""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Self, TypeVar

from cryptography.hazmat.primitives.serialization import Encoding
from OpenSSL import SSL
from OpenSSL.crypto import X509

T = TypeVar("T")

PIECE = 64 * 1024
"""Bytes that are taken out of OpenSSL at once."""


class AskingContext(ssl.SSLContext):
    """A server's context that asks for a certificate, takes whichever it is shown, and goes on without one.

    What the certificate proves is that the client has its key; who that is, the caller knows by its
    fingerprint.
    """

    _inner: SSL.Context

    def __new__(cls, certificate: str, key: str, alpn: tuple[str, ...]) -> Self:
        """Make what event loops take for a context of ``ssl``; nothing of that is used.

        Raises:
            ssl.SSLError: a file cannot be read.
        """
        self = super().__new__(cls, ssl.PROTOCOL_TLS_SERVER)
        self._inner = _inner_context(certificate, key, alpn)
        return self

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        """Begin a connection."""
        del server_side, server_hostname, session
        return AskingObject(SSL.Connection(self._inner, None), incoming, outgoing)  # type: ignore[return-value]


def _inner_context(certificate: str, key: str, alpn: tuple[str, ...]) -> SSL.Context:
    inner = SSL.Context(SSL.TLS_SERVER_METHOD)
    inner.set_min_proto_version(SSL.TLS1_2_VERSION)
    try:
        inner.use_certificate_chain_file(certificate)
        inner.use_privatekey_file(key or certificate)
    except SSL.Error as error:
        raise _as_ssl_error(error) from error
    inner.set_verify(SSL.VERIFY_PEER, _take)
    # Without a name for its sessions OpenSSL refuses to resume those of clients with a certificate.
    inner.set_session_id(b"actors")
    if alpn:
        inner.set_alpn_select_callback(_Chooser(alpn))
    return inner


def _take(connection: SSL.Connection, certificate: X509, error: int, depth: int, ok: int) -> bool:
    """Take every certificate: it is compared with those that are known, not with what it says."""
    del connection, certificate, error, depth, ok
    return True


class _Chooser:
    """Takes the first protocol of ours that the client knows too, as ``ssl`` does."""

    def __init__(self, ours: tuple[str, ...]) -> None:
        self._ours = [name.encode() for name in ours]

    def __call__(self, connection: SSL.Connection, theirs: list[bytes]) -> Any:  # noqa: ANN401 - a name or a mark
        del connection
        return next((name for name in self._ours if name in theirs), SSL.NO_OVERLAPPING_PROTOCOLS)


class AskingObject:
    """One connection: what event loops use of :class:`ssl.SSLObject`, by another name."""

    def __init__(self, inner: SSL.Connection, incoming: ssl.MemoryBIO, outgoing: ssl.MemoryBIO) -> None:
        inner.set_accept_state()
        self._inner = inner
        self._incoming = incoming
        self._outgoing = outgoing
        self._unread = False
        """Of what was taken from ``incoming``, OpenSSL may hold some that it has not looked at."""

    def do_handshake(self) -> None:
        """Go on with the handshake."""
        self._do(self._inner.do_handshake)

    def read(self, size: int, buffer: Any = None) -> Any:  # noqa: ANN401 - as in `ssl`: bytes, or their number
        """Read; nothing once the peer has ended it in order."""
        try:
            if buffer is None:
                return self._do(self._inner.recv, size)
            return self._do(self._inner.recv_into, buffer, size)
        except ssl.SSLZeroReturnError:
            return b"" if buffer is None else 0

    def write(self, data: bytes) -> int:
        """Write, and return how much of it."""
        return self._do(self._inner.send, data)

    def pending(self) -> int:
        """Return how much can be read at once, as far as it is known; not zero if it may be worth to try."""
        return self._inner.pending() or int(self._unread)

    def unwrap(self) -> None:
        """Say that this side ends, and wait for the other one to say so.

        Raises:
            ssl.SSLWantReadError: it has not yet.
        """
        if not self._do(self._inner.shutdown):
            raise ssl.SSLWantReadError

    def getpeercert(self, binary_form: bool = False) -> Any:  # noqa: ANN401 - as in `ssl`
        """Return the certificate of the client, None if it has shown none; readable only where it was checked."""
        certificate = self._inner.get_peer_certificate(as_cryptography=True)
        if certificate is None:
            return None
        return certificate.public_bytes(Encoding.DER) if binary_form else {}

    def cipher(self) -> tuple[str, str, int] | None:
        """Return what encrypts: its name, the version of TLS, its secret bits."""
        name = self._inner.get_cipher_name()
        return (name, self._inner.get_protocol_version_name(), self._inner.get_cipher_bits() or 0) if name else None

    def compression(self) -> None:
        """TLS compresses no more."""

    def selected_alpn_protocol(self) -> str | None:
        """Return the protocol that was chosen."""
        return self._inner.get_alpn_proto_negotiated().decode() or None

    def _do(self, step: Callable[..., T], *arguments: object) -> T:
        """Take a step with what has come, and pass on what it brings to the peer."""
        received = self._incoming.read()
        if received:
            self._inner.bio_write(received)
            self._unread = True
        try:
            with _ssl_errors():
                return step(*arguments)
        except ssl.SSLWantReadError:
            self._unread = False
            raise
        finally:
            self._pass_on()

    def _pass_on(self) -> None:
        while True:
            try:
                self._outgoing.write(self._inner.bio_read(PIECE))
            except SSL.WantReadError:
                return


@contextmanager
def _ssl_errors() -> Iterator[None]:
    """Raise what `ssl` raises."""
    try:
        yield
    except SSL.WantReadError:
        raise ssl.SSLWantReadError from None
    except SSL.ZeroReturnError:
        raise ssl.SSLZeroReturnError from None
    except SSL.SysCallError as error:
        raise ssl.SSLEOFError(ssl.SSL_ERROR_EOF, str(error)) from error
    except SSL.Error as error:
        raise _as_ssl_error(error) from error


def _as_ssl_error(error: SSL.Error) -> ssl.SSLError:
    """Say the same as `ssl` would: the first reason of OpenSSL's."""
    reasons = error.args[0] if error.args else ()
    return ssl.SSLError(ssl.SSL_ERROR_SSL, reasons[0][2] if reasons else "TLS failed")
