"""Commands of clients on their way to a server, until they are answered (rows RTE-01 to RTE-07).

A server with labels says itself what it answers. On one without, questions of a kind
are asked one after the other, and other commands are remembered for a while, so that
errors find who gave them.
"""

from collections import deque

import msgspec

from actors import Turn
from soju_actors.irc.answers import ANSWERS, kind_of
from soju_actors.irc.errors import ReplyError
from soju_actors.irc.labels import make_label
from soju_actors.irc.message import Message
from soju_actors.irc.numerics import Numeric
from soju_actors.messages.upstream import Forward
from soju_actors.ports.protocols import ToUser
from soju_actors.user.feed import Frame
from soju_actors.user.state import Ask, Asks, Client, NetworkState

PATIENCE = 30.0
"""Seconds of silence after which a command counts as not answered (row LIM-14)."""
MOST_LATE = 16
"""Questions whose answers would still be known although nobody counts on them any more."""
LATE = 300.0
"""Seconds for which the answer to one that was given up is still known."""
MOST = 500
"""Commands of a network that may wait for an answer."""
MOST_REMEMBERED = 100
"""Commands without a certain answer that are remembered."""
FENCE = "soju-actors.fence-"


class AnswersDue(msgspec.Struct, ToUser, frozen=True, tag="user.answers-due"):
    """Alarm: a server has had its time to answer."""

    network: int


def ask(  # noqa: PLR0917
    network: NetworkState,
    client: Client,
    message: Message,
    turn: Turn,
    frame: Frame | None = None,
    rest: tuple[Message, ...] = (),
) -> None:
    """Send a command of a client to its server, or let it wait for its turn; its answer is for that client.

    The ``rest`` is the batch that a BATCH begins: all of it is sent at once.

    It is a part of the answer to the client's label unless it has none if all goes well, and the server does not
    label what goes wrong either: then the bouncer's own echo, or ACK, is all that the label gets.

    Raises:
        ReplyError: too many commands wait for an answer.
    """
    asks = network.asks
    kind = kind_of(message)
    answer = ANSWERS.get(kind)
    queue = answer.queue if answer is not None else ""
    labels = "labeled-response" in network.caps and not (answer is not None and answer.alone)
    if answer is not None and answer.silent and not (labels and "echo-message" in network.caps):
        frame = None
    if queue or frame or not labels:
        _make_room(asks, message.command)
    asks.numbers += 1
    item = Ask(asks.numbers, client.serial, message, kind, turn.now, frame=frame)
    if frame is not None:
        frame.waits += 1
    if labels:
        if queue or frame:
            asks.labelled[item.number] = item
        turn.send(network.upstream, Forward((_labelled(item), *rest), together=bool(rest)))
    else:
        asks.plain[item.number] = item
        if queue:
            _line_up(network, asks.queues.setdefault(queue, deque()), item, turn)
        else:
            turn.send(network.upstream, Forward((message, *rest), together=bool(rest)))
            asks.fence = item.number if frame else asks.fence
    watch(network, turn)


def _labelled(item: Ask) -> Message:
    """Return a command with a label that tells whose it is (row RTE-01)."""
    message = item.message
    tags = {key: value for key, value in message.tag_map().items() if key != "label"} if message.tags else {}
    return message.with_tags({**tags, "label": make_label(item.client, item.number)})


def _line_up(network: NetworkState, queue: deque[Ask], item: Ask, turn: Turn) -> None:
    queue.append(item)
    if queue[0] is item:
        _send(network, item, turn)
    else:
        item.sent = False


def _send(network: NetworkState, item: Ask, turn: Turn) -> None:
    """Send a question."""
    item.sent, item.since = True, turn.now
    network.send(turn, item.message)
    answer = ANSWERS.get(item.kind)
    if answer is not None and answer.fenced:
        network.send(turn, Message("PING", (f"{FENCE}{item.number}",)))


def fence(network: NetworkState | None, turn: Turn) -> None:
    """Send a PING behind commands of which only what follows them tells that they are answered.

    Servers answer in order: its PONG is behind all that they had to say.
    """
    if network is not None and network.asks.fence:
        network.send(turn, Message("PING", (f"{FENCE}{network.asks.fence}",)))
        network.asks.fence = 0


