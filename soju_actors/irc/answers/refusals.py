"""Errors, and what they tell of the command that they refuse (rows UP-26 to UP-28).

Spec: https://modern.ircdocs.horse/#numerics
"""

from collections.abc import Mapping

import msgspec

from soju_actors.irc.message import Message


class Refusal(msgspec.Struct, frozen=True):
    """How an error finds its command."""

    named: bool = True
    """It names what the command is about."""
    commands: frozenset[str] = frozenset()
    """The commands that it refuses; empty: any."""


def _of(commands: str = "", *, named: bool = True) -> Refusal:
    return Refusal(named, frozenset(commands.split()))


_TALK = "PRIVMSG NOTICE TAGMSG"
_CHANNEL = "MODE TOPIC KICK INVITE PART NAMES WHO KNOCK RENAME REDACT PRIVMSG NOTICE TAGMSG"
_OPERATORS = "STATS LINKS TRACE MAP USERS KILL REHASH DIE RESTART SQUIT CONNECT WALLOPS GLOBOPS KLINE DLINE"

REFUSALS: Mapping[str, Refusal] = {
    **dict.fromkeys(("401", "402", "403", "407"), _of()),
    **dict.fromkeys(("404", "408", "413", "414", "415", "486", "492", "531", "716", "717"), _of(_TALK)),
    **dict.fromkeys(("405", "470", "471", "473", "474", "475", "476", "479", "489", "495", "520"), _of("JOIN")),
    "406": _of("WHOWAS"),
    "411": _of(_TALK, named=False),
    "412": _of(_TALK, named=False),
    "416": _of("WHO WHOIS WHOWAS LIST NAMES", named=False),
    "423": _of("ADMIN", named=False),
    "431": _of("NICK WHOIS WHOWAS", named=False),
    **dict.fromkeys(("432", "433", "436", "438"), _of("NICK")),
    "435": _of("NICK"),
    "437": _of("NICK JOIN"),
    "441": _of("KICK MODE"),
    "442": _of(_CHANNEL),
    "443": _of("INVITE"),
    "446": _of("USERS", named=False),
    "447": _of("NICK", named=False),
    "464": _of("OPER", named=False),
    **dict.fromkeys(("467", "468", "478", "696", "697", "698", "974"), _of("MODE")),
    "472": _of("MODE", named=False),
    "477": _of(f"JOIN {_TALK}"),
    "480": _of("JOIN KNOCK"),
    "481": _of(_OPERATORS, named=False),
    "482": _of(_CHANNEL),
    "484": _of(_CHANNEL),
    "485": _of(f"JOIN {_CHANNEL}"),
    "491": _of("OPER", named=False),
    "499": _of(_CHANNEL),
    "501": _of("MODE", named=False),
    "502": _of("MODE", named=False),
    **dict.fromkeys(("712", "713", "714"), _of("KNOCK")),
    "723": _of(_OPERATORS, named=False),
}
"""Errors that name what they are about, or whose commands are few."""

_NAMING = frozenset(("263", "400", "416", "421", "461", "972"))
_STANDARD = frozenset(("FAIL", "WARN", "NOTE"))


def command_named(message: Message) -> str:
    """Return the command that an error or a standard reply names, empty if it names none.

    Spec: https://ircv3.net/specs/extensions/standard-replies
    """
    params = message.params
    if message.command in _STANDARD:
        return params[0].upper() if params else ""
    if message.command in _NAMING and len(params) > 2:  # noqa: PLR2004 - nick, command, text
        return params[1].upper()
    return ""
