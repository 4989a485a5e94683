"""From a message of a server to its handler and to who asked (rows RTE-01, RTE-06, UP-10)."""

from soju_actors.irc.labels import parse_label
from soju_actors.user import asking
from soju_actors.user.attribution import attribute
from soju_actors.user.said import Said
from soju_actors.user.server import HANDLERS, multiline
from soju_actors.user.server.table import Handler
from soju_actors.user.splits import begin_split, end_split
from soju_actors.user.state import Ask, Origin

MOST_BATCHES = 100
"""Batches that a server may have open."""


def dispatch(said: Said) -> None:
    """Handle one message of a server; what has no handler is shown as it is (row UP-33)."""
    network, message = said.network, said.message
    tags = message.tags
    if "label=" in tags or "batch=" in tags:
        _by_label(said)
    if network.multilines and "batch=" in tags and multiline.collect(said):
        return
    handler = HANDLERS.get(message.command, Said.show)
    if message.command == "BATCH":
        handler = _batch
        _end_of_batch(said)
    elif not said.answers and network.asks:
        _by_form(said)
    if said.ask is None:
        handler(said)
    else:
        _answer(said, said.ask, handler)


def _answer(said: Said, ask: Ask, handler: Handler) -> None:
    """Handle a part of the answer to a command, which is a part of the answer to its client's label too."""
    mark, frame = said.network.feed.mark(), ask.frame
    handler(said)
    ask.since = said.turn.now
    if frame is not None:
        if said.ends:
            ask.frame = None
            frame.waits -= 1
        said.network.feed.enclose(mark, frame)
    if said.ends:
        asking.answered(said.network, ask, said.turn)
    if said.message.command == "ACK":
        asking.expect_late(said.network, ask, said.turn)


def _by_label(said: Said) -> None:
    """Find who asked by the label of a message, which is all of the answer, or of the batch that it is in."""
    message, network = said.message, said.network
    label = message.tag("label")
    origin = _origin(label) if label else network.batches.get(message.tag("batch") or "")
    if origin is not None:
        said.answers = True
        said.asker = network.with_serial(origin.client)
        said.ask = network.asks.labelled.get(origin.number)
        said.ends = label is not None and message.command != "BATCH"


def _by_form(said: Said) -> None:
    """Find who asked by what the message is, and what it names."""
    found = attribute(said.network, said.message)
    if found is not None:
        said.answers = True
        said.asker = said.network.with_serial(found.ask.client)
        said.ask, said.ends = found


def _end_of_batch(said: Said) -> None:
    """Find whose answer ends with the end of a batch, unless that is within another one."""
    name = said.message.params[0] if said.message.params else ""
    if name[:1] == "-":
        batches = said.network.batches
        end_split(said.network, name[1:])
        origin = batches.pop(name[1:], None)
        if origin is not None and origin not in batches.values():
            said.ask = said.network.asks.labelled.get(origin.number)
            said.ends = True


def _batch(said: Said) -> None:
    """Note the beginning of a batch with a label; its messages are shown without it (row UP-10)."""
    name = said.message.params[0] if said.message.params else ""
    batches = said.network.batches
    if name[:1] == "-":
        multiline.end(said)
    elif name[:1] == "+" and len(batches) < MOST_BATCHES:
        multiline.begin(said)
        if len(said.message.params) > 1:
            begin_split(said.user, said.network, said.message)
        label = said.message.tag("label")
        outer = said.message.tag("batch")
        batches[name[1:]] = _origin(label) if label else batches.get(outer or "")


def _origin(label: str) -> Origin | None:
    """Return whose command a label of ours is for, None if it is not one of them."""
    parsed = parse_label(label)
    return Origin(*parsed) if parsed else None
