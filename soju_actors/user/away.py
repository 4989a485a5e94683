"""The user is away from a network when all clients are (section 5.7 of the reference)."""

from actors import Turn
from soju_actors.irc.message import Message
from soju_actors.user.state import NetworkState


def sync_away(network: NetworkState, turn: Turn) -> None:
    """Tell the server if this has changed (rows AWY-01 to AWY-03)."""
    if not network.up or not network.record.auto_away:
        return
    away = all(client.away is not None for client in network.clients)
    if away == network.away:
        return
    network.away = away
    text = "*" if "draft/pre-away" in network.available else "Auto away"
    network.send(turn, Message("AWAY", (text,) if away else ()))
