"""One IRC message and its line.

Spec: https://modern.ircdocs.horse/#message-format
Spec: https://ircv3.net/specs/extensions/message-tags
"""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from soju_actors.irc.errors import ParseError
from soju_actors.irc.verbs import TEXT_AT, VERBS

_ESCAPED = {"\\": "\\\\", ";": "\\:", " ": "\\s", "\r": "\\r", "\n": "\\n"}
_UNESCAPED = {":": ";", "s": " ", "r": "\r", "n": "\n"}
_SPECIAL = re.compile(r"[\\; \r\n]")
_BAD_KEY = re.compile(r"[;= \0\r\n]")


class Message(msgspec.Struct, frozen=True, gc=False, eq=False):
    """One message; the command is in upper case.

    ``tags`` is the raw tag section without its ``@``. ``line`` is the text as
    received, without CRLF, and empty for a message made here; it does not count
    in comparisons.
    """

    command: str
    params: tuple[str, ...] = ()
    source: str = ""
    tags: str = ""
    line: str = ""

    def __eq__(self, other: object) -> bool:
        """Compare what the messages say, not how they were spelled."""
        return type(other) is Message and self._said() == other._said()

    def __hash__(self) -> int:
        """Hash what :meth:`__eq__` compares."""
        return hash(self._said())

    def __str__(self) -> str:
        """Return the line, without CRLF.

        Raises:
            ValueError: a part cannot be expressed in a line.
        """
        return self.line or _format(self)

    def tag(self, name: str) -> str | None:
        """Return a tag's unescaped value, empty if it has none; None without the tag."""
        return tag_in(self.tags, name)

    def tag_map(self) -> dict[str, str]:
        """Return all tags with their unescaped values, empty where there is none."""
        parts = (part.partition("=") for part in self.tags.split(";"))
        return {key: unescape_tag_value(value) for key, _, value in parts if key}

    def with_tags(self, tags: Mapping[str, str] | str) -> "Message":
        """Return the message with other tags, given as values or as a raw section; the rest of its line stays.

        Raises:
            ValueError: the tags cannot be expressed.
        """
        raw = tags if isinstance(tags, str) else format_tags(tags)
        line = f"{_tag_section(raw)}{self._untagged()}" if self.line else ""
        return Message(self.command, self.params, self.source, raw, line)

    def without_tags(self) -> "Message":
        """Return the message without tags; the rest of its line stays."""
        return Message(self.command, self.params, self.source, "", self._untagged())

    def replaced(self, **fields: Any) -> "Message":  # noqa: ANN401 - as msgspec.structs.replace
        """Return the message with other fields, to be formatted anew."""
        return msgspec.structs.replace(self, **{"line": "", **fields})

    def _said(self) -> tuple[str, tuple[str, ...], str, str]:
        return self.command, self.params, self.source, self.tags

    def _untagged(self) -> str:
        line = self.line
        return line.partition(" ")[2].lstrip(" ") if line[:1] == "@" else line


def parse_message(line: str) -> Message:
    """Parse one line without its CRLF; several spaces count as one.

    Raises:
        ParseError: there is no command, or a NUL, CR or LF.
    """
    if "\0" in line or "\r" in line or "\n" in line:
        raise ParseError("a line holds NUL, CR or LF")
    rest, tags, source = line, "", ""
    if rest[:1] == "@":
        tags, _, rest = rest.partition(" ")
        tags = tags[1:]
        if rest[:1] == " ":
            rest = rest.lstrip(" ")
    if rest[:1] == ":":
        source, _, rest = rest.partition(" ")
        source = source[1:]
    head, colon, text = rest.partition(" :")
    words = head.split(" ")
    if "" in words:
        words = [word for word in words if word]
    if not words or words[0][0] in ":@":
        raise ParseError("a line has no command")
    command = words[0]
    del words[0]
    if colon:
        words.append(text)
    return Message(VERBS.get(command) or command.upper(), tuple(words), source, tags, line)


def command_of(line: str) -> str:
    """Return the command of a line as :func:`parse_message` does, without parsing it where it is a known one.

    Raises:
        ParseError: there is none.
    """
    words = line.split(" ", 3)
    at = 1 if line[:1] == "@" else 0
    try:
        if words[at][:1] == ":":
            at += 1
        command = VERBS.get(words[at])
    except IndexError:
        command = None
    return command or parse_message(line).command


def tag_in(tags: str, name: str) -> str | None:
    """Return the unescaped value of a tag in a raw section, empty if it has none; None without the tag.

    Of a tag that is there twice the last one counts.
    """
    start = tags.find(name)
    if start < 0:
        return None
    end = start + len(name)
    if tags[end : end + 1] == "=" and (not start or tags[start - 1] == ";") and tags.find(name, end) < 0:
        stop = tags.find(";", end)
        value = tags[end + 1 :] if stop < 0 else tags[end + 1 : stop]
        return value if "\\" not in value else unescape_tag_value(value)
    parts = (part.partition("=") for part in reversed(tags.split(";")))
    return next((unescape_tag_value(value) for key, _, value in parts if key == name), None)


def escape_tag_value(value: str) -> str:
    r"""Escape ``;``, space, backslash, CR and LF.

    Spec: https://ircv3.net/specs/extensions/message-tags#escaping-values
    """
    return _SPECIAL.sub(lambda found: _ESCAPED[found[0]], value)


def unescape_tag_value(value: str) -> str:
    r"""Undo :func:`escape_tag_value`; a backslash before any other character is dropped.

    Spec: https://ircv3.net/specs/extensions/message-tags#escaping-values
    """
    if "\\" not in value:
        return value
    return re.sub(r"\\(.?)", lambda found: _UNESCAPED.get(found[1], found[1]), value, flags=re.DOTALL)


def format_tags(tags: Mapping[str, str]) -> str:
    """Return a raw tag section; a tag with an empty value gets no ``=``.

    Raises:
        ValueError: a key or value cannot be expressed.
    """
    parts = []
    for key, value in tags.items():
        if not key or _BAD_KEY.search(key) or "\0" in value:
            raise ValueError(f"the tag {key!r} cannot be sent")
        parts.append(f"{key}={escape_tag_value(value)}" if value else key)
    return ";".join(parts)


def _tag_section(raw: str) -> str:
    if " " in raw or "\0" in raw or "\r" in raw or "\n" in raw:
        raise ValueError("tags with a space, NUL, CR or LF cannot be sent")
    return f"@{raw} " if raw else ""


def _format(message: Message) -> str:
    """Return the line of a message; nothing in it can begin another parameter or line."""
    command, params, source = message.command, message.params, message.source
    if not command or command[0] in ":@" or " " in command or " " in source:
        raise ValueError(f"the command {command!r} of {source!r} cannot be sent")
    line = f":{source} {command}" if source else str(command)
    if params:
        *middle, last = params
        for param in middle:
            if not param or param[0] == ":" or " " in param:
                raise ValueError(f"{param!r} can only be the last parameter of {command}")
            line = f"{line} {param}"
        colon = not last or last[0] == ":" or " " in last or len(params) >= TEXT_AT.get(command, len(params) + 1)
        line = f"{line} :{last}" if colon else f"{line} {last}"
    if "\0" in line or "\r" in line or "\n" in line:
        raise ValueError(f"a {command} with NUL, CR or LF cannot be sent")
    return f"{_tag_section(message.tags)}{line}"
