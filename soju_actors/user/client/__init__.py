"""Commands of clients, by topic. Each module has a table; :data:`COMMANDS` is all of them."""

from soju_actors.user.client import bouncer, channels, history, identity, markers, messages, queries, search, session
from soju_actors.user.client.table import Command

COMMANDS: dict[str, Command] = {}
for _module in (session, messages, channels, identity, queries, history, search, markers, bouncer):
    COMMANDS.update(_module.TABLE.commands)
