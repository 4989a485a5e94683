"""Errors as the messages that a client gets."""

from soju_actors.irc.errors import ReplyError, StandardReply
from soju_actors.irc.message import Message


def reply_to(error: ReplyError | StandardReply, server: str, nick: str) -> Message:
    """Return the reply of this server to the client with this nick, ``*`` before it has one."""
    if isinstance(error, ReplyError):
        return Message(error.numeric, (nick, *error.params), server)
    return Message(error.kind, (error.command, error.code, *error.params), server)
