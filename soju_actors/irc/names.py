"""Which names can be a nick, a username, a channel. Nothing here becomes a path: ``/`` is a letter like others."""

import re

from soju_actors.irc.errors import ReplyError, no_such_channel
from soju_actors.irc.isupport import Isupport
from soju_actors.irc.numerics import Numeric

LONGEST = 200
"""Characters of a name; servers allow less, and 200 leave room in every line."""

_NICK = re.compile(r"[^\0-\x20\x7f:@!*?$,.#&+%~-][^\0-\x20\x7f:@!*?$,.]*")
_USERNAME = re.compile(r"[^\0-\x20\x7f:@!][^\0-\x20\x7f@!]*")
_TARGET = re.compile(r"[^\0\x07\r\n ,:*$][^\0\x07\r\n ,]*")
_IN_CHANNEL = re.compile(r"[^\0\x07\r\n ,]+")


def valid_nick(nick: str) -> bool:
    """Whether a nick can be in a line, a mask and a list of members without being taken for something else.

    Row CMD-05. What else a server refuses is its own affair.
    """
    return len(nick) <= LONGEST and _NICK.fullmatch(nick) is not None


def valid_username(name: str) -> bool:
    """Whether a name can stand between ``!`` and ``@`` in a source."""
    return len(name) <= LONGEST and _USERNAME.fullmatch(name) is not None


def valid_target(name: str) -> bool:
    """Whether a name can be that of a channel or of somebody: no list, no mask, and one parameter."""
    return len(name) <= LONGEST and _TARGET.fullmatch(name) is not None


def check_channel(name: str, isupport: Isupport) -> None:
    """Raise unless the name is a channel's (row CMD-07).

    Raises:
        ReplyError: 403 if it does not look like a channel, 476 if it cannot be one.
    """
    if not isupport.is_channel(name):
        raise no_such_channel(_shown(name))
    if len(name) > LONGEST or not _IN_CHANNEL.fullmatch(name):
        raise ReplyError(Numeric.ERR_BADCHANMASK, _shown(name), "Bad channel name")


def _shown(name: str) -> str:
    """Return a name as it can be a parameter of a reply."""
    return name[:LONGEST] if name and name[0] != ":" and " " not in name else "*"
