"""Which nodes are let in: those with a certificate of the cluster's own authority, by TLS 1.3.

A node has a folder with two files, so that neither can be half new. ``node.pem`` is its
key and certificate; ``authorities.pem`` has the authorities that are trusted, each with
the list of certificates that it has revoked. Who a peer is, its certificate says, in a
URI among its alternative names (:class:`actors.cluster.identity.Identity`).
"""

import contextlib
import ssl
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from actors.bases.node import dial
from actors.cluster.identity import Identity, find_identity

if TYPE_CHECKING:
    from actors.bases.node.peers.revoking import Authorities

PAIR, AUTHORITIES = "node.pem", "authorities.pem"
MOST_FLIGHTS = 8
"""Steps of a handshake, which takes two of each side."""
OF_NO_AUTHORITY = frozenset({2, 18, 19, 20, 21})
"""No issuer is known. Spec: https://docs.openssl.org/3.0/man3/X509_STORE_CTX_get_error/"""
BY_THE_CLOCK = {
    9: "its certificate is not valid yet",
    10: "its certificate has expired",
    11: "its authority's list of revoked certificates is not valid yet",
    12: "its authority's list of revoked certificates has expired",
}
"""What is so only by the clock of the node that judges, by the same numbers."""
ALERTS = {
    "SSLV3_ALERT_CERTIFICATE_REVOKED": "it says that the certificate of this node was revoked",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": "it says that the certificate of this node has expired",
    "SSLV3_ALERT_BAD_CERTIFICATE": "it says that the certificate of this node is not valid, or not yet by its clock",
    "TLSV1_ALERT_UNKNOWN_CA": "it says that the certificate of this node is not of its cluster's authority",
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": "it says that this node has shown no certificate",
    "PEER_DID_NOT_RETURN_A_CERTIFICATE": "it has shown no certificate",
    "UNSUPPORTED_PROTOCOL": "it does not speak TLS 1.3",
    "TLSV1_ALERT_PROTOCOL_VERSION": "it does not speak TLS 1.3",
    "WRONG_VERSION_NUMBER": "it does not speak TLS",
    "HTTP_REQUEST": "it does not speak TLS",
}
"""What OpenSSL says, for a person."""


_FINAL = frozenset({"SSLV3_ALERT_CERTIFICATE_REVOKED", "TLSV1_ALERT_UNKNOWN_CA"})


DISTRUSTS = "as a node does that is of another authority or has a wrong clock, or if this one's certificate has expired"
"""It says nothing of why."""


class TrustError(Exception):
    """A node cannot be trusted, this one or its peer; the text is for a person."""


class Trust:
    """The certificates of this node and of its peers, as they were when it was made.

    To read them again, make another, by which the connections that there are can be judged.
    """

    def __init__(self, folder: Path) -> None:
        """Read the files. This blocks.

        Raises:
            TrustError: peers would not let this node in.
        """
        pair, authorities = folder / PAIR, folder / AUTHORITIES
        for path in (pair, authorities):
            _check_readable(path)
        if pair.stat().st_mode & 0o077:
            raise TrustError(f"others may read {pair}, which has the key of this node: chmod 600")
        self._server = _context(ssl.PROTOCOL_TLS_SERVER, pair, authorities)
        self._client = _context(ssl.PROTOCOL_TLS_CLIENT, pair, authorities)
        seen = self._look_at_itself(pair)
        self.certificate = seen.getpeercert(binary_form=True) or b""
        """Of this node, DER."""
        self.own = self.identity(seen)
        """Who this node is."""
        self._authorities = authorities.read_bytes()
        self.expires = ssl.cert_time_to_seconds(str((seen.getpeercert() or {})["notAfter"]))
        """When its certificate ends: seconds since 1970."""

    def server_context(self) -> ssl.SSLContext:
        """For connections that are accepted; a peer without a valid certificate fails the handshake."""
        return self._server

    def client_context(self) -> ssl.SSLContext:
        """For connections that are made.

        The handshake is done for this side before the peer has looked at our certificate: only its
        first word tells that it lets us in.
        """
        return self._client

    def identity(self, tls: ssl.SSLObject | ssl.SSLSocket) -> Identity:
        """Who the peer is by the certificate that it has shown, and that was verified.

        Raises:
            TrustError: it says nothing, or several things.
        """
        names: Any = (tls.getpeercert() or {}).get("subjectAltName", ())
        found = [identity for kind, name in names if kind == "URI" and (identity := find_identity(name))]
        if len(found) != 1:
            raise TrustError(f"its certificate names {len(found)} nodes where it has to name one")
        return found[0]

    def objection(self, certificate: bytes) -> str:
        """Say why the certificate of a peer that was let in counts no more; nothing if it does."""
        return self._judges.objection(certificate)

    @cached_property
    def _judges(self) -> "Authorities":
        from actors.bases.node.peers.revoking import Authorities  # noqa: PLC0415 - large, and rarely needed

        return Authorities(self._authorities)

    def _look_at_itself(self, pair: Path) -> ssl.SSLObject:
        """Connect to itself, and return the side that has seen the other's certificate."""
        to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = self._client.wrap_bio(to_client, to_server)
        server = self._server.wrap_bio(to_server, to_client, server_side=True)
        try:
            for number in range(MOST_FLIGHTS):
                _go_on((client, server)[number % 2])
        except ssl.SSLError as error:
            raise TrustError(f"{pair} is of no use: {describe(error)}") from None
        return server


