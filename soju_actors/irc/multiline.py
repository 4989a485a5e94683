r"""Messages of several lines: as one line that is stored, and as the lines that a client gets.

What is stored is the line of the first part, with its tags, and behind it the texts of the
others: each begins with CR, which no line of a peer has in it, and ``-``, or ``+`` where it
goes on with the part before it without a line break.

Spec: https://ircv3.net/specs/extensions/multiline
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from soju_actors.irc.batch import close_batch, open_batch
from soju_actors.irc.filtering import View
from soju_actors.irc.message import Message, format_tags, parse_message

KIND = "draft/multiline"
"""The name of the capability and of the type of batch."""
CONCAT = "draft/multiline-concat"
_FOLLOWS = "\r"
_ONLY_ONCE = frozenset({"msgid"})


class Part(NamedTuple):
    """One line of a message; ``concat`` lets it go on with the one before it."""

    text: str
    concat: bool = False


class Limits(NamedTuple):
    """What a message may have at most; its bytes are those of the texts and of the line breaks."""

    max_bytes: int
    max_lines: int

    def __str__(self) -> str:
        """Return the value of the capability."""
        return f"max-bytes={self.max_bytes},max-lines={self.max_lines}"

    def within(self, other: "Limits | None") -> "Limits":
        """Return the limits that hold where both do."""
        if other is None:
            return self
        return Limits(min(self.max_bytes, other.max_bytes), min(self.max_lines, other.max_lines))


OWN = Limits(8192, 100)
"""For messages of clients."""
ACCEPTED = Limits(16_384, 256)
"""For messages of servers; of larger ones each line is a message."""


def parse_limits(value: str) -> Limits | None:
    """Return the limits in a capability's value; None if there are none, or no sensible ones."""
    given = dict(item.partition("=")[::2] for item in value.split(","))
    most, lines = given.get("max-bytes", ""), given.get("max-lines", str(OWN.max_lines))
    if not (most.isascii() and most.isdigit() and lines.isascii() and lines.isdigit()):
        return None
    return Limits(int(most[:9]), int(lines[:9]))


def size_of(parts: Iterable[Part]) -> int:
    """Return the bytes of a message."""
    parts = list(parts)
    breaks = sum(not part.concat for part in parts[1:])
    return breaks + sum(len(part.text.encode("utf-8", "surrogateescape")) for part in parts)


def compact(line: str, parts: Sequence[Part]) -> str:
    """Return the one line for a message, given that of its first part."""
    return line + "".join(f"{_FOLLOWS}{'+' if part.concat else '-'}{part.text}" for part in parts[1:])


def text_within(text: str) -> str:
    """Return what a text out of a compact line says."""
    return text.replace(f"{_FOLLOWS}+", "").replace(f"{_FOLLOWS}-", " ") if _FOLLOWS in text else text


def in_one_line(message: Message, parts: Sequence[Part]) -> Message:
    """Return a message with all of its text, given that with its first part."""
    return message.replaced(params=(message.params[0], text_within(compact(parts[0].text, parts))))


def expanded(lines: Iterable[str], view: View, name: str) -> list[str]:
    """Return lines with those of compact ones in their place, as a batch for who knows that; it is named after this."""
    found: list[str] = []
    for line in lines:
        if _FOLLOWS not in line:
            found.append(line)
            continue
        first, *rest = line.split(_FOLLOWS)
        message = parse_message(first)
        parts = [Part(message.params[1]), *(Part(text[1:], concat=text[0] == "+") for text in rest)]
        if view.multiline:
            found += _batch(message, parts, f"{name}m{len(found)}")
        else:
            found += map(str, messages_of(message, parts))
    return found


def messages_of(message: Message, parts: Iterable[Part]) -> list[Message]:
    """Return the messages of a single line that stand for one of several, which gives them source, target and tags.

    Without empty ones. What belongs to the message as a whole is on the first of them alone.
    """
    texts = [part.text for part in parts if part.text]
    tags = message.tag_map() if message.tags else {}
    later = format_tags({key: value for key, value in tags.items() if key not in _ONLY_ONCE and key[:1] != "+"})
    return [
        Message(message.command, (message.params[0], text), message.source, later if at else message.tags)
        for at, text in enumerate(texts)
    ]


def _batch(message: Message, parts: Iterable[Part], name: str) -> list[str]:
    target = message.params[0]
    begin = open_batch(name, KIND, target).replaced(source=message.source, tags=message.tags)
    inside = [
        str(Message(message.command, (target, part.text), message.source, _tags_within(part, name))) for part in parts
    ]
    return [str(begin), *inside, str(close_batch(name))]


def batch_for_server(target: str, command: str, parts: Iterable[Part], tags: str, name: str) -> list[Message]:
    """Return what a server is sent."""
    inside = [Message(command, (target, part.text), tags=_tags_within(part, name)) for part in parts]
    return [open_batch(name, KIND, target).with_tags(tags), *inside, close_batch(name)]


def _tags_within(part: Part, name: str) -> str:
    return f"batch={name};{CONCAT}" if part.concat else f"batch={name}"
