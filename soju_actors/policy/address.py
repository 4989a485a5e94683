"""Addresses of servers, as people write them (row LIF-01)."""

import ipaddress
import re
from collections.abc import Iterable

import msgspec

PORT_TLS = 6697
PORT_PLAIN = 6667
HOST = re.compile(r"(?=.{1,253}\.?$)(?:[\w-]{1,63}\.)*[\w-]{1,63}\.?")
UNIX = ("unix", "irc+unix")


class AddressError(ValueError):
    """The address cannot be used; the text says why, for the person who wrote it."""


class Address(msgspec.Struct, frozen=True):
    """Where a server listens: host and port, or the path of a Unix socket."""

    host: str = ""
    port: int = 0
    path: str = ""
    tls: bool = False

    @property
    def place(self) -> str:
        """What connections are counted by: the host, whatever its port, or the socket."""
        return self.path or self.host


def parse_address(text: str) -> Address:
    """Parse ``host``, ``ircs://host:port``, ``irc+insecure://host:port`` or ``irc+unix:///path``.

    The port is 6697 with TLS and 6667 without. IPv6 addresses with a port are in brackets.

    Raises:
        AddressError: it is none of these, or has a user name, path, query or fragment.
    """
    if not text or not text.isprintable() or " " in text:
        raise AddressError("an address is not empty and has no spaces or control characters")
    scheme, separator, rest = text.partition("://")
    if not separator:
        scheme, rest = _without_slashes(text)
    scheme = scheme.lower()
    if scheme in UNIX:
        return _parse_unix(rest)
    if scheme not in ("ircs", "irc+insecure"):
        raise AddressError(f"{scheme}:// is unknown: use ircs://, irc+insecure:// or irc+unix://")
    tls = scheme == "ircs"
    host, port = _parse_host(rest)
    return Address(host, port or (PORT_TLS if tls else PORT_PLAIN), tls=tls)


def _without_slashes(text: str) -> tuple[str, str]:
    scheme, _, path = text.partition(":")
    return (scheme, path) if scheme.lower() in UNIX else ("ircs", text)


def _parse_unix(path: str) -> Address:
    if not path.startswith("/"):
        raise AddressError("the path of a Unix socket begins with a slash: irc+unix:///run/ircd.sock")
    return Address(path=path)


def _parse_host(text: str) -> tuple[str, int]:
    """Split host and port; a missing port is 0."""
    for sign, what in (("@", "user name"), ("/", "path"), ("?", "query"), ("#", "fragment")):
        if sign in text:
            raise AddressError(f"an address has no {what}")
    if text.startswith("["):
        literal, bracket, rest = text[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise AddressError(f"{text} is not an IPv6 address in brackets, with or without a port")
        return _ipv6(literal), _port(rest[1:]) if rest else 0
    if text.count(":") > 1:
        return _ipv6(text), 0
    host, colon, port = text.partition(":")
    if not HOST.fullmatch(host):
        raise AddressError(f"{host!r} is not the name of a host")
    return host.lower(), _port(port) if colon else 0


def _ipv6(text: str) -> str:
    try:
        return str(ipaddress.IPv6Address(text))
    except ValueError:
        raise AddressError(f"{text} is not an IPv6 address") from None


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 1 << 16):
        raise AddressError(f"{text!r} is not a port: use a number from 1 to 65535")
    return int(text)


def source_addresses(ranges: Iterable[str], user: int) -> tuple[str, ...]:
    """Return the address that a user, by number, has in each range; none in one that is too small (row CFG-16)."""
    networks = map(ipaddress.ip_network, ranges)
    return tuple(str(network[user]) for network in networks if user < network.num_addresses)


def is_local(place: str) -> bool:
    """Whether a host or socket path is on this machine, where nobody counts connections."""
    if place.startswith("/") or place == "localhost" or place.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(place).is_loopback
    except ValueError:
        return False
