"""What servers say, by topic. Each module has a table; :data:`HANDLERS` is all of them."""

from soju_actors.user.server import (
    accounts,
    channels,
    messages,
    monitor,
    names,
    people,
    queries,
    redaction,
    registration,
    renames,
    standard,
)
from soju_actors.user.server.table import Handler

HANDLERS: dict[str, Handler] = {}
_MODULES = (registration, messages, redaction, channels, monitor, names, people, queries, accounts, renames, standard)
for _module in _MODULES:
    HANDLERS.update(_module.TABLE.handlers)
