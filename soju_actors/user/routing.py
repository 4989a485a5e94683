"""From a message of a server to its handler and to who asked (rows RTE-01, RTE-06, UP-10)."""

from soju_actors.irc.labels import parse_label
from soju_actors.user import queues
from soju_actors.user.said import Said
from soju_actors.user.server import HANDLERS
from soju_actors.user.server.messages import is_channel_talk

MOST_BATCHES = 100
"""Batches that a server may have open."""


def dispatch(said: Said) -> None:
    """Handle one message of a server; what has no handler is shown as it is (row UP-33)."""
    network, message = said.network, said.message
    tags = message.tags
    if "label=" in tags or "batch=" in tags:
        _by_label(said)
    elif is_channel_talk(network, message):
        said.record_talk(message.params[0])
        return
    if message.command == "BATCH":
        _batch(said)
        return
    if not said.answers and network.queues:
        said.answers, said.asker = queues.asker(network, message)
    handler = HANDLERS.get(message.command)
    if handler is None:
        said.show()
    else:
        handler(said)


def _by_label(said: Said) -> None:
    """Find who asked by the label of a message, or of the batch that it is in."""
    label = said.message.tag("label")
    serial = _asker(label) if label else said.network.batches.get(said.message.tag("batch") or "")
    if serial:
        said.labelled = said.answers = True
        said.asker = said.network.with_serial(serial)


def _batch(said: Said) -> None:
    """Note a batch with a label; its messages are shown without it (row UP-10)."""
    name = said.message.params[0] if said.message.params else ""
    batches = said.network.batches
    if name[:1] == "-":
        batches.pop(name[1:], None)
    elif name[:1] == "+" and len(batches) < MOST_BATCHES:
        label = said.message.tag("label")
        outer = said.message.tag("batch")
        batches[name[1:]] = _asker(label) if label else batches.get(outer or "")


def _asker(label: str) -> int:
    """Return the serial of the client in a label of ours, 0 if it is none."""
    parsed = parse_label(label)
    return parsed[0] if parsed else 0