def read_trust(folder: Path) -> Trust:
    """Read the files again, to judge also who was let in before. This blocks.

    Raises:
        TrustError: peers would not let this node in.
    """
    trust = Trust(folder)
    trust.objection(trust.certificate)
    return trust


def describe(error: Exception) -> str:
    """Say why a peer was not let in, or does not let this node in."""
    if isinstance(error, ssl.SSLCertVerificationError):
        if is_of_another_authority(error):
            return "its certificate is not of this cluster's authority"
        if error.verify_code in BY_THE_CLOCK:
            return f"{BY_THE_CLOCK[error.verify_code]}: the clock of this node says {datetime.now(UTC):%F %T} UTC"
        return f"its certificate is refused: {error.verify_message}"
    if isinstance(error, ssl.SSLError) and error.reason in ALERTS:
        return ALERTS[error.reason]
    if isinstance(error, ConnectionError) and not error.strerror:
        return f"it has hung up before the end of the handshake, {DISTRUSTS}"
    return dial.describe(error)


def is_final(error: Exception) -> bool:
    """Whether a peer says that the authority does not stand by the certificate of this node."""
    return isinstance(error, ssl.SSLError) and error.reason in _FINAL


def is_of_another_authority(error: Exception) -> bool:
    """Whether a peer is a node of some other cluster, or by older keys."""
    return isinstance(error, ssl.SSLCertVerificationError) and error.verify_code in OF_NO_AUTHORITY


def _check_readable(path: Path) -> None:
    try:
        with path.open("rb"):
            pass
    except FileNotFoundError:
        raise TrustError(f"there is no file {path}: the authority of the cluster has it for this node") from None
    except OSError as error:
        raise TrustError(f"{path} cannot be read: {dial.describe(error)}") from None


def _context(side: int, pair: Path, authorities: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(side)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False  # nodes have names of their own, wherever they listen
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF | ssl.VERIFY_X509_STRICT
    context.options |= ssl.OP_NO_TICKET | ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    if side == ssl.PROTOCOL_TLS_SERVER:
        context.num_tickets = 0
    try:
        context.load_cert_chain(pair, password="")  # else it asks a person
    except ssl.SSLError as error:
        raise TrustError(f"there is no key with its certificate in {pair}: {dial.describe(error)}") from None
    try:
        context.load_verify_locations(authorities)
    except ssl.SSLError as error:
        raise TrustError(f"there are no authorities in {authorities}: {dial.describe(error)}") from None
    return context


def _go_on(side: ssl.SSLObject) -> None:
    with contextlib.suppress(ssl.SSLWantReadError):
        side.do_handshake()
