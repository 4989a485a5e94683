"""Attributes of ``soju.im/bouncer-networks`` that clients set (rows CMD-30, CMD-31, CMD-34).

Spec: https://codeberg.org/emersion/soju/src/branch/master/doc/ext/bouncer-networks.md#errors
"""

from collections.abc import Mapping

import msgspec

from soju_actors.irc.bouncer_networks import READABLE, WRITABLE
from soju_actors.model.records import Network
from soju_actors.policy.address import AddressError, parse_address

FIELDS = {"name": "name", "nickname": "nick", "username": "username", "realname": "realname", "pass": "password"}
"""Fields of a network by the attributes that are them."""
ADDRESS = ("host", "port", "tls")
"""Attributes that make up the address."""


class AttributeRefusedError(Exception):
    """An attribute cannot be set; ``code`` is one of the specification, the text is for a person."""

    def __init__(self, code: str, attribute: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.attribute = attribute


def apply_attributes(record: Network, given: Mapping[str, str]) -> Network:
    """Return a network with attributes applied; one without a name is called as its host.

    Raises:
        AttributeRefusedError: an attribute does not exist, cannot be set, or has a wrong value.
    """
    for key in given:
        if key not in WRITABLE:
            code = "READ_ONLY_ATTRIBUTE" if key in READABLE else "UNKNOWN_ATTRIBUTE"
            what = "can only be read" if key in READABLE else f"does not exist; there are {', '.join(WRITABLE)}"
            raise AttributeRefusedError(code, key, f"This attribute {what}")
    changes = {FIELDS[key]: value for key, value in given.items() if key in FIELDS}
    if not given.keys().isdisjoint(ADDRESS):
        try:
            changes["addr"] = _address(record, given)
        except AddressError as error:
            raise AttributeRefusedError("INVALID_ATTRIBUTE", "host", str(error)) from None
    record = msgspec.structs.replace(record, **changes)
    return record if record.name else msgspec.structs.replace(record, name=given.get("host", ""))


def attribute_of(field: str, given: Mapping[str, str]) -> str:
    """Return the attribute that stands behind a field of the record, of those that were given."""
    if field == "addr":
        return next((name for name in ADDRESS if name in given), "host")
    return next((name for name, named in FIELDS.items() if named == field), "")


def _address(record: Network, given: Mapping[str, str]) -> str:
    """Return the address with host, port and TLS changed.

    Raises:
        AddressError: that is none.
        AttributeRefusedError: the port or TLS is none.
    """
    host, port, tls = given.get("host", ""), given.get("port", ""), given.get("tls", "")
    if record.addr:
        host, port, tls = _filled(record.addr, given)
    if tls not in ("", "0", "1"):
        raise AttributeRefusedError("INVALID_ATTRIBUTE", "tls", f"tls is 0 or 1, not {tls!r}")
    if port and not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):  # noqa: PLR2004 - ports
        raise AttributeRefusedError("INVALID_ATTRIBUTE", "port", f"The port is a number from 1 to 65535, not {port!r}")
    scheme = "irc+insecure" if tls == "0" else "ircs"
    shown = f"[{host}]" if ":" in host and not host.startswith("[") else host
    addr = f"{scheme}://{shown}" + (f":{port}" if port else "")
    parse_address(addr)
    return addr


def _filled(addr: str, given: Mapping[str, str]) -> tuple[str, str, str]:
    """Return host, port and TLS, with what is not given as it was, but for the port of another kind of connection."""
    old = parse_address(addr)
    kept_port = "" if "tls" in given else str(old.port)
    tls = given.get("tls", "") or ("1" if old.tls else "0")
    return given.get("host", "") or old.host, given.get("port", "") or kept_port, tls
