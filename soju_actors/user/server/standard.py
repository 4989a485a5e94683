"""FAIL, WARN, NOTE: what a server says in words for a program and for a person (row UP-28).

Spec: https://ircv3.net/specs/extensions/standard-replies
"""

from soju_actors.irc.cap_table import STANDARD_REPLIES
from soju_actors.irc.errors import SPECIFIED
from soju_actors.irc.message import Message
from soju_actors.user.said import Said
from soju_actors.user.server.renames import follow
from soju_actors.user.server.table import ServerTable

TABLE = ServerTable()


@TABLE.on("FAIL", "WARN", "NOTE", params=3)
def standard_reply(said: Said) -> None:
    """Show it to who understands it, and the sentence in it to others."""
    if said.message.params[:2] == ("JOIN", "CHANNEL_RENAMED") and len(said.message.params) > 3:  # noqa: PLR2004
        follow(said)
    if said.message.params[0].upper() in SPECIFIED:
        said.show()
        return
    line, source = said.line(), said.message.source or said.network.server
    for client in [said.asker] if said.answers else said.network.clients:
        if client is not None and STANDARD_REPLIES in client.caps:
            said.network.feed.line_to(client, line)
        elif client is not None:
            notice = Message("NOTICE", (client.nick, _sentence(said.message)), source=source)
            said.network.feed.line_to(client, str(notice))


def _sentence(message: Message) -> str:
    command, text = message.params[0], message.params[-1]
    return text if command == "*" else f"{command}: {text}"
