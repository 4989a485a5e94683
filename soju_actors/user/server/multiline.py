"""Messages of several lines that servers send, as batches (row UP-10).

Spec: https://ircv3.net/specs/extensions/multiline
"""

from dataclasses import replace

from soju_actors.irc.filtering import TALK
from soju_actors.irc.message import Message
from soju_actors.irc.multiline import ACCEPTED, CONCAT, KIND, Part, compact, in_one_line, messages_of
from soju_actors.irc.source import nick_of
from soju_actors.model.entry import MULTILINE
from soju_actors.user.following import heard
from soju_actors.user.recording import record
from soju_actors.user.said import Said
from soju_actors.user.server.messages import buffer_of, hidden_from, is_general, is_stored, names_service, talk
from soju_actors.user.stamps import stamped
from soju_actors.user.state import Multiline

MOST_OPEN = 8
"""Messages that may be on their way on one connection; of more each line is a message."""


def begin(said: Said) -> None:
    """Begin to collect a message, if a batch is one."""
    params, batches = said.message.params, said.network.multilines
    if len(params) > 2 and params[1] == KIND and len(batches) < MOST_OPEN:  # noqa: PLR2004 - name, type, target
        asker = said.asker.serial if said.asker is not None else 0
        batches[params[0][1:]] = Multiline(said.message, asker)


def collect(said: Said) -> bool:
    """Take in a line of a message; whether it is one. What does not fit in is shown line by line."""
    message, batches = said.message, said.network.multilines
    name = message.tag("batch") or ""
    batch = batches.get(name)
    if batch is None:
        return False
    if message.command not in TALK or len(message.params) < 2:  # noqa: PLR2004 - target and text
        return False
    batch.command = batch.command or message.command
    part = Part(message.params[1], concat=message.tag(CONCAT) is not None)
    batch.size += len(part.text.encode("utf-8", "surrogateescape")) + 1
    same = message.params[0] == batch.opening.params[2] and message.command == batch.command
    if same and len(batch.parts) < ACCEPTED.max_lines and batch.size <= ACCEPTED.max_bytes:
        batch.parts.append(part)
        return True
    del batches[name]
    _say_each(said, batch)
    return False


def end(said: Said) -> None:
    """Store and show a message that is complete."""
    batch = said.network.multilines.pop(said.message.params[0][1:], None)
    if batch is None or not batch.parts:
        return
    network, message = said.network, _first(batch)
    said = replace(said, message=message, asker=network.with_serial(batch.asker))
    nick = nick_of(message.source)
    buffer = buffer_of(network, message, nick)
    whole = len(batch.parts) > 1 and not is_general(network, message, nick) and is_stored(network, message, buffer)
    if names_service(message, nick):
        return
    if whole:
        record_multiline(said, buffer, batch.parts, hidden_from(said, nick))
    else:
        _say_each(said, batch)


def record_multiline(said: Said, buffer: str, parts: list[Part], hidden: int) -> None:
    """Give a message one number in its target, and show it from there to all clients but one."""
    time, line = stamped(said.message, said.wall)
    kept = said.message.replaced(command=MULTILINE)
    handle = record(said.user, said.network, buffer, kept, (time, compact(line, parts)), said.turn)
    handle.multiline = True
    heard(said.user, said.network, handle, in_one_line(said.message, parts), time, said.turn, hidden_from=hidden)


def _first(batch: Multiline) -> Message:
    """Return the first line of a message, with all that belongs to the message."""
    opening = batch.opening
    return Message(batch.command, (opening.params[2], batch.parts[0].text), opening.source, opening.tags)


def _say_each(said: Said, batch: Multiline) -> None:
    """Treat each line of a message as one of its own."""
    for message in messages_of(_first(batch), batch.parts) if batch.parts else ():
        talk(replace(said, message=message, asker=said.network.with_serial(batch.asker)))
