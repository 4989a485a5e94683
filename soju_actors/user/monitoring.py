"""MONITOR, shared by all clients of a network and the bouncer itself (row CCH-04).

Spec: https://ircv3.net/specs/extensions/monitor
Spec: https://ircv3.net/specs/extensions/extended-monitor
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from actors import Turn
from soju_actors.irc.message import Message
from soju_actors.irc.monitor import monitor_commands, monitor_full
from soju_actors.irc.source import nick_of
from soju_actors.policy.monitoring import Watched
from soju_actors.policy.service import SERVICE_NICK, SERVICE_SOURCE
from soju_actors.user.state import Client, NetworkState, UserState

if TYPE_CHECKING:
    from soju_actors.user.said import Said

EXTENDED = frozenset({"extended-monitor", "draft/extended-monitor"})
"""With one of these a server tells more of a monitored nick than whether it is online."""


def touch(user: UserState, network: NetworkState) -> None:
    """Have the server told at the end of the turn what is monitored now."""
    user.unsynced.add(network.id)


def reset(user: UserState, network: NetworkState) -> None:
    """Begin anew: the server's list is empty."""
    network.monitor.reset()
    touch(user, network)


def watch(network: NetworkState, client: Client, nick: str) -> Watched | None:
    """Monitor a nick for a client; None if it does so already."""
    watched = network.monitor.watch(nick, client.serial)
    if watched is not None and not watched.told and network.fold(nick) == network.fold(SERVICE_NICK):
        watched.local, watched.seen = True, SERVICE_SOURCE
    return watched


def leave(user: UserState, network: NetworkState, client: Client) -> None:
    """Monitor nothing any more for a client."""
    if network.monitor.leave(client.serial):
        touch(user, network)


def sync(user: UserState, turn: Turn) -> None:
    """Tell the servers what has changed in this turn."""
    for number in user.unsynced:
        network = user.networks.get(number)
        if network is not None:
            _sync(user, network, turn)
    user.unsynced = set()


def _sync(user: UserState, network: NetworkState, turn: Turn) -> None:
    gone = network.monitor.forget()
    for watched in gone:
        forget_stranger(network, watched.nick)
    limit = network.isupport.monitor
    if not network.up or limit == 0:
        return
    changes = network.monitor.changes(gone, limit)
    per_line = network.isupport.targmax("MONITOR")
    commands = [
        *([Message("MONITOR", ("C",))] if changes.clear else []),
        *monitor_commands("-", changes.remove, per_line=per_line),
        *monitor_commands("+", changes.add, per_line=per_line),
    ]
    if commands:
        network.send(turn, *commands)
    tell_full(user, network, changes.left)


def tell_full(user: UserState, network: NetworkState, left: Iterable[Watched]) -> None:
    """Tell the clients which of their nicks the server has no room for; they come to be watched when it has."""
    by_client: dict[int, list[str]] = {}
    for watched in left:
        for serial, nick in watched.watchers.items():
            by_client.setdefault(serial, []).append(nick)
    for client in network.clients:
        if client.serial in by_client:
            network.feed.lines_to(client, full_lines(user, network, client, by_client[client.serial]))


def full_lines(user: UserState, network: NetworkState, client: Client, nicks: Iterable[str]) -> list[str]:
    """Return the answer about nicks for which the server's list has no room."""
    limits = [number for number in (network.isupport.monitor, network.monitor.full) if number is not None]
    return [str(line) for line in monitor_full(user.settings.hostname, client.nick, str(min(limits, default=0)), nicks)]


def show_change(said: "Said", cap: str) -> None:
    """Show what has changed of somebody to the clients with a capability that may know of it.

    These are all where the user shares a channel with them, else those that monitor the
    nick and want to know more of it than whether it is online.
    """
    network = said.network
    nick = nick_of(said.message.source)
    watched = network.monitor.find(nick)
    if watched is None or network.is_me(nick) or shares_channel(network, nick):
        network.feed.line_if(said.line(), needs=cap)
        return
    for client in network.clients:
        if client.serial in watched.watchers and cap in client.caps and client.caps & EXTENDED:
            network.feed.line_to(client, said.line())


def shares_channel(network: NetworkState, nick: str) -> bool:
    """Whether somebody is in a channel that the user is in."""
    folded = network.fold(nick)
    return any(folded in room.members for room in network.rooms.values())


def is_followed(network: NetworkState, nick: str) -> bool:
    """Whether the server tells all changes of somebody who may share no channel with the user (row CCH-02)."""
    watched = network.monitor.find(nick) if network.caps & EXTENDED else None
    return watched is not None and bool(watched.seen)


def forget_stranger(network: NetworkState, nick: str) -> None:
    """Forget who somebody is of whom nothing more will be heard."""
    if nick in network.people and not network.is_me(nick) and not shares_channel(network, nick):
        del network.people[nick]
