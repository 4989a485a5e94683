"""Commands that were not sent to a server: its queue is full, or they cannot be lines."""

from actors import Turn
from soju_actors.irc.labels import parse_label
from soju_actors.messages.user import ForwardRefused
from soju_actors.user.asking import is_question
from soju_actors.user.attaching import service_notice
from soju_actors.user.state import Ask, Client, NetworkState, UserState
from soju_actors.user.unanswered import give_up


def refused(user: UserState, network: NetworkState, msg: ForwardRefused, turn: Turn) -> None:
    """Tell whose command it was, or all clients if it was nobody's."""
    text = f"{msg.message.command} was not sent: {msg.reason}"
    item, client = _whose(network, msg)
    if item is not None and (item.frame is not None or is_question(item)):
        give_up(user, network, item, text, turn)
        return
    for other in network.clients if client is None else (client,):
        network.feed.line_to(other, service_notice(other, text))


def _whose(network: NetworkState, msg: ForwardRefused) -> tuple[Ask | None, Client | None]:
    asks = network.asks
    label = parse_label(msg.message.tag("label") or "")
    if label is not None:
        return asks.labelled.get(label[1]), network.with_serial(label[0])
    item = next((item for item in reversed(asks.plain.values()) if item.message == msg.message), None)
    return item, network.with_serial(item.client) if item is not None else None
