"""Sockets as actors see them: values, and the events that their owner gets.

The last event of a link is :class:`OpenFailed` or :class:`Closed`, and there is
always one, also when the owner closed it.
"""

import msgspec

from actors.message import SystemMessage

READ_MOST = 64 * 1024
"""Bytes that one read, and so one :class:`BytesReceived`, may carry."""
UNREAD_MOST = 256 * 1024
"""Bytes delivered but not yet handled at which a link stops reading its socket."""
CONGESTED_AT = 64 * 1024
"""Bytes waiting to be written above which a link is congested."""
DRAINED_AT = 16 * 1024
"""Bytes waiting to be written at which a congested link is drained."""
DIAL_TIMEOUT = 15.0
"""Seconds for name look-up, connection and TLS handshake together."""
HANDSHAKE_TIMEOUT = 10.0
"""Seconds that an accepted socket has for its TLS handshake."""
FLUSH_TIMEOUT = 10.0
"""Seconds that a closing link has to write what it holds."""


class Link(msgspec.Struct, frozen=True, gc=False):
    """A socket of one node, by number."""

    id: int


class Tls(msgspec.Struct, frozen=True):
    """How a connection is encrypted, and how the peer is known."""

    verify: bool = True
    """Check the peer's certificate against the system's authorities."""
    pins: tuple[str, ...] = ()
    """``sha-256:hex`` or ``sha-512:hex`` of a certificate that the peer shows; replaces the check."""
    certificate: str = ""
    """Our own certificate chain: a path, or PEM text."""
    key: str = ""
    """Its private key: a path, or PEM text; empty if the certificate's file has it too."""
    server_name: str = ""
    """The name that the certificate must have, if it is not the host."""
    alpn: tuple[str, ...] = ()
    request_client_certificate: bool = False
    """Ask clients for a certificate. Whoever signed it, it is taken: its fingerprint says who the peer is."""


class Endpoint(msgspec.Struct, frozen=True):
    """Where to connect to or to listen: host and port, or the path of a Unix socket."""

    host: str = ""
    """Name or address; empty listens on all addresses."""
    port: int = 0
    """Zero listens on any free port."""
    path: str = ""
    tls: Tls | None = None
    sources: tuple[str, ...] = ()
    """Addresses of ours to connect from, at most one of each family; a host that has an address
    of such a family is reached by it, any other as usual."""
    bound: bool = False
    """A host without an address of such a family is not reached at all."""
    mode: int | None = None
    """Permissions of the Unix socket to be made."""

    def __str__(self) -> str:
        """Return the endpoint for people: ``irc.test:6697``, ``[::1]:6667`` or a path."""
        return self.path or format_address(self.host, self.port)


class Opened(msgspec.Struct, SystemMessage, frozen=True, tag="link.opened"):
    """A dialed link is connected, and encrypted if it is to be. Addresses are for people."""

    link: Link
    local: str
    remote: str
    peer_fingerprint: str = ""
    """Hexadecimal SHA-512 of the peer's certificate in DER; empty if it has shown none."""


class OpenFailed(msgspec.Struct, SystemMessage, frozen=True, tag="link.open-failed"):
    """Dialing or listening failed; the link does not exist."""

    link: Link
    reason: str


class BytesReceived(msgspec.Struct, SystemMessage, frozen=True, tag="link.bytes-received"):
    """One read of the socket, never empty and at most :data:`READ_MOST` long."""

    link: Link
    data: bytes


class Closed(msgspec.Struct, SystemMessage, frozen=True, tag="link.closed"):
    """The connection, or the listening socket, is gone."""

    link: Link
    reason: str
    clean: bool
    """The peer ended it in order, or we did."""


class Congested(msgspec.Struct, SystemMessage, frozen=True, tag="link.congested"):
    """The peer does not read: more than :data:`CONGESTED_AT` bytes wait to be written."""

    link: Link


class Drained(msgspec.Struct, SystemMessage, frozen=True, tag="link.drained"):
    """A congested link has only :data:`DRAINED_AT` bytes left to write."""

    link: Link


class Listening(msgspec.Struct, SystemMessage, frozen=True, tag="link.listening"):
    """A listening socket is open at this address (with the real port)."""

    link: Link
    address: str


class Accepted(msgspec.Struct, SystemMessage, frozen=True, tag="link.accepted"):
    """A peer has connected to a listener, its TLS handshake included; the link is the owner's."""

    link: Link
    listener: Link
    remote: str
    peer_fingerprint: str = ""
    """As in :class:`Opened`."""


def format_address(host: str, port: int) -> str:
    """Join host and port, with brackets around an IPv6 address."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
