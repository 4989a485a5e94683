"""REDACT: a server takes back what was said (rows UP-11, STO-06).

Spec: https://ircv3.net/specs/extensions/message-redaction
"""

from soju_actors.irc.source import nick_of
from soju_actors.user.redacting import record_redaction
from soju_actors.user.said import Said
from soju_actors.user.server.messages import buffer_of, hidden_from, is_general, is_stored, names_service
from soju_actors.user.server.table import ServerTable

TABLE = ServerTable()


@TABLE.on("REDACT", params=2)
def redact(said: Said) -> None:
    """Hide a message from now on; whether its sender may take it back is the server's to decide."""
    network, message = said.network, said.message
    nick = nick_of(message.source)
    if names_service(message, nick):
        return
    buffer, hidden = buffer_of(network, message, nick), hidden_from(said, nick)
    by_server = is_general(network, message, nick) and not network.isupport.is_channel(buffer)
    if by_server or not network.welcomed:
        said.show_all()
    elif is_stored(network, message, buffer):
        record_redaction(said.user, network, buffer, message, said.turn, hidden)
    else:
        network.feed.line_if(said.line(), but=hidden)
