r"""What a server says of itself with RPL_ISUPPORT (005), and saying it again.

Spec: https://modern.ircdocs.horse/#rplisupport-parameters
"""

import re
from collections.abc import Iterable, Mapping

from soju_actors.irc.casemap import Casemapping, parse_casemapping
from soju_actors.irc.lists import packed
from soju_actors.irc.message import Message
from soju_actors.irc.numerics import Numeric

_PASSED_ON = """
    ACCOUNTEXTBAN AWAYLEN BOT CASEMAPPING CHANLIMIT CHANMODES CHANNELLEN CHANTYPES CLIENTTAGDENY ELIST EXCEPTS EXTBAN
    HOSTLEN INVEX KICKLEN LINELEN MAXLIST MAXTARGETS MODES MONITOR NAMELEN NETWORK NICKLEN PREFIX SAFELIST STATUSMSG
    TARGMAX TOPICLEN USERLEN UTF8ONLY WHOX draft/ICON
"""
PASSTHROUGH = tuple(_PASSED_ON.split())
"""What a server says that is as true for the bouncer's clients (row ISU-09)."""

MOST_TOKENS = 500
"""Tokens that are kept; no server has a fifth of it."""

_TOKENS_BYTES = 400
_DEFAULT_CHANMODES = ("beI", "k", "l", "imnpst")
_ESCAPE = re.compile(r"\\x([0-9A-Fa-f]{2})")
_CONTROL = "\0\r\n"


class Isupport:
    """The tokens of one server: None for one without ``=``. Properties know the defaults."""

    __slots__ = ("casemapping", "chanmodes", "chantypes", "prefix_modes", "prefix_symbols", "statusmsg", "tokens")

    casemapping: Casemapping
    chantypes: str
    """What a channel's name begins with."""
    prefix_modes: str
    """Channel modes that give a rank, the highest first, such as ``ov``."""
    prefix_symbols: str
    """Their symbols in the same order, such as ``@+``."""
    chanmodes: tuple[str, str, str, str]
    """Modes of lists, with a parameter always, with one when set, with none."""
    statusmsg: str
    """Symbols that may stand before a channel's name in a target."""

    def __init__(self, tokens: Mapping[str, str | None] | None = None) -> None:
        self.tokens: dict[str, str | None] = dict(tokens or {})
        self._interpret()

    def apply(self, params: Iterable[str]) -> set[str]:
        """Take in the tokens of one 005; return the names of those that changed. ``-NAME`` restores the default."""
        before = dict(self.tokens)
        for token in params:
            name, equals, value = token.partition("=")
            if name.startswith("-"):
                self.tokens.pop(name[1:], None)
            elif name and (name in self.tokens or len(self.tokens) < MOST_TOKENS):
                self.tokens[name] = _unescape(value) if equals else None
        changed = {name for name in before.keys() | self.tokens.keys() if _differs(before, self.tokens, name)}
        if changed:
            self._interpret()
        return changed

    def is_channel(self, name: str) -> bool:
        """Whether a target is a channel."""
        return name[:1] in self.chantypes if name else False

    def symbol_of(self, mode: str) -> str:
        """Return the symbol of a rank's mode, empty if the mode gives no rank."""
        index = self.prefix_modes.find(mode)
        return self.prefix_symbols[index] if index >= 0 and mode else ""

    def mode_of(self, symbol: str) -> str:
        """Return the mode of a rank's symbol, empty if it is none."""
        index = self.prefix_symbols.find(symbol)
        return self.prefix_modes[index] if index >= 0 and symbol else ""

    def split_statusmsg(self, target: str) -> tuple[str, str]:
        """Split a target such as ``@#channel`` into symbols and channel; there are none before anything else."""
        name = target.lstrip(self.statusmsg) if self.statusmsg else target
        return (target[: len(target) - len(name)], name) if self.is_channel(name) else ("", target)

    @property
    def network(self) -> str:
        """The network's name, empty if unknown."""
        return self.tokens.get("NETWORK") or ""

    @property
    def bot(self) -> str:
        """The user mode of bots, empty if there is none."""
        return self.tokens.get("BOT") or ""

    @property
    def elist(self) -> str:
        """What LIST can search by."""
        return (self.tokens.get("ELIST") or "").upper()

    @property
    def whox(self) -> bool:
        """Whether WHO takes fields."""
        return "WHOX" in self.tokens

    @property
    def utf8only(self) -> bool:
        """Whether the server refuses what is not UTF-8."""
        return "UTF8ONLY" in self.tokens

    @property
    def saferate(self) -> bool:
        """Whether the server asks for no rate limit (row ISU-10)."""
        return "soju.im/SAFERATE" in self.tokens

    @property
    def monitor(self) -> int | None:
        """How many nicks can be monitored; 0 without MONITOR, None without a limit."""
        return self._limit("MONITOR", absent=0)

    @property
    def modes(self) -> int | None:
        """How many changes with a parameter one MODE can hold; None without a limit."""
        return self._limit("MODES", absent=3)

    @property
    def nicklen(self) -> int | None:
        """The longest nick in bytes; None if unknown."""
        return self._limit("NICKLEN", absent=None)

    @property
    def channellen(self) -> int | None:
        """The longest name of a channel in bytes; None without a limit."""
        return self._limit("CHANNELLEN", absent=200)

    @property
    def linelen(self) -> int:
        """The longest line in bytes, CRLF included."""
        return self._limit("LINELEN", absent=512) or 512

    def targets(self, command: str) -> int | None:
        """Return how many targets a command takes; None without a limit."""
        limits = self._targmax
        return limits[command] if command in limits else self._limit("MAXTARGETS", absent=None)

    def targmax(self, command: str) -> int | None:
        """Return how many targets a command takes that is no message; None without a limit."""
        return self._targmax.get(command)

    @property
    def _targmax(self) -> dict[str, int | None]:
        entries = (entry.partition(":") for entry in (self.tokens.get("TARGMAX") or "").split(","))
        return {name.upper(): _number(limit) for name, _, limit in entries}

    def _limit(self, name: str, absent: int | None) -> int | None:
        return _number(self.tokens[name] or "") if name in self.tokens else absent

    def _interpret(self) -> None:
        """Derive what is asked for often."""
        tokens = self.tokens
        self.casemapping = parse_casemapping(tokens.get("CASEMAPPING") or Casemapping.RFC1459)
        self.chantypes = (tokens["CHANTYPES"] or "") if "CHANTYPES" in tokens else "#&"
        self.statusmsg = tokens.get("STATUSMSG") or ""
        self.prefix_modes, self.prefix_symbols = _parse_prefix(tokens)
        self.chanmodes = _parse_chanmodes(tokens.get("CHANMODES"))


