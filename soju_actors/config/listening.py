"""Listen URIs (rows LSN-01 to LSN-05)."""

from enum import Enum
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit


class Speaks(Enum):
    """Who is listened to."""

    IRC = "irc"
    """Clients."""
    ADMIN = "admin"
    """Whoever may open the socket: service commands, without a login (row OPS-12)."""


class ListenAddress(NamedTuple):
    """What a listen URI says. An empty host stands for every address of the machine."""

    speaks: Speaks
    tls: bool
    host: str = ""
    port: int = 0
    path: str = ""
    """Of a Unix socket; then there is no host and no port."""

    @property
    def is_plain_beyond_this_machine(self) -> bool:
        """Whether passwords would cross a network in plain text."""
        return not (self.tls or self.path or is_loopback(self.host))


ALLOWED = (
    "allowed: ircs://host:port (TLS), irc://localhost:port, irc+insecure://host:port, unix:///path, unix+admin:///path"
)
UNIX_SOCKETS = frozenset({"unix", "unix+admin"})
TLS_PORT = 6697
PLAIN_PORT = 6667


def parse_listen_uri(uri: str) -> ListenAddress:
    """Read a listen URI; ``host:port``, ``host`` and ``:port`` are short for ``ircs://…``.

    Raises:
        ValueError: it is none; the text says what is allowed.
    """
    scheme, mark, rest = uri.partition("://")
    if not mark:
        scheme, rest = "ircs", uri
    if scheme in UNIX_SOCKETS:
        if not rest:
            raise ValueError(f"{uri!r} has no path; {ALLOWED}")
        return ListenAddress(Speaks.ADMIN if scheme == "unix+admin" else Speaks.IRC, tls=False, path=rest)
    if scheme not in {"ircs", "irc", "irc+insecure"}:
        raise ValueError(f"{scheme!r} is not a scheme of a listener; {ALLOWED}")
    host, port = _host_and_port(uri, rest)
    if scheme == "irc" and host != "localhost":
        raise ValueError('irc:// is for "localhost" alone: elsewhere say ircs://, or irc+insecure:// for plain text')
    tls = scheme == "ircs"
    return ListenAddress(Speaks.IRC, tls, host, (TLS_PORT if tls else PLAIN_PORT) if port is None else port)


def is_loopback(host: str) -> bool:
    """Whether a host's name or address is reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _host_and_port(uri: str, rest: str) -> tuple[str, int | None]:
    parts = urlsplit(f"//{rest}")
    if parts.username is not None or parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise ValueError(f"{uri!r} has more than a host and a port; {ALLOWED}")
    try:
        return parts.hostname or "", parts.port
    except ValueError:
        raise ValueError(f"{uri!r} has a port that is not a number from 0 to 65535") from None
