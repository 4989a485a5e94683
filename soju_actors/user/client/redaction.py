"""REDACT: a client takes back what was said (row CMD-18).

Spec: https://ircv3.net/specs/extensions/message-redaction
"""

from soju_actors.irc.errors import fail, unknown_command
from soju_actors.irc.message import Message, format_tags
from soju_actors.policy.service import SERVICE_NICK
from soju_actors.user.call import Call
from soju_actors.user.client.messages import client_tags, echo_of, hidden_from, targets_of
from soju_actors.user.client.table import CommandTable
from soju_actors.user.redacting import REDACTION, record_redaction
from soju_actors.user.server.messages import buffer_of, is_stored

TABLE = CommandTable()


@TABLE.command("REDACT", min_params=2)
def redact(call: Call) -> None:
    """Ask the server, which knows who may; on its word the message is hidden here too."""
    if REDACTION not in call.connected.caps:
        raise unknown_command("REDACT")
    for target in targets_of(call):
        with call.one_target():
            _redact(call, Message("REDACT", (target, *call.params[1:]), tags=format_tags(client_tags(call.message))))


def _redact(call: Call, message: Message) -> None:
    network, target = call.connected, message.params[0]
    if target.casefold() == SERVICE_NICK.casefold():
        raise fail("REDACT", "INVALID_TARGET", target, f"What {SERVICE_NICK} was told is not stored")
    call.forward(message)
    if "echo-message" in network.caps:
        return
    echo = echo_of(call, message)
    buffer = buffer_of(network, echo, network.nick)
    if is_stored(network, echo, buffer):
        record_redaction(call.user, network, buffer, echo, call.turn, hidden_from(call))
