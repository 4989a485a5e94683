"""History as a client gets it: messages in a batch.

Spec: https://ircv3.net/specs/extensions/batch
Spec: https://ircv3.net/specs/extensions/chathistory
"""

from collections.abc import Iterable, Sequence

from soju_actors.irc.batch import close_batch, open_batch
from soju_actors.irc.filtering import View
from soju_actors.irc.multiline import expanded
from soju_actors.irc.server_time import format_time
from soju_actors.model.entry import MULTILINE, Entry

PLAYBACK_SOURCE = "*playback!playback@znc.in"
"""Who answers in the name of ZNC's module. Spec: https://wiki.znc.in/Playback"""


def tagged(lines: Iterable[str], name: str, *, nested: bool = False) -> list[str]:
    """Add the ``batch`` tag to lines; where batches are nested, those of an inner one have theirs, as the first tag."""
    if nested:
        return [line if line.startswith("@batch=") else tagged([line], name)[0] for line in lines]
    return [f"@batch={name};{line[1:]}" if line[0] == "@" else f"@batch={name} {line}" for line in lines]


def in_batch(lines: Sequence[str], view: View, name: str, kind: str, *params: str, ended: bool = False) -> list[str]:
    """Return lines as a batch, or as they are for a client that knows no batches.

    ``ended`` marks the last part of what the client asks for part by part: its next question would find nothing.
    """
    if not view.batch:
        return list(lines)
    mark = "@draft/chathistory-end " if ended and view.message_tags else ""
    nested = view.multiline and any(line.startswith("@batch=") for line in lines)
    return [f"{mark}{open_batch(name, kind, *params)}", *tagged(lines, name, nested=nested), str(close_batch(name))]


def history_lines(entries: Sequence[Entry], view: View, name: str) -> list[str]:
    """Return what a view shows of stored messages; batches within them are named after this."""
    if view.message_tags:
        plain = ("PRIVMSG", "NOTICE", "TAGMSG")
        texts = (entry.line if entry.command in plain else view.adapt(entry.line) for entry in entries)
    else:
        texts = (view.adapt(entry.line) for entry in entries)
    lines = [text for text in texts if text]
    return expanded(lines, view, name) if any(entry.command == MULTILINE for entry in entries) else lines


def target_lines(targets: Iterable[tuple[str, int]]) -> list[str]:
    """Return the answer to ``CHATHISTORY TARGETS``: names and the times (ms) of their newest messages."""
    return [f"CHATHISTORY TARGETS {name} {format_time(time / 1000)}" for name, time in targets]


def span_lines(nick: str, spans: Iterable[tuple[str, int, int]]) -> list[str]:
    """Return what the playback module lists: names, and the times in seconds of their oldest and newest messages."""
    start = f":{PLAYBACK_SOURCE} PRIVMSG {nick} :"
    return [f"{start}{name} {_seconds(first)} {_seconds(last)}" for name, first, last in spans]


def _seconds(time: int) -> str:
    return f"{time // 1000}.{time % 1000:03}"
