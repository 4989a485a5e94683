"""What a connection says by itself, and the log of all that passes over it."""

import logging
from collections.abc import Iterable, Sequence

from soju_actors.irc.message import Message
from soju_actors.irc.replies import sayable
from soju_actors.policy.redact import redact

log = logging.getLogger(__name__)

BARE = ("PING", "AUTHENTICATE")
"""Commands without a source."""


def lines_from(hostname: str, messages: Iterable[Message]) -> list[str]:
    """Return the lines of messages, which come from the bouncer where they do not say whence."""
    named = (m if m.source or m.command in BARE else m.replaced(source=hostname) for m in messages)
    return [str(sayable(message)) for message in named]


def log_lines(path: str, direction: str, lines: Sequence[str]) -> None:
    """Log lines without secrets, when details are wanted."""
    if log.isEnabledFor(logging.DEBUG):
        for line in lines:
            log.debug("%s %s %s", path, direction, redact(line))
