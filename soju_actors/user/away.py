"""The user is away from a network when all clients are (section 5.7 of the reference)."""

from actors import Turn
from soju_actors.irc.message import Message
from soju_actors.policy.away import ABSENT, away_text
from soju_actors.user.state import Client, NetworkState

USUAL = "Auto away"


def client_away(network: NetworkState, client: Client, text: str | None, turn: Turn) -> None:
    """Note that a client's user goes away, or is there; the server is told what follows from all of them."""
    network.aways += 1
    client.away, client.away_at = text, network.aways
    if text is None:
        network.left_away = ""
    sync_away(network, turn)


def client_left(network: NetworkState, client: Client, turn: Turn) -> None:
    """Go on without a client; what it has said on going away still holds, while nobody else is there."""
    if client.away is not None and client.away != ABSENT and all(c.away is not None for c in network.clients):
        network.left_away = client.away
    sync_away(network, turn)


def sync_away(network: NetworkState, turn: Turn) -> None:
    """Tell the server if it does not know (rows AWY-01 to AWY-03)."""
    if not network.up:
        return
    record = network.record
    usual = ABSENT if "draft/pre-away" in network.available else USUAL
    texts = [client.away for client in network.clients]
    text = away_text(texts, _said_last(network), usual, auto=record.auto_away, forward=record.forward_away)
    if text != network.away:
        network.away = text
        network.send(turn, Message("AWAY", () if text is None else (text,)))


def _said_last(network: NetworkState) -> str:
    """Return the text of the client that went away last."""
    said = [(client.away_at, client.away) for client in network.clients if client.away and client.away != ABSENT]
    return max(said)[1] if said else network.left_away
