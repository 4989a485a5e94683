"""``soju.im/bouncer-networks``: what clients see of the user's networks (rows CMD-29 to CMD-34, TOD-11).

Spec: https://codeberg.org/emersion/soju/src/branch/master/doc/ext/bouncer-networks.md
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

from soju_actors.irc.bouncer_networks import format_attributes
from soju_actors.user.identity import nick_for
from soju_actors.user.state import NetworkState, UserState

NOTIFY = "soju.im/bouncer-networks-notify"


def attributes(user: UserState, network: NetworkState) -> dict[str, str]:
    """Return what a client may read of a network; never its password (row CMD-34)."""
    record = network.record
    shown = {"name": record.name, "state": network.link.value, "nickname": nick_for(user, record)}
    parts = urlsplit(record.addr if "://" in record.addr else f"ircs://{record.addr}")
    if parts.hostname:
        tls = parts.scheme == "ircs"
        port = parts.port or (6697 if tls else 6667)
        shown |= {"host": parts.hostname, "port": str(port), "tls": "1" if tls else "0"}
    shown |= {"username": record.username, "realname": record.realname, "error": "" if network.up else network.error}
    return {key: value for key, value in shown.items() if value}


def network_line(user: UserState, network: NetworkState) -> str:
    """Return the BOUNCER NETWORK message of a network."""
    return _line(network, attributes(user, network))


def follow_networks(user: UserState) -> None:
    """Begin to announce what changes: a client that follows the networks is about to be shown all of them."""
    for network in user.networks.values():
        if network.announced is None:
            network.announced = attributes(user, network)
        else:
            announce_network(user, network)


def announce_network(user: UserState, network: NetworkState) -> None:
    """Tell clients that follow the networks what has changed of one; an empty value is none any more."""
    if not _is_followed(user):
        network.announced = None
        return
    now, before = attributes(user, network), network.announced or {}
    gone = dict.fromkeys(before.keys() - now.keys(), "")
    changed = {key: value for key, value in now.items() if before.get(key) != value}
    network.announced = now
    if changed or gone:
        _announce(user, _line(network, {**changed, **gone}))


def announce_all(user: UserState) -> None:
    """Do so for each network: a setting of the user has changed that they may share."""
    for network in user.networks.values():
        announce_network(user, network)


def announce_gone(user: UserState, network: NetworkState) -> None:
    """Tell clients with notify that a network is no more (row LIF-13)."""
    if _is_followed(user):
        _announce(user, f"BOUNCER NETWORK {network.id} *")


def _is_followed(user: UserState) -> bool:
    return any(NOTIFY in client.caps for client in user.clients.values())


def _line(network: NetworkState, shown: Mapping[str, str]) -> str:
    return f"BOUNCER NETWORK {network.id} {format_attributes(shown)}"


def _announce(user: UserState, line: str) -> None:
    user.lobby.line_if(line, needs=NOTIFY)
    for network in user.networks.values():
        network.feed.line_if(line, needs=NOTIFY)
