"""Replies to a client, whatever it has sent."""

from soju_actors.irc.errors import ReplyError, StandardReply
from soju_actors.irc.message import Message

_UNSAYABLE = "*"
"""Stands for what cannot be a parameter in its place."""


def reply_to(error: ReplyError | StandardReply, server: str, nick: str) -> Message:
    """Return the reply of this server to the client with this nick, ``*`` before it has one."""
    if isinstance(error, ReplyError):
        return sayable(Message(error.numeric, (nick, *error.params), server))
    return sayable(Message(error.kind, (error.command, error.code, *error.params), server))


def sayable(message: Message) -> Message:
    """Return a reply that can be expressed: a client may give as its last parameter what no other one can be."""
    *middle, last = message.params or ("",)
    if all(param and param[0] != ":" and " " not in param for param in middle):
        return message
    kept = [param if param and param[0] != ":" and " " not in param else _UNSAYABLE for param in middle]
    return message.replaced(params=(*kept, last))
