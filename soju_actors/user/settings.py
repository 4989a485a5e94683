"""Which settings a network may have."""

import msgspec

from soju_actors.irc.names import valid_nick
from soju_actors.model.records import Network
from soju_actors.policy.address import AddressError, parse_address
from soju_actors.user.state import UserState

MOST_COMMANDS = 20
"""Connect commands of a network (row LIM-23)."""


class SettingError(Exception):
    """A setting is wrong; the text is for a person. ``unknown`` names an attribute that does not exist."""

    def __init__(self, text: str, unknown: str = "") -> None:
        super().__init__(text)
        self.unknown = unknown


def check_network(user: UserState, record: Network, *, admin: bool) -> None:
    """Check the settings of a network, new or changed (row SVC-02).

    Raises:
        SettingError: for the first thing that is wrong.
    """
    _check_name(user, record)
    try:
        address = parse_address(record.addr)
    except AddressError as error:
        raise SettingError(str(error)) from None
    if address.path and not admin:
        raise SettingError("Only an admin may connect to a Unix socket")
    if record.nick and not valid_nick(record.nick):
        raise SettingError(f"{record.nick!r} is no nick")
    _check_texts(record)
    limit = user.record.max_networks if user.record.max_networks >= 0 else user.settings.max_networks
    enabled = sum(n.record.enabled and n.id != record.id for n in user.networks.values())
    if record.enabled and 0 <= limit <= enabled:
        raise SettingError(f"You may have {limit} enabled networks, no more")


def _check_name(user: UserState, record: Network) -> None:
    if not record.name or record.name == "*" or record.name[0] == "-" or set(record.name) & set(" /@\0\r\n"):
        raise SettingError(f"{record.name!r} is no name for a network: no space, / or @, no - in front, not *")
    if any(n.record.name == record.name and n.id != record.id for n in user.networks.values()):
        raise SettingError(f"There is a network named {record.name!r} already")


def _check_texts(record: Network) -> None:
    """Refuse what would end a line."""
    for name in ("username", "realname", "password", "sasl_username", "sasl_password"):
        if set(getattr(record, name)) & set("\0\r\n"):
            raise SettingError(f"The {name} has a line break")
    if len(record.connect_commands) > MOST_COMMANDS:
        raise SettingError(f"There are more than {MOST_COMMANDS} connect commands")
    if any(set(command) & set("\0\r\n") for command in record.connect_commands):
        raise SettingError("A connect command has a line break")


def apply_attributes(record: Network, given: dict[str, str]) -> Network:
    """Return a network with attributes of ``soju.im/bouncer-networks`` applied (row CMD-34).

    Raises:
        SettingError: an attribute does not exist, cannot be written, or has a wrong value.
    """
    fields = {"name": "name", "nickname": "nick", "username": "username", "realname": "realname", "pass": "password"}
    where = {"host", "port", "tls"}
    changes: dict[str, str] = {}
    for key, value in given.items():
        if key in fields:
            changes[fields[key]] = value
        elif key not in where:
            raise SettingError(f"There is no attribute {key!r} that can be set", unknown=key)
    if where & given.keys():
        changes["addr"] = _address(record, given)
    record = msgspec.structs.replace(record, **changes)
    return record if record.name else msgspec.structs.replace(record, name=given.get("host", ""))


def _address(record: Network, given: dict[str, str]) -> str:
    """Return the address with host, port and TLS changed."""
    host, port, tls = given.get("host", ""), given.get("port", ""), given.get("tls", "")
    if record.addr:
        old = parse_address(record.addr)
        host = host or old.host
        tls = tls or ("1" if old.tls else "0")
        port = port or ("" if "tls" in given and "port" not in given else str(old.port))
    if tls not in ("", "0", "1"):
        raise SettingError(f"The attribute tls is 0 or 1, not {tls!r}")
    if port and not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):  # noqa: PLR2004 - ports
        raise SettingError(f"The port is a number from 1 to 65535, not {port!r}")
    scheme = "irc+insecure" if tls == "0" else "ircs"
    shown = f"[{host}]" if ":" in host and not host.startswith("[") else host
    return f"{scheme}://{shown}" + (f":{port}" if port else "")
