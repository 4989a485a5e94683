"""``soju.im/bouncer-networks``: what clients see of the user's networks (rows CMD-29 to CMD-34).

Spec: https://codeberg.org/emersion/soju/src/branch/master/doc/ext/bouncer-networks.md
"""

from urllib.parse import urlsplit

from soju_actors.irc.bouncer_networks import format_attributes
from soju_actors.user.state import NetworkState, UserState

NOTIFY = "soju.im/bouncer-networks-notify"


def attributes(network: NetworkState) -> dict[str, str]:
    """Return what a client may read of a network; never its password (row CMD-34)."""
    record = network.record
    shown = {"name": record.name, "state": network.link.value, "nickname": network.nick}
    parts = urlsplit(record.addr if "://" in record.addr else f"ircs://{record.addr}")
    if parts.hostname:
        tls = parts.scheme == "ircs"
        port = parts.port or (6697 if tls else 6667)
        shown |= {"host": parts.hostname, "port": str(port), "tls": "1" if tls else "0"}
    shown |= {"username": record.username, "realname": record.realname, "error": "" if network.up else network.error}
    return {key: value for key, value in shown.items() if value}


def network_line(network: NetworkState) -> str:
    """Return the BOUNCER NETWORK message of a network."""
    return f"BOUNCER NETWORK {network.id} {format_attributes(attributes(network))}"


def announce_network(user: UserState, network: NetworkState) -> None:
    """Tell clients with notify how a network stands now."""
    _announce(user, network_line(network))


def announce_gone(user: UserState, network: NetworkState) -> None:
    """Tell clients with notify that a network is no more (row LIF-13)."""
    _announce(user, f"BOUNCER NETWORK {network.id} *")


def _announce(user: UserState, line: str) -> None:
    user.lobby.line_if(line, needs=NOTIFY)
    for network in user.networks.values():
        network.feed.line_if(line, needs=NOTIFY)
