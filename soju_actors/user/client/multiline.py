"""BATCH: what clients say in several lines.

Spec: https://ircv3.net/specs/extensions/multiline
Spec: https://ircv3.net/specs/extensions/client-batch
"""

from dataclasses import replace

from soju_actors.irc.errors import StandardReply, fail
from soju_actors.irc.message import Message, format_tags
from soju_actors.irc.multiline import CONCAT, KIND, Part, batch_for_server, compact, in_one_line, messages_of, size_of
from soju_actors.irc.replies import sayable
from soju_actors.model.entry import MULTILINE
from soju_actors.policy.service import SERVICE_NICK
from soju_actors.user.call import Call
from soju_actors.user.caps import multiline_limits
from soju_actors.user.client.messages import client_tags, echo_of, hidden_from, talk
from soju_actors.user.client.table import CommandTable
from soju_actors.user.credentials import note_nickserv
from soju_actors.user.following import heard
from soju_actors.user.framing import part_of
from soju_actors.user.recording import record
from soju_actors.user.server.messages import buffer_of, is_stored
from soju_actors.user.stamps import stamped
from soju_actors.user.state import OpenBatch

TABLE = CommandTable()

PATIENCE = 60.0
"""Seconds that a batch may be open."""


@TABLE.command("BATCH", min_params=1)
def batch(call: Call) -> None:
    """Begin or end a message of several lines."""
    sign, name = call.params[0][:1], call.params[0][1:]
    client = call.client
    if sign == "+" and name:
        if len(call.params) < 3 or call.params[1] != KIND or not call.params[2]:  # noqa: PLR2004 - name, type, target
            raise _invalid("The only batches that clients may send are of the type draft/multiline, with a target")
        client.batch = OpenBatch(
            name, call.params[2], format_tags(client_tags(call.message)), call.turn.now, call.frame
        )
        if call.frame is not None:
            call.frame.waits += 1
    elif sign == "-" and client.batch is not None and client.batch.name == name:
        opened, client.batch = client.batch, None
        if opened.frame is not None:
            opened.frame.waits -= 1
        with part_of(call.user, call.feed, opened.frame):
            try:
                _say(replace(call, frame=opened.frame), opened)
            except StandardReply as error:
                call.fail(error)
    else:
        raise _invalid("There is no such batch")


@TABLE.command("PRIVMSG", "NOTICE", min_params=1)
def line(call: Call) -> None:
    """Take in a line of a message of several lines, or say one that is none."""
    opened = call.client.batch
    if opened is None or (call.message.tag("batch") or "") != opened.name:
        talk(call)
        return
    if opened.error is not None:
        return
    try:
        _add(call, opened)
    except StandardReply as error:
        opened.error = error


def _add(call: Call, opened: OpenBatch) -> None:
    """Add a line.

    Raises:
        StandardReply: the line, or the message with it, cannot be sent.
    """
    if call.turn.now - opened.since > PATIENCE:
        raise fail("BATCH", "TIMEOUT", opened.name, "The batch was open for too long")
    target, *texts = call.params
    opened.command = opened.command or call.message.command
    if target != opened.target:
        raise fail("BATCH", "MULTILINE_INVALID_TARGET", opened.target, target, "A line is for another target")
    concat = call.message.tag(CONCAT) is not None
    if not texts or call.message.command != opened.command or (concat and not texts[0]):
        raise _invalid("A line does not fit in")
    opened.parts.append(Part(texts[0], concat))
    limits = multiline_limits(call.bound)
    if len(opened.parts) > limits.max_lines:
        raise fail("BATCH", "MULTILINE_MAX_LINES", str(limits.max_lines), "The message has too many lines")
    if size_of(opened.parts) > limits.max_bytes:
        raise fail("BATCH", "MULTILINE_MAX_BYTES", str(limits.max_bytes), "The message is too long")


def _say(call: Call, opened: OpenBatch) -> None:
    """Send a complete message to the server: as it is if that knows such, else line by line."""
    if opened.error is not None:
        raise opened.error
    if not any(part.text for part in opened.parts):
        raise _invalid("A message has at least one line that is not empty")
    first = Message(opened.command, (opened.target, opened.parts[0].text), tags=opened.tags)
    if opened.target.casefold() == SERVICE_NICK.casefold() or call.bound is None or len(opened.parts) == 1:
        for message in messages_of(first, opened.parts):
            talk(replace(call, message=message))
        return
    network = call.connected
    tags = opened.tags if "message-tags" in network.caps else ""
    note_nickserv(call, first)
    if KIND in network.caps and "batch" in network.caps:
        whole = batch_for_server(opened.target, opened.command, opened.parts, tags, "m")
        call.forward(sayable(whole[0]), tuple(whole[1:]))
    else:
        for message in messages_of(first.with_tags(tags), opened.parts):
            call.forward(message)
    if "echo-message" not in network.caps:
        _echo(call, first, opened.parts)


def _echo(call: Call, first: Message, parts: list[Part]) -> None:
    """Store and show a message where the server does not send it back (row ECH-03)."""
    network, echo = call.connected, echo_of(call, first)
    buffer = buffer_of(network, echo, network.nick)
    time, text = stamped(echo, call.turn.wall)
    if not is_stored(network, echo, buffer):
        for message in messages_of(echo, parts) if not network.hides(buffer) else ():
            network.feed.line_if(stamped(message, call.turn.wall)[1], but=hidden_from(call))
        return
    kept = echo.replaced(command=MULTILINE)
    handle = record(call.user, network, buffer, kept, (time, compact(text, parts)), call.turn)
    handle.multiline = True
    heard(call.user, network, handle, in_one_line(echo, parts), time, call.turn, hidden_from=hidden_from(call))


def _invalid(text: str) -> StandardReply:
    return fail("BATCH", "MULTILINE_INVALID", text)
