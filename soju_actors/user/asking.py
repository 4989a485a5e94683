"""Commands of clients on their way to a server, until they are answered (rows RTE-01 to RTE-07).

A server with labels says itself what it answers. On one without, questions of a kind
are asked one after the other, and other commands are remembered for a while, so that
errors find who gave them.
"""

from collections import deque
from collections.abc import Collection

import msgspec

from actors import Turn
from soju_actors.irc.answers import ANSWERS, kind_of
from soju_actors.irc.errors import ReplyError
from soju_actors.irc.labels import make_label
from soju_actors.irc.message import Message
from soju_actors.irc.numerics import Numeric
from soju_actors.irc.replies import sayable
from soju_actors.messages.upstream import Forward
from soju_actors.ports.protocols import ToUser
from soju_actors.user.state import Ask, Asks, Client, NetworkState, UserState

PATIENCE = 30.0
"""Seconds of silence after which a command counts as not answered (row LIM-14)."""
LATE = 300.0
"""Seconds for which the answer to one that was given up is still known."""
MOST = 500
"""Commands of a network that may wait for an answer."""
MOST_REMEMBERED = 100
"""Commands without a certain answer that are remembered."""
MOST_LATE = 16


class AnswersDue(msgspec.Struct, ToUser, frozen=True, tag="user.answers-due"):
    """Alarm: a server has had its time to answer."""

    network: int


def ask(network: NetworkState, client: Client, message: Message, turn: Turn) -> None:
    """Send a command of a client to its server, or let it wait for its turn; its answer is for that client.

    Raises:
        ReplyError: too many commands wait for an answer.
    """
    asks = network.asks
    kind = kind_of(message)
    answer = ANSWERS.get(kind)
    queue = answer.queue if answer is not None else ""
    labels = "labeled-response" in network.caps and not (answer is not None and answer.alone)
    if queue or not labels:
        _make_room(asks, message.command)
    asks.numbers += 1
    item = Ask(asks.numbers, client.serial, message, kind, turn.now)
    if labels:
        if queue:
            asks.labelled[item.number] = item
        turn.send(network.upstream, Forward((_labelled(item),)))
    else:
        asks.plain[item.number] = item
        if queue:
            _line_up(network, asks.queues.setdefault(queue, deque()), item, turn)
        else:
            network.send(turn, message)
    _watch(network, turn)


def _labelled(item: Ask) -> Message:
    """Return a command with a label that tells whose it is (row RTE-01)."""
    message = item.message
    tags = {key: value for key, value in message.tag_map().items() if key != "label"} if message.tags else {}
    return message.with_tags({**tags, "label": make_label(item.client, item.number)})


def _line_up(network: NetworkState, queue: deque[Ask], item: Ask, turn: Turn) -> None:
    queue.append(item)
    if queue[0] is item:
        network.send(turn, item.message)
    else:
        item.sent = False


def _make_room(asks: Asks, command: str) -> None:
    """Forget the oldest of the remembered commands if there are many.

    Raises:
        ReplyError: 263, if all wait for an answer.
    """
    remembered = [number for number, item in asks.plain.items() if not _is_question(item)]
    if len(remembered) >= MOST_REMEMBERED:
        del asks.plain[remembered[0]]
    if len(asks.plain) + len(asks.labelled) >= MOST:
        raise ReplyError(Numeric.RPL_TRYAGAIN, command, "Too many commands wait for an answer of the server")


def _is_question(item: Ask) -> bool:
    """Whether its answer has an end."""
    answer = ANSWERS.get(item.kind)
    return answer is not None and bool(answer.queue)


def under_way(network: NetworkState, queue: str) -> Ask | None:
    """Return the command of a queue that the server is answering."""
    waiting = network.asks.queues.get(queue)
    return waiting[0] if waiting else None


def answered(network: NetworkState, item: Ask, turn: Turn) -> None:
    """Forget a command that is answered, and ask the next one of its queue."""
    _forget(network.asks, item)
    _go_on(network, turn)


def _forget(asks: Asks, item: Ask) -> None:
    """Take a command out of all lists; what waits behind it is not sent yet."""
    asks.labelled.pop(item.number, None)
    asks.plain.pop(item.number, None)
    if item in asks.late:
        asks.late.remove(item)
    queue = _queue_of(asks, item)
    if queue is not None and item in queue:
        queue.remove(item)


def _queue_of(asks: Asks, item: Ask) -> deque[Ask] | None:
    answer = ANSWERS.get(item.kind)
    return asks.queues.get(answer.queue) if answer is not None else None


def _go_on(network: NetworkState, turn: Turn) -> None:
    """Ask what is the first of its queue now."""
    queues = network.asks.queues
    for name, queue in list(queues.items()):
        if not queue:
            del queues[name]
        elif not queue[0].sent:
            queue[0].sent, queue[0].since = True, turn.now
            network.send(turn, queue[0].message)


def _give_up(user: UserState, network: NetworkState, items: Collection[Ask], reason: str) -> None:
    """Tell clients that their commands are not answered (row RTE-05)."""
    for item in items:
        client = network.with_serial(item.client)
        if client is not None and _is_question(item):
            network.feed.line_to(client, failure_line(user, client, item.message, reason))
        _forget(network.asks, item)


def give_up_all(user: UserState, network: NetworkState, reason: str, turn: Turn) -> None:
    """Tell clients that nothing is answered any more: the server is gone."""
    asks = network.asks
    _give_up(user, network, _in_order(asks), reason)
    asks.queues.clear()
    asks.late.clear()
    asks.watched = False
    turn.cancel(_alarm(network))


def due(user: UserState, network: NetworkState, turn: Turn) -> None:
    """Give up what a server has not answered in time; without waiting for the next question (unlike row RTE-03)."""
    asks = network.asks
    asks.watched = False
    asks.late = [item for item in asks.late if turn.now - item.since < LATE]
    overdue = [item for item in _in_order(asks) if _due_at(asks, item) <= turn.now]
    late = [item for item in overdue if item.sent and item.number in asks.plain and _is_question(item)]
    _give_up(user, network, overdue, "The server has not answered")
    asks.late = [*asks.late, *late][-MOST_LATE:]
    _go_on(network, turn)
    _watch(network, turn)


def _due_at(asks: Asks, item: Ask) -> float:
    """Return when a command is overdue: what waits behind a question not before that is overdue itself."""
    queue = _queue_of(asks, item)
    return max(item.since, queue[0].since if queue else 0.0) + PATIENCE


def _in_order(asks: Asks) -> list[Ask]:
    return sorted([*asks.plain.values(), *asks.labelled.values()], key=_number)


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


def forget_client(network: NetworkState, serial: int) -> None:
    """Take what a client that leaves has waiting out of the queues; what is under way is swallowed (row RTE-04)."""
    asks = network.asks
    for queue in asks.queues.values():
        leaving = [item for item in queue if not item.sent and item.client == serial]
        for item in leaving:
            _forget(asks, item)


def _watch(network: NetworkState, turn: Turn) -> None:
    """Set the alarm for the command that is the first to be overdue."""
    asks = network.asks
    if asks.watched or not (asks.plain or asks.labelled or asks.late):
        return
    asks.watched = True
    times = [_due_at(asks, item) for item in _in_order(asks)]
    times += [item.since + LATE for item in asks.late]
    turn.after(_alarm(network), max(0.0, min(times) - turn.now), AnswersDue(network.id))


def _alarm(network: NetworkState) -> str:
    return f"answers-{network.id}"


def _number(item: Ask) -> int:
    return item.number
