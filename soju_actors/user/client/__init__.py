"""Commands of clients, by topic. Each module has a table; :data:`COMMANDS` is all of them."""

from soju_actors.irc.errors import ReplyError, StandardReply
from soju_actors.user.call import Call
from soju_actors.user.client import (
    accounts,
    bouncer,
    certificates,
    channels,
    history,
    identity,
    markers,
    messages,
    metadata,
    monitor,
    multiline,
    playback,
    queries,
    redaction,
    search,
    session,
    unbound,
)
from soju_actors.user.client.encoding import in_utf8
from soju_actors.user.client.table import Command

COMMANDS: dict[str, Command] = {}
for _module in (
    session,
    messages,
    multiline,
    redaction,
    channels,
    identity,
    queries,
    history,
    search,
    playback,
    markers,
    metadata,
    monitor,
    bouncer,
    certificates,
    accounts,
):
    COMMANDS.update(_module.TABLE.commands)

UNBOUND: dict[str, Command] = {**COMMANDS, **unbound.TABLE.commands}
"""Those of clients that are bound to no network."""


def carry_out(call: Call) -> None:
    """Carry out a command of a client; what is not known here is left to the server (row CMD-36)."""
    command = (UNBOUND if call.bound is None else COMMANDS).get(call.message.command)
    try:
        if not call.message.line.isascii():
            in_utf8(call)
        if command is not None:
            command.run(call)
        else:
            queries.leave_to_server(call, call.message.without_tags())
    except (ReplyError, StandardReply) as error:
        call.fail(error)