def passed(network: NetworkState, token: str, turn: Turn) -> None:
    """A PONG has come: what was sent before its PING, and has no end by which it is known, is answered.

    What is no question stays remembered all the same: some servers ask others, and answer later.
    """
    number = token.removeprefix(FENCE)
    if number == token or not number.isdecimal():
        return
    for item in list(network.asks.plain.values()):
        if item.number <= int(number) and item.sent and not _has_end(item):
            complete(network, item)
            if is_question(item):
                forget(network.asks, item)
    go_on(network, turn)


def complete(network: NetworkState, item: Ask) -> None:
    """End the part of an answer with a label that a command is."""
    frame, item.frame = item.frame, None
    if frame is not None:
        frame.waits -= 1
        network.feed.enclose(network.feed.mark(), frame)


def _make_room(asks: Asks, command: str) -> None:
    """Forget the oldest of the remembered commands if there are many.

    Raises:
        ReplyError: 263, if all wait for an answer.
    """
    remembered = [number for number, item in asks.plain.items() if not is_question(item) and not item.frame]
    if len(remembered) >= MOST_REMEMBERED:
        del asks.plain[remembered[0]]
    if len(asks.plain) + len(asks.labelled) >= MOST:
        raise ReplyError(Numeric.RPL_TRYAGAIN, command, "Too many commands wait for an answer of the server")


def is_question(item: Ask) -> bool:
    """Whether a client waits for its answer."""
    answer = ANSWERS.get(item.kind)
    return answer is not None and bool(answer.queue)


def _has_end(item: Ask) -> bool:
    """Whether its answer has an end by which it is known."""
    answer = ANSWERS.get(item.kind)
    return answer is not None and bool(answer.queue) and not answer.fenced


def under_way(network: NetworkState, queue: str) -> Ask | None:
    """Return the command of a queue that the server is answering."""
    waiting = network.asks.queues.get(queue)
    return waiting[0] if waiting else None


def answered(network: NetworkState, item: Ask, turn: Turn) -> None:
    """Forget a command that is answered, and ask the next one of its queue."""
    forget(network.asks, item)
    go_on(network, turn)


def expect_late(network: NetworkState, item: Ask, turn: Turn) -> None:
    """Remember a question whose label was answered with nothing: a server that asks another one answers later."""
    if is_question(item):
        item.since = turn.now
        network.asks.late = [*network.asks.late, item][-MOST_LATE:]
        watch(network, turn)


def forget(asks: Asks, item: Ask) -> None:
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


def go_on(network: NetworkState, turn: Turn) -> None:
    """Ask what is the first of its queue now."""
    queues = network.asks.queues
    for name, queue in list(queues.items()):
        if not queue:
            del queues[name]
        elif not queue[0].sent:
            _send(network, queue[0], turn)


def due_at(asks: Asks, item: Ask) -> float:
    """Return when a command is overdue: what waits behind a question not before that is overdue itself."""
    queue = _queue_of(asks, item)
    return max(item.since, queue[0].since if queue else 0.0) + PATIENCE


def in_order(asks: Asks) -> list[Ask]:
    """Return all that waits for an answer, in the order in which clients have said it."""
    return sorted([*asks.plain.values(), *asks.labelled.values()], key=_number)


def forget_client(network: NetworkState, serial: int) -> None:
    """Take what a client that leaves has waiting out of the queues; what is under way is swallowed (row RTE-04)."""
    asks = network.asks
    for queue in asks.queues.values():
        leaving = [item for item in queue if not item.sent and item.client == serial]
        for item in leaving:
            forget(asks, item)


def watch(network: NetworkState, turn: Turn) -> None:
    """Set the alarm for the command that is the first to be overdue."""
    asks = network.asks
    if asks.watched or not (asks.plain or asks.labelled or asks.late):
        return
    asks.watched = True
    times = [due_at(asks, item) for item in in_order(asks)]
    times += [item.since + LATE for item in asks.late]
    turn.after(alarm_of(network), max(0.0, min(times) - turn.now), AnswersDue(network.id))


def alarm_of(network: NetworkState) -> str:
    """Return the name of the alarm for what a network's server does not answer."""
    return f"answers-{network.id}"


def _number(item: Ask) -> int:
    return item.number
