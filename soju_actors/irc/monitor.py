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

_TARGETS_BYTES = 400


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


def monitor_commands(action: str, nicks: Iterable[str]) -> list[Message]:
    """Return the commands that add (``+``) or remove (``-``) nicks, in lines that fit."""
    return [Message("MONITOR", (action, targets)) for targets in packed(nicks, _TARGETS_BYTES, separator=",")]


def monitor_replies(numeric: Numeric, client: str, targets: Iterable[str]) -> list[Message]:
    """Return RPL_MONONLINE, RPL_MONOFFLINE or RPL_MONLIST about nicks or sources, in lines that fit."""
    return [Message(numeric, (client, line)) for line in packed(targets, _TARGETS_BYTES, separator=",")]


def monitored(params: Sequence[str]) -> list[str]:
    """Return the nicks of a reply about them."""
    return [nick_of(target) for target in params[1].split(",") if target] if len(params) > 1 else []
