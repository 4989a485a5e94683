"""Dialogs: what peers of the bouncer say, and what it must say to them, in IRC's own notation.

A script has one step in each line::

    alice  > JOIN #soju
    libera < JOIN #soju

``>`` is what a peer says, ``<`` what the bouncer must say next to that peer. A peer that
has not been heard of is a client that connects. What the bouncer says to anybody and is
not in the script fails the dialog.

In a line that is expected ``*`` stands for any parameter, tag value or source, ``**`` for all
further parameters or tags, and ``$name`` at the end of one for what is remembered: in later
lines it stands for what was found. A line without a source comes from the bouncer. ``(closed)`` in
place of a line is the end of the connection.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Protocol

from soju_actors.irc.message import Message, parse_message

BOUNCER = "bouncer.test"
CLOSED = "(closed)"
SHOWN = 300
"""Characters of a line that a failure shows."""
STEP = re.compile(r"\s*(?P<peer>[\w.-]+)\s*(?P<direction>[<>]) ?(?P<line>.*)")


class Stage(Protocol):
    """Where a dialog takes place: a bouncer with its servers and clients."""

    def say(self, peer: str, line: str) -> None:
        """Let a peer say a line, or leave."""

    def next_line(self, peer: str) -> str | None:
        """Take the next line that the bouncer says to a peer; None if it says nothing more."""

    def unheard(self) -> Mapping[str, Sequence[str]]:
        """Return what the bouncer has said to each peer and nobody has taken, when nothing more happens."""


class DialogError(AssertionError):
    """The bouncer did not say what it should."""


def play(stage: Stage, script: str, *, rest: bool = False) -> dict[str, str]:
    """Play a script; return what its variables stand for. With ``rest`` more may be said than is in it.

    Raises:
        DialogError: the bouncer said something else, too little, or too much.
    """
    __tracebackhide__ = True
    found: dict[str, str] = {}
    steps = [line.strip(" ") for line in script.splitlines()]
    for number, step in enumerate(steps):
        if step:
            complaint = _step(stage, step, found)
            if complaint:
                raise DialogError(_report(stage, steps, number, complaint))
    extra = {peer: lines for peer, lines in stage.unheard().items() if lines}
    if extra and not rest:
        who = " and ".join(sorted(extra))
        raise DialogError(_report(stage, steps, len(steps), f"the bouncer says more to {who} than it should"))
    return found


def fits(pattern: str, line: str, found: dict[str, str]) -> bool:
    """Whether a line is what a pattern describes; notes what variables stand for."""
    if CLOSED in (pattern, line):
        return pattern == line
    wanted, heard = parse_message(pattern), parse_message(line)
    trial = dict(found)
    same = (
        wanted.command == heard.command
        and _same_source(wanted, heard, trial)
        and _same_params(wanted.params, heard.params, trial)
        and _same_tags(wanted.tag_map(), heard.tag_map(), trial)
    )
    if same:
        found.update(trial)
    return same


def filled(text: str, found: Mapping[str, str]) -> str:
    """Return a line with what its variables stand for."""
    return re.sub(r"\$(\w+)", lambda name: found.get(name[1], name[0]), text)


def _step(stage: Stage, step: str, found: dict[str, str]) -> str:
    """Take one step; return what is wrong, if anything is."""
    parts = STEP.fullmatch(step)
    if parts is None:
        raise ValueError(f"{step!r} is no step of a dialog")
    peer, line = parts["peer"], filled(parts["line"], found)
    if parts["direction"] == ">":
        stage.say(peer, line)
        return ""
    heard = stage.next_line(peer)
    if heard is None:
        return f"the bouncer says nothing to {peer}"
    return "" if fits(line, heard, found) else f"the bouncer says to {peer}: {heard}"


def _same_source(wanted: Message, heard: Message, found: dict[str, str]) -> bool:
    if not wanted.source:
        return heard.source in ("", BOUNCER)
    return _same(wanted.source, heard.source, found)


def _same_params(wanted: Sequence[str], heard: Sequence[str], found: dict[str, str]) -> bool:
    if wanted and wanted[-1] == "**":
        wanted = wanted[:-1]
        heard = heard[: len(wanted)]
    return len(wanted) == len(heard) and all(_same(a, b, found) for a, b in zip(wanted, heard, strict=True))


def _same_tags(wanted: dict[str, str], heard: dict[str, str], found: dict[str, str]) -> bool:
    if "**" in wanted:
        del wanted["**"]
        heard = {key: value for key, value in heard.items() if key in wanted}
    return wanted.keys() == heard.keys() and all(_same(value, heard[key], found) for key, value in wanted.items())


def _same(wanted: str, heard: str, found: dict[str, str]) -> bool:
    if wanted == "*":
        return True
    begin, dollar, name = wanted.rpartition("$")
    if dollar and name.isidentifier() and heard.startswith(begin):
        return found.setdefault(name, heard[len(begin) :]) == heard[len(begin) :]
    return wanted == heard


def _report(stage: Stage, steps: Sequence[str], number: int, complaint: str) -> str:
    """Return a complaint with the script up to here, and what else the bouncer has said."""
    told = "".join(f"\n    {step}" for step in steps[:number] if step)
    here = f"\n--> {steps[number]}" if number < len(steps) else ""
    rest = "".join(f"\n    {peer} < {line}" for peer, lines in stage.unheard().items() for line in lines)
    more = f"\n  what the bouncer has said beyond that:{rest}" if rest else ""
    report = f"{complaint}\n  the dialog:{told}{here}{more}"
    cut = "\n".join(line if len(line) < SHOWN else f"{line[:SHOWN]}..." for line in report.split("\n"))
    return cut.encode(errors="backslashreplace").decode()