def of_bouncer(title: str, icon: str) -> dict[str, str | None]:
    """Return what the bouncer says of itself whatever a client is bound to (rows ISU-01, ISU-03).

    Spec: https://ircv3.net/specs/extensions/network-icon
    """
    tokens: dict[str, str | None] = {"draft/ACCOUNTREQUIRED": None, "soju.im/SAFERATE": None}
    named = {"NETWORK": title, "draft/ICON": icon}
    return tokens | {name: value for name, value in named.items() if value}


def format_token(name: str, value: str | None) -> str:
    r"""Return ``NAME`` or ``NAME=value``, with space and backslash as ``\x20`` and ``\x5C`` (row ISU-12)."""
    if value is None:
        return name
    escaped = value.replace("\\", r"\x5C").replace(" ", r"\x20")
    return f"{name}={escaped}"


def delta(before: Mapping[str, str | None], after: Mapping[str, str | None]) -> list[str]:
    """Return the tokens that make of one set the other, removed ones as ``-NAME`` (row ISU-11)."""
    names = sorted(name for name in before.keys() | after.keys() if _differs(before, after, name))
    return [format_token(name, after[name]) if name in after else f"-{name}" for name in names]


def format_isupport(
    tokens: Mapping[str, str | None] | Iterable[str], nick: str = "*", *, per_line: int = 13
) -> list[Message]:
    """Return the 005 messages for tokens, given as values or as :func:`delta` returns them (row ISU-12)."""
    words = delta({}, tokens) if isinstance(tokens, Mapping) else tokens
    lines = packed(words, _TOKENS_BYTES, per_line=per_line)
    text = "are supported by this server"
    return [Message(Numeric.RPL_ISUPPORT, (nick, *line.split(" "), text)) for line in lines]


def _differs(before: Mapping[str, str | None], after: Mapping[str, str | None], name: str) -> bool:
    return (name in before) != (name in after) or before.get(name) != after.get(name)


def _unescape(value: str) -> str:
    if "\\" not in value:
        return value

    def character(found: re.Match[str]) -> str:
        decoded = chr(int(found[1], 16))
        return found[0] if decoded in _CONTROL else decoded  # these must not reach a line

    return _ESCAPE.sub(character, value)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None


def _parse_prefix(tokens: Mapping[str, str | None]) -> tuple[str, str]:
    """Return the modes and symbols of ``(ov)@+``; without a value there are no ranks."""
    value = (tokens["PREFIX"] or "") if "PREFIX" in tokens else "(ov)@+"
    modes, parenthesis, symbols = value.removeprefix("(").partition(")")
    if not parenthesis or len(modes) != len(symbols):
        return "", ""
    return modes, symbols


def _parse_chanmodes(value: str | None) -> tuple[str, str, str, str]:
    if value is None:
        return _DEFAULT_CHANMODES
    lists, always, when_set, never, *_ = [*value.split(","), "", "", ""]
    return lists, always, when_set, never
