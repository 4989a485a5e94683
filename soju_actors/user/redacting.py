"""Redactions: what is taken back is shown and found no more (row STO-06).

Spec: https://ircv3.net/specs/extensions/message-redaction
"""

from actors import Turn
from soju_actors.irc.message import Message
from soju_actors.user.recording import record
from soju_actors.user.stamps import stamped
from soju_actors.user.state import NetworkState, UserState

REDACTION = "draft/message-redaction"


def record_redaction(  # noqa: PLR0917 - as `record`
    user: UserState, network: NetworkState, buffer: str, message: Message, turn: Turn, hidden_from: int
) -> None:
    """Store a REDACT as an event, and hide the message that it names from now on.

    It is shown to clients that know of redactions, but one; others are told nothing, as the
    specification leaves it to us and they could do nothing about it.
    """
    stamp = stamped(message, turn.wall)
    handle = record(user, network, buffer, message, stamp, turn)
    if message.params[1]:
        handle.redacted = (*handle.redacted, message.params[1])
    if handle.shown:
        network.feed.run(handle.key, shown=False)
        network.feed.line_if(stamp[1], but=hidden_from)
