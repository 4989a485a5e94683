"""Which settings a network may have."""

from soju_actors.irc.names import valid_nick
from soju_actors.model.records import Network
from soju_actors.policy.address import AddressError, parse_address
from soju_actors.user.state import UserState

MOST_COMMANDS = 20
"""Connect commands of a network (row LIM-23)."""


class SettingError(Exception):
    """A setting is wrong; the text is for a person.

    ``field`` is that of the network's record, empty where it is not about one alone.
    """

    def __init__(self, text: str, field: str = "") -> None:
        super().__init__(text)
        self.field = field


def check_network(user: UserState, record: Network, *, admin: bool) -> None:
    """Check the settings of a network, new or changed (row SVC-02).

    Raises:
        SettingError: for the first thing that is wrong.
    """
    _check_name(user, record)
    try:
        address = parse_address(record.addr)
    except AddressError as error:
        raise SettingError(str(error), "addr") from None
    if address.path and not admin:
        raise SettingError("Only an admin may connect to a Unix socket", "addr")
    if address.path and "address=" in record.egress:
        raise SettingError("A Unix socket is not connected to from an address", "egress")
    if record.nick and not valid_nick(record.nick):
        raise SettingError(f"{record.nick!r} is no nick", "nick")
    _check_texts(record)
    limit = user.record.max_networks if user.record.max_networks >= 0 else user.settings.max_networks
    enabled = sum(n.record.enabled and n.id != record.id for n in user.networks.values())
    if record.enabled and 0 <= limit <= enabled:
        raise SettingError(f"You may have {limit} enabled networks, no more")


def _check_name(user: UserState, record: Network) -> None:
    if not record.name or record.name == "*" or record.name[0] == "-" or set(record.name) & set(" /@\0\r\n"):
        reason = f"{record.name!r} is no name for a network: no space, / or @, no - in front, not *"
        raise SettingError(reason, "name")
    if any(n.record.name == record.name and n.id != record.id for n in user.networks.values()):
        raise SettingError(f"There is a network named {record.name!r} already", "name")


def _check_texts(record: Network) -> None:
    """Refuse what would end a line."""
    for name in ("username", "realname", "password", "sasl_username", "sasl_password"):
        if set(getattr(record, name)) & set("\0\r\n"):
            raise SettingError(f"The {name} has a line break", name)
    if len(record.connect_commands) > MOST_COMMANDS:
        raise SettingError(f"There are more than {MOST_COMMANDS} connect commands")
    if any(set(command) & set("\0\r\n") for command in record.connect_commands):
        raise SettingError("A connect command has a line break")
