"""In a cluster: what a client has asked of its user's actor is kept where the client is, for the next actor."""

from actors import Turn
from soju_actors.messages.downstream import SessionState
from soju_actors.messages.user import ClientSaid
from soju_actors.user import monitoring
from soju_actors.user.state import Client, NetworkState, UserState

KEPT = frozenset({"AWAY", "METADATA", "MONITOR"})
"""Commands with which a client changes it."""


def keep(user: UserState, client: Client, msg: ClientSaid, turn: Turn) -> None:
    """Let a client's connection know what the client has asked for, before the client is told that it has."""
    if user.mandate is None or KEPT.isdisjoint(message.command for message in msg.messages):
        return
    network = user.network_of(client)
    monitored = [] if network is None else network.monitor.of(client.serial)
    nicks = tuple(watched.watchers[client.serial] for watched in monitored)
    turn.send(client.ref, SessionState(client.away, client.subs, nicks))


def monitor_again(user: UserState, network: NetworkState, client: Client, nicks: tuple[str, ...]) -> None:
    """Monitor what a client monitored before; it is told who is online when the server has told it."""
    for nick in nicks:
        monitoring.watch(network, client, nick)
    if nicks:
        monitoring.touch(user, network)
