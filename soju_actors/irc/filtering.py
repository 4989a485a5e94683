"""What of a line a client may have, by the capabilities that it has enabled (rows FLT-01 to FLT-04)."""

import re
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache

import msgspec

from soju_actors.irc.cap_table import COMMAND_NEEDS, TAG_NEEDS
from soju_actors.irc.message import command_of, parse_message
from soju_actors.irc.numerics import Numeric
from soju_actors.irc.replies import sayable
from soju_actors.irc.source import nick_of

_RANKS = "~&@%+!"
"""Symbols of ranks on the servers that there are; a nick begins with none of them."""
_RANKED_FLAGS = re.compile(rf"([{re.escape(_RANKS)}])[{re.escape(_RANKS)}]+")
_WHOX_FLAGS = re.compile(rf"[HG]\*?[A-Za-z]*[{re.escape(_RANKS)}]{{2,}}[A-Za-z]*")
_VIEWS = 256
"""Views that are remembered."""
TALK = frozenset({"PRIVMSG", "NOTICE"})


class View(msgspec.Struct, frozen=True):
    """The capabilities that alter lines: clients with equal views get the same lines."""

    message_tags: bool = False
    batch: bool = False
    extended_join: bool = False
    multi_prefix: bool = False
    userhost_in_names: bool = False
    multiline: bool = False
    tags: frozenset[str] = frozenset()
    """Tags that are kept without message-tags."""
    dropped: frozenset[str] = frozenset(COMMAND_NEEDS)
    """Commands that are not shown."""

    @classmethod
    def of(cls, caps: Collection[str]) -> "View":
        """Return the view of a client with these capabilities: one for all, since each has it for each buffer."""
        return _view_of(cls, frozenset(caps))

    def adapt(self, line: str) -> str | None:
        """Return the line as the client may have it; None if it may not have it at all.

        A line of the most frequent kinds is not parsed.

        Raises:
            ParseError: the line is not IRC.
        """
        tags, body = "", line
        if line[:1] == "@":
            tags, _, body = line.partition(" ")
            if body[:1] == " ":
                body = body.lstrip(" ")
        command = command_of(body)
        if command not in TALK:
            if command in self.dropped:
                return None
            alter = _ALTERED.get(command)
            if alter is not None:
                body = alter(self, body)
                line = f"{tags} {body}" if tags else body
        if not tags or (self.message_tags and (self.batch or "batch=" not in tags)):
            return line
        kept = self._kept(tags) if self.message_tags or self.tags else ""
        return f"@{kept} {body}" if kept else body

    def _kept(self, tags: str) -> str:
        """Return the tags, given with their ``@``, that the client may have."""
        parts = tags[1:].split(";")
        if self.message_tags:
            return ";".join([part for part in parts if not part.startswith("batch=")])
        allowed = self.tags
        return ";".join([part for part in parts if part.partition("=")[0] in allowed])


@lru_cache(_VIEWS)
def _view_of(cls: type[View], caps: frozenset[str]) -> View:
    return cls(
        message_tags="message-tags" in caps,
        batch="batch" in caps,
        extended_join="extended-join" in caps,
        multi_prefix="multi-prefix" in caps,
        userhost_in_names="userhost-in-names" in caps,
        multiline="draft/multiline" in caps and "batch" in caps,
        tags=frozenset(tag for tag, cap in TAG_NEEDS.items() if cap in caps),
        dropped=frozenset(command for command, cap in COMMAND_NEEDS.items() if cap not in caps),
    )


def sender_of(line: str) -> str:
    """Return the nick, or the server's name, that a line comes from; nothing if it does not say."""
    body = line.partition(" ")[2].lstrip(" ") if line[:1] == "@" else line
    return nick_of(body[1:].partition(" ")[0]) if body[:1] == ":" else ""


def _join(view: View, line: str) -> str:
    """Return a JOIN with account and realname for who has asked for them, and without for others.

    What the server has not told is made up: a client that has enabled extended-join relies on three parameters.

    Spec: https://ircv3.net/specs/extensions/extended-join
    """
    if view.extended_join and line.count(" ") >= 4:  # noqa: PLR2004 - source, command, channel, account, realname
        return line
    message = parse_message(line)
    params = message.params[:1]
    if view.extended_join and params:
        params = (*message.params, *("*", nick_of(message.source))[len(message.params) - 1 :])
    return line if params == message.params else str(sayable(message.replaced(params=params)))


def _names(view: View, line: str) -> str:
    """Return a line of NAMES with as many ranks as the client knows, and with hosts only if it does."""
    if view.multi_prefix and view.userhost_in_names:
        return line
    message = parse_message(line)
    if len(message.params) < 4:  # noqa: PLR2004 - a server's reply is never shorter
        return line
    names = message.params[-1].split(" ")
    if not view.multi_prefix:
        names = [_highest_only(name) for name in names]
    if not view.userhost_in_names:
        names = [name.partition("!")[0] if "!" in name.lstrip(_RANKS) else name for name in names]
    params = (*message.params[:-1], " ".join(names))
    return line if params == message.params else str(message.replaced(params=params))


def _who(view: View, line: str) -> str:
    """Return a line of WHO with the highest rank alone for who does not know several."""
    if view.multi_prefix:
        return line
    message = parse_message(line)
    params = message.params
    if message.command == Numeric.RPL_WHOSPCRPL:  # its fields are those that were asked for
        flags = next((at for at, param in enumerate(params) if at and _WHOX_FLAGS.fullmatch(param)), None)
    else:
        flags = len(params) - 2
    if flags is None or flags < 2:  # noqa: PLR2004 - a server's reply is never shorter
        return line
    cut = (*params[:flags], _RANKED_FLAGS.sub(r"\1", params[flags]), *params[flags + 1 :])
    return line if cut == params else str(message.replaced(params=cut))


def _highest_only(entry: str) -> str:
    name = entry.lstrip(_RANKS)
    return entry[: min(1, len(entry) - len(name))] + name


_ALTERED: Mapping[str, Callable[[View, str], str]] = {
    "JOIN": _join,
    Numeric.RPL_NAMREPLY.value: _names,
    Numeric.RPL_WHOREPLY.value: _who,
    Numeric.RPL_WHOSPCRPL.value: _who,
}
