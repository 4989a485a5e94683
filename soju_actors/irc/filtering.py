"""What of a line a client may have, by the capabilities that it has enabled (rows FLT-01 to FLT-04)."""

import re
from collections.abc import Collection

import msgspec

from soju_actors.irc.cap_table import COMMAND_NEEDS, TAG_NEEDS
from soju_actors.irc.message import Message, parse_message
from soju_actors.irc.numerics import Numeric

_RANKS = "~&@%+!"
"""Symbols of ranks on the servers that there are; a nick begins with none of them."""
_RANKED_FLAGS = re.compile(rf"([{re.escape(_RANKS)}])[{re.escape(_RANKS)}]+")
_TALK = frozenset({"PRIVMSG", "NOTICE"})
_ALTERED = frozenset({"JOIN", Numeric.RPL_NAMREPLY.value, Numeric.RPL_WHOREPLY.value})


class View(msgspec.Struct, frozen=True):
    """The capabilities that alter lines: clients with equal views get the same lines."""

    message_tags: bool = False
    batch: bool = False
    extended_join: bool = False
    multi_prefix: bool = False
    tags: frozenset[str] = frozenset()
    """Tags that are kept without message-tags."""
    dropped: frozenset[str] = frozenset(COMMAND_NEEDS)
    """Commands that are not shown."""

    @classmethod
    def of(cls, caps: Collection[str]) -> "View":
        """Return the view of a client with these capabilities."""
        return cls(
            message_tags="message-tags" in caps,
            batch="batch" in caps,
            extended_join="extended-join" in caps,
            multi_prefix="multi-prefix" in caps,
            tags=frozenset(tag for tag, cap in TAG_NEEDS.items() if cap in caps),
            dropped=frozenset(command for command, cap in COMMAND_NEEDS.items() if cap not in caps),
        )

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
        command = _command_of(body)
        if command not in _TALK:
            if command in self.dropped:
                return None
            if command in _ALTERED and not (self.extended_join if command == "JOIN" else self.multi_prefix):
                body = _altered(parse_message(body))
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


def _command_of(body: str) -> str:
    """Return the command of a line without its tags."""
    start = body.find(" ") + 1 if body[:1] == ":" else 0
    end = body.find(" ", start)
    command = body[start:] if end < 0 else body[start:end]
    return command if command.isupper() or command.isdigit() else parse_message(body).command


def _altered(message: Message) -> str:
    """Return the line of a message with what all clients may have of its parameters."""
    params = message.params
    cut = params
    if message.command == "JOIN":
        cut = params[:1]
    elif len(params) >= 4:  # noqa: PLR2004 - a server's reply is never shorter
        if message.command == Numeric.RPL_NAMREPLY:
            cut = (*params[:-1], " ".join(map(_highest_only, params[-1].split(" "))))
        else:
            cut = (*params[:-2], _RANKED_FLAGS.sub(r"\1", params[-2]), params[-1])
    return message.line if cut == params else str(message.replaced(params=cut))


def _highest_only(entry: str) -> str:
    name = entry.lstrip(_RANKS)
    return entry[: min(1, len(entry) - len(name))] + name
