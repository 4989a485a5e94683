"""Commands by name: one string for each, and which of them end with a text."""

from collections.abc import Mapping

from soju_actors.irc.numerics import Numeric

_NAMES = """
    ACCOUNT ACK ADMIN AUTHENTICATE AWAY BATCH BOUNCER CAP CHATHISTORY CHGHOST CLIENTCERT CONNECT DIE ERROR FAIL HELP
    INFO INVITE ISON ISUPPORT JOIN KICK KILL KNOCK LINKS LIST LUSERS MAP MARKREAD METADATA MODE MONITOR MOTD NAMES
    NICK NOTE NOTICE OPER PART PASS PING PONG PRIVMSG QUIT READ REDACT REGISTER REHASH RENAME RESTART RULES SEARCH
    SETNAME SILENCE SQUIT STATS SUMMON TAGMSG TIME TOPIC TRACE USER USERHOST USERIP USERS VERIFY VERSION WALLOPS WARN
    WATCH WEBPUSH WHO WHOIS WHOWAS
"""

VERBS: Mapping[str, str] = {name: name for name in (*_NAMES.split(), *(n.value for n in Numeric))}
"""The known commands, so that their messages share one string each."""

TEXT_AT: Mapping[str, int] = {
    "AWAY": 1,
    "CAP": 3,
    "ERROR": 1,
    "FAIL": 3,
    "KICK": 3,
    "NOTE": 3,
    "NOTICE": 2,
    "PART": 2,
    "PRIVMSG": 2,
    "QUIT": 1,
    "SETNAME": 1,
    "TOPIC": 2,
    "USER": 4,
    "WALLOPS": 1,
    "WARN": 3,
    Numeric.RPL_TOPIC.value: 3,
    Numeric.RPL_NAMREPLY.value: 4,
    Numeric.RPL_MONONLINE.value: 2,
    Numeric.RPL_MONOFFLINE.value: 2,
    Numeric.RPL_MONLIST.value: 2,
}
"""With how many parameters the last one is a text. It gets a colon even if it is one word: ii looks for that."""
