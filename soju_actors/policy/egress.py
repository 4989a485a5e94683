"""From where a network is connected to: what its setting says, and the reasons that people are given."""

import re
from collections.abc import Iterable
from ipaddress import ip_address

import msgspec

ZONE = re.compile(r"[a-z0-9][a-z0-9-]{0,62}(/[a-z0-9][a-z0-9-]{0,62}){0,7}")
"""As the actor layer has it."""
ZONES_ARE = (
    "a zone is a name, or up to 8 with slashes between them, from the large to the small: eu or eu/de;"
    " a name has the characters a-z, 0-9 and -, and does not begin with -"
)
ALLOWED = (
    "zone=NAME, capability=NAME, capability=NAME=VALUE and address=IP are allowed, several with commas between them,"
    " such as zone=eu,address=192.0.2.7"
)
MOST = 16
"""Parts of a setting."""
LONGEST = 64
"""Characters of the name of a capability."""
ADDRESS = "address "
"""In front of an address that a node has, where its capabilities are listed: no name of a capability has a space."""

Capability = bool | int | float | str


class EgressError(ValueError):
    """It says nothing that can be done; the text is for the person who wrote it, and names what is allowed."""


class Egress(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a network asks of the node that connects to its server."""

    zones: tuple[str, ...] = ()
    """It is in one of them; none means any."""
    capabilities: dict[str, Capability] = {}
    """It has all of them, with these values."""
    addresses: tuple[str, ...] = ()
    """It has all of them, one of each family at most, and connects from them."""

    def __bool__(self) -> bool:
        """Whether it asks for anything."""
        return bool(self.zones or self.capabilities or self.addresses)

    def __str__(self) -> str:
        """Return it as it is written."""
        said = [f"capability={name}" + _said(value) for name, value in self.capabilities.items()]
        return ",".join([*(f"zone={z}" for z in self.zones), *said, *(f"address={a}" for a in self.addresses)])

    @property
    def needs(self) -> dict[str, Capability]:
        """The capabilities that a node must have, its addresses among them."""
        return self.capabilities | capabilities_of(self.addresses)


def capabilities_of(addresses: tuple[str, ...]) -> dict[str, Capability]:
    """Return addresses as a node tells others that it has them."""
    return {f"{ADDRESS}{parse_source(address)}": True for address in addresses}


def parse_egress(text: str) -> Egress:
    """Read a setting; empty text asks for nothing.

    Raises:
        EgressError: it is none.
    """
    zones: list[str] = []
    capabilities: dict[str, Capability] = {}
    addresses: list[str] = []
    parts = [part.strip() for part in text.split(",")] if text.strip() else []
    if len(parts) > MOST:
        raise EgressError(f"there are {len(parts)} parts, of at most {MOST}")
    for part in parts:
        match part.partition("="):
            case "zone", "=", name:
                zones.append(check_zone(name))
            case "capability", "=", named:
                name, equals, value = named.partition("=")
                _check_capability(name, capabilities)
                capabilities[name] = _value(value) if equals else True
            case "address", "=", address:
                addresses.append(parse_source(address))
            case _:
                raise EgressError(f"{part!r} is unknown: {ALLOWED}")
    if len({ip_address(address).version for address in addresses}) < len(addresses):
        raise EgressError("one address of IPv4 and one of IPv6 at most can be connected from")
    return Egress(tuple(dict.fromkeys(zones)), capabilities, tuple(addresses))


def check_zone(name: str) -> str:
    """Return the name of a zone.

    Raises:
        EgressError: it is none.
    """
    if not ZONE.fullmatch(name):
        raise EgressError(f"{name!r} cannot be a zone: {ZONES_ARE}")
    return name


def parse_source(text: str) -> str:
    """Return an address to connect from, in its usual form.

    Raises:
        EgressError: it is none.
    """
    try:
        address = ip_address(text)
    except ValueError:
        raise EgressError(f"{text!r} is no address, such as 192.0.2.7 or 2001:db8::7") from None
    if address.is_unspecified or address.is_multicast or "%" in text:
        raise EgressError(f"{text} is not the address of one machine, such as 192.0.2.7 or 2001:db8::7")
    return str(address)


def not_found(egress: Egress, offered: Iterable[str] | None) -> str:
    """Return why a network is not connected to now; ``offered`` is what a bouncer has that is no cluster."""
    if offered is None:
        return f"no node that is there now has {egress}; it connects when there is one"
    addresses = [f"address={name.removeprefix(ADDRESS)}" for name in offered]
    has = f"only {' or '.join(addresses)}" if addresses else "no egress to choose from"
    return f"this bouncer does not have {egress}, it has {has}"


def _check_capability(name: str, known: dict[str, Capability]) -> None:
    if not name or len(name) > LONGEST or not name.isprintable() or " " in name:
        raise EgressError(f"{name!r} is no name of a capability: up to {LONGEST} characters without spaces")
    if name in known:
        raise EgressError(f"the capability {name} is asked for twice")


def _value(text: str) -> Capability:
    """Read a value as the configuration of a node has it."""
    if text in ("true", "false"):
        return text == "true"
    if not text or not text.isprintable():
        raise EgressError("the value of a capability is true, false, a number, or a text without commas")
    for kind in (int, float):
        try:
            number = kind(text)
        except ValueError:
            continue
        return number if str(number) == text else text
    return text


def _said(value: Capability) -> str:
    return "" if value is True else f"={str(value).lower() if value is False else value}"
