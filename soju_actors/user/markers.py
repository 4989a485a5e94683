"""Read markers: up to where the user has read, shared by all clients of a network (section 5.16 of the reference).

Spec: https://ircv3.net/specs/extensions/read-marker
"""

from actors import Turn
from soju_actors.irc.errors import fail
from soju_actors.irc.message import Message
from soju_actors.irc.replies import reply_to
from soju_actors.irc.server_time import format_timestamp
from soju_actors.ports.database import Saved, WriteFailed
from soju_actors.user.saving import Pending, continuation
from soju_actors.user.state import Client, NetworkState, UserState

CAP = "draft/read-marker"
OLD_CAP = "soju.im/read"
"""The same under an earlier name, with the command READ (row CAPD-16)."""


def marker_message(hostname: str, network: NetworkState | None, client: Client, target: str) -> Message:
    """Return what tells a client the read marker of a target; without a network there is none."""
    time = network.markers.get(target) if network else None
    stamp = "*" if time is None else format_timestamp(time)
    if CAP not in client.caps and OLD_CAP in client.caps:
        return _old(client.nick, target, stamp)
    return Message("MARKREAD", (target, stamp), source=hostname)


def _old(nick: str, target: str, stamp: str) -> Message:
    return Message("READ", (target, stamp), source=nick)


@continuation
def marker_saved(user: UserState, pending: Pending, done: Saved | WriteFailed, turn: Turn) -> None:
    """Tell all clients of the network that the user has read on, or the one that said so why that is lost."""
    del turn
    marker = pending.marker
    network = user.networks.get(marker.network_id) if marker else None
    if marker is None or network is None:
        return
    command, target = pending.words
    hostname = user.settings.hostname
    client = network.with_serial(pending.client)
    if isinstance(done, WriteFailed):
        if client is not None:
            error = fail(command, "INTERNAL_ERROR", target, f"The read marker could not be stored: {done.reason}")
            network.feed.line_to(client, str(reply_to(error, hostname, client.nick)))
    elif marker.time > network.markers.get(target, 0):
        network.markers[target] = marker.time
        _broadcast(hostname, network, target, marker.time)
    elif client is not None:
        network.feed.line_to(client, str(marker_message(hostname, network, client, target)))


def _broadcast(hostname: str, network: NetworkState, target: str, time: int) -> None:
    """Tell the clients that have one of the two capabilities (row RMK-02), and no others (row TOD-11)."""
    stamp = format_timestamp(time)
    network.feed.line_if(str(Message("MARKREAD", (target, stamp), source=hostname)), needs=CAP)
    network.feed.line_if(str(_old(network.nick, target, stamp)), needs=OLD_CAP, lacks=CAP)
