"""Answers to commands with a label: nothing is an ACK, one message has the label, several are a batch that has it.

Spec: https://ircv3.net/specs/extensions/labeled-response
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from soju_actors.history.batches import tagged
from soju_actors.irc.batch import BatchNames, close_batch, open_batch
from soju_actors.irc.message import Message, escape_tag_value, parse_message


@dataclass(slots=True)
class _Frame:
    """An answer that is not complete."""

    held: list[str] = field(default_factory=list)
    """Its first line, as long as there is no second one."""
    batch: str = ""
    """The batch that it is, once that is open."""


@dataclass(slots=True)
class Frames:
    """The answers that a client is being given, as many as its user actor has open."""

    source: str
    """What the messages of the bouncer's own have as their source."""
    names: BatchNames
    _open: dict[int, _Frame] = field(default_factory=dict)

    def take(self, number: int, label: str, lines: Sequence[str], *, done: bool) -> list[str]:
        """Take the lines of a part; return those that go to the client now."""
        frame = self._open.pop(number, None) or _Frame()
        if not done:
            self._open[number] = frame
        if not frame.batch:
            lines = [*frame.held, *lines]
            if done and _is_one(lines):
                return labelled(lines, label, self.source)
            if not done and len(lines) <= 1:
                frame.held = list(lines)
                return []
        out = tagged_within(lines, frame.batch) if frame.batch else self._begin(frame, lines, label)
        if done:
            out.append(_from(self.source, close_batch(frame.batch)))
        return out

    def _begin(self, frame: _Frame, lines: Sequence[str], label: str) -> list[str]:
        frame.batch = self.names.new()
        begin = _from(self.source, open_batch(frame.batch, "labeled-response"))
        return [_with_label(begin, label), *tagged_within(lines, frame.batch)]


def labelled(lines: Sequence[str], label: str, source: str) -> list[str]:
    """Return an answer that is nothing, one line, or one batch, with its label."""
    if not lines:
        lines = [_from(source, Message("ACK"))]
    return [_with_label(lines[0], label), *lines[1:]]


def tagged_within(lines: Sequence[str], batch: str) -> list[str]:
    """Put lines into a batch; those of a batch within it have a tag already."""
    return [line if _is_tagged(line) else tagged([line], batch)[0] for line in lines]


def _is_tagged(line: str) -> bool:
    return line[:1] == "@" and "batch=" in line and parse_message(line).tag("batch") is not None


def _is_one(lines: Sequence[str]) -> bool:
    """Whether lines are one message, none, or one batch from its beginning to its end."""
    if len(lines) <= 1:
        return True
    first, last = parse_message(lines[0]), parse_message(lines[-1])
    if not first.command == last.command == "BATCH":
        return False
    return first.params[0][:1] == "+" and last.params == (f"-{first.params[0][1:]}",)


def _with_label(line: str, label: str) -> str:
    tag = f"label={escape_tag_value(label)}"
    return f"@{tag};{line[1:]}" if line[:1] == "@" else f"@{tag} {line}"


def _from(source: str, message: Message) -> str:
    return str(message.replaced(source=source))
