"""Who is online: commands and replies of MONITOR.

Spec: https://ircv3.net/specs/extensions/monitor
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from soju_actors.irc.errors import need_more_params
from soju_actors.irc.lists import packed
from soju_actors.irc.message import Message
from soju_actors.irc.numerics import Numeric
from soju_actors.irc.source import nick_of

_LINE_BYTES = 510
"""A line without its CRLF."""
_FULL = "Monitor list is full"


class MonitorRequest(NamedTuple):
    """What a client asks: ``+``, ``-``, ``C``, ``L`` or ``S``, and for the first two about whom."""

    action: str
    targets: tuple[str, ...] = ()


def parse_monitor(params: Sequence[str]) -> MonitorRequest:
    """Return what a MONITOR command asks.

    Raises:
        ReplyError: 461, something is missing or the action is unknown.
    """
    action = params[0].upper() if params else ""
    if action in ("C", "L", "S"):
        return MonitorRequest(action)
    if action in ("+", "-") and len(params) > 1:
        return MonitorRequest(action, tuple(nick for nick in params[1].split(",") if nick))
    raise need_more_params("MONITOR")


def monitor_commands(action: str, nicks: Iterable[str], *, per_line: int | None = None) -> list[Message]:
    """Return the commands that add (``+``) or remove (``-``) nicks, in as few lines as hold them."""
    room = _LINE_BYTES - len(f"MONITOR {action} ")
    lines = packed(nicks, room, separator=",", per_line=per_line)
    return [Message("MONITOR", (action, targets)) for targets in lines]


def monitor_replies(numeric: Numeric, source: str, client: str, targets: Iterable[str]) -> list[Message]:
    """Return RPL_MONONLINE, RPL_MONOFFLINE or RPL_MONLIST about nicks or sources, in as few lines as hold them."""
    room = _LINE_BYTES - _size(f":{source} {numeric} {client} :")
    return [Message(numeric, (client, line), source) for line in packed(targets, room, separator=",")]


def monitor_full(source: str, client: str, limit: str, nicks: Iterable[str]) -> list[Message]:
    """Return ERR_MONLISTFULL for the nicks that are not on a list of at most ``limit``."""
    room = _LINE_BYTES - _size(f":{source} {Numeric.ERR_MONLISTFULL} {client} {limit}  :{_FULL}")
    lines = packed(nicks, room, separator=",")
    return [Message(Numeric.ERR_MONLISTFULL, (client, limit, line, _FULL), source) for line in lines]


def monitored(params: Sequence[str]) -> list[str]:
    """Return the nicks of a reply about them."""
    return [nick_of(target) for target in params[1].split(",") if target] if len(params) > 1 else []


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogateescape"))
