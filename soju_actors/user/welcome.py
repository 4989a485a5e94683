"""What a client gets when it is attached (rows NUM-01, ATT-01 to ATT-07)."""

from collections.abc import Iterator

from soju_actors.irc.numerics import Numeric
from soju_actors.user.bouncer import NOTIFY, follow_networks, network_line
from soju_actors.user.isupport import list_lines
from soju_actors.user.own import own_lines
from soju_actors.user.rooms import enter_lines
from soju_actors.user.state import Client, NetworkState, UserState

VERSION = "soju-actors"
MODES = "aiwroO OovaimnqpsrtklbeI"
"""User and channel modes of 004: those that clients know of common servers."""


def welcome_lines(user: UserState, network: NetworkState | None, client: Client) -> Iterator[str]:
    """Yield the welcome burst."""
    hostname = user.settings.hostname
    start = f":{hostname} "
    nick = client.nick
    yield f"{start}{Numeric.RPL_WELCOME} {nick} :Welcome to soju-actors, {nick}"
    yield f"{start}{Numeric.RPL_YOURHOST} {nick} :Your host is {hostname}"
    yield f"{start}{Numeric.RPL_MYINFO} {nick} {hostname} {VERSION} {MODES}"
    yield from list_lines(user, network, client)
    yield from own_lines(user, network, client)
    yield from motd_lines(user, client)


def again_lines(user: UserState, network: NetworkState | None, client: Client, nick: str) -> Iterator[str]:
    """Yield what a client of a nick is told that goes on at another node: what may differ from what it knows."""
    yield from list_lines(user, network, client)
    if client.nick != nick:
        yield f":{nick} NICK {client.nick}"


def motd_lines(user: UserState, client: Client) -> Iterator[str]:
    """Yield the bouncer's message of the day, for unbound clients (row CFG-15)."""
    start = f":{user.settings.hostname}"
    if client.network or not user.settings.motd:
        yield f"{start} {Numeric.ERR_NOMOTD} {client.nick} :No MOTD"
        return
    yield f"{start} {Numeric.RPL_MOTDSTART} {client.nick} :- {user.settings.hostname} Message of the Day -"
    for line in user.settings.motd:
        yield f"{start} {Numeric.RPL_MOTD} {client.nick} :- {line}"
    yield f"{start} {Numeric.RPL_ENDOFMOTD} {client.nick} :End of /MOTD command"


def network_lines(user: UserState, client: Client) -> Iterator[str]:
    """Yield all networks for a client with notify (row ATT-03)."""
    if NOTIFY in client.caps:
        follow_networks(user)
        yield "BATCH +networks soju.im/bouncer-networks"
        for network in user.networks.values():
            yield f"@batch=networks {network_line(user, network)}"
        yield "BATCH -networks"


def room_lines(user: UserState, network: NetworkState, client: Client, wall: float) -> Iterator[str]:
    """Yield the channels that the client is in (row ATT-05)."""
    for room in network.rooms.values():
        saved = network.saved.get(room.name)
        if room.complete and (saved is None or not saved.detached):
            yield from enter_lines(user.settings.hostname, network, room, client, wall)
