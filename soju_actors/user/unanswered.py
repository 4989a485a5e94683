"""Commands that a server does not answer (rows RTE-03, RTE-05, LIM-14, TOD-08)."""

from collections.abc import Collection

from actors import Turn
from soju_actors.irc.answers import ANSWERS, kind_of
from soju_actors.irc.message import Message
from soju_actors.irc.numerics import Numeric
from soju_actors.irc.replies import sayable
from soju_actors.policy.rate import TOLERANCE
from soju_actors.user.asking import LATE, MOST_LATE, alarm_of, due_at, forget, go_on, in_order, is_question, watch
from soju_actors.user.state import Ask, Client, NetworkState, UserState


def due(user: UserState, network: NetworkState, turn: Turn) -> None:
    """Give up what a server has not answered in time; without waiting for the next question (unlike row RTE-03)."""
    asks = network.asks
    asks.watched = False
    asks.late = [item for item in asks.late if turn.now - item.since < LATE - TOLERANCE]
    overdue = [item for item in in_order(asks) if due_at(asks, item) <= turn.now + TOLERANCE]
    late = [item for item in overdue if item.sent and item.number in asks.plain and is_question(item)]
    _give_up(user, network, overdue, "The server has not answered")
    asks.late = [*asks.late, *late][-MOST_LATE:]
    go_on(network, turn)
    watch(network, turn)


def give_up(user: UserState, network: NetworkState, item: Ask, reason: str, turn: Turn) -> None:
    """Tell a client that its command is not answered, and go on with the next one."""
    _give_up(user, network, (item,), reason)
    go_on(network, turn)


def give_up_all(user: UserState, network: NetworkState, reason: str, turn: Turn) -> None:
    """Tell clients that nothing is answered any more: the server is gone."""
    asks = network.asks
    _give_up(user, network, in_order(asks), reason)
    asks.queues.clear()
    asks.late.clear()
    asks.fence = 0
    asks.watched = False
    turn.cancel(alarm_of(network))


def _give_up(user: UserState, network: NetworkState, items: Collection[Ask], reason: str) -> None:
    """Tell clients that their commands are not answered (row RTE-05)."""
    for item in items:
        client = network.with_serial(item.client)
        mark, frame = network.feed.mark(), item.frame
        if client is not None and (frame is not None or is_question(item)):
            network.feed.line_to(client, failure_line(user, client, item.message, reason))
        if frame is not None:
            item.frame = None
            frame.waits -= 1
            network.feed.enclose(mark, frame)
        forget(network.asks, item)


def failure_line(user: UserState, client: Client, message: Message, reason: str) -> str:
    """Return the line that ends a command without an answer."""
    answer = ANSWERS.get(kind_of(message))
    hostname = user.settings.hostname
    if answer is None or answer.failure == Numeric.ERR_UNKNOWNERROR:
        line = Message(Numeric.ERR_UNKNOWNERROR, (client.nick, message.command, reason), hostname)
    elif answer.failure == "FAIL":
        account = message.params[0] if message.params else "*"
        line = Message("FAIL", (message.command, "TEMPORARILY_UNAVAILABLE", account, reason), hostname)
    else:
        about = () if answer.about is None else (message.params or ("*",))[answer.about : answer.about + 1 or None]
        line = Message(answer.failure, (client.nick, *about, reason), hostname)
    return str(sayable(line))
