"""CHATHISTORY (section 5.15 of the reference).

Spec: https://ircv3.net/specs/extensions/chathistory
"""

import msgspec

from soju_actors.history.hiding import Hidden
from soju_actors.irc.errors import StandardReply, fail
from soju_actors.irc.server_time import parse_time
from soju_actors.messages.slots import Question
from soju_actors.model.records import NetworkId
from soju_actors.policy.service import SERVICE_NICK
from soju_actors.ports.database import Direction, QueryHistory, QueryTargets, Reference
from soju_actors.user.call import Call
from soju_actors.user.client.table import CommandTable
from soju_actors.user.isupport import CHATHISTORY_LIMIT
from soju_actors.user.state import NetworkState

TABLE = CommandTable()

PARAMS = {"LATEST": 4, "BEFORE": 4, "AFTER": 4, "AROUND": 4, "BETWEEN": 5, "TARGETS": 4}
"""Parameters of each subcommand, itself included."""


@TABLE.command("CHATHISTORY", min_params=1)
def chathistory(call: Call) -> None:
    """Answer from history; the client's own connection asks the database."""
    subcommand, *params = call.params
    subcommand = subcommand.upper()
    if subcommand not in PARAMS:
        raise _invalid(subcommand, "Unknown subcommand; there are " + ", ".join(PARAMS))
    if len(call.params) != PARAMS[subcommand]:
        raise _invalid(subcommand, f"{subcommand} takes {PARAMS[subcommand] - 1} parameters")
    limit = _limit(subcommand, params[-1])
    if subcommand == "TARGETS":
        first, second = _time(subcommand, params[0]), _time(subcommand, params[1])
        hidden = call.bound.blocked_for(call.client) if call.bound else None
        query = _targets(call.bound, first, second, limit, hidden)
        call.ask(Question(query, "CHATHISTORY", subcommand=subcommand))
        return
    target = params[0]
    if call.bound is None:
        raise fail("CHATHISTORY", "INVALID_TARGET", subcommand, target, "No network is selected")
    if target.casefold() == SERVICE_NICK.casefold():
        limit = 0
    history = _history(subcommand, call.bound, target, params[1:-1], limit)
    events = "draft/event-playback" in call.client.caps
    history = msgspec.structs.replace(history, events=events, hidden=call.bound.blocked_for(call.client))
    call.ask(Question(history, "CHATHISTORY", call.bound.fold(target), subcommand))


def _targets(network: NetworkState | None, first: int, second: int, limit: int, hidden: Hidden | None) -> QueryTargets:
    """Return the query for TARGETS, without detached channels (row DET-09) and blocked senders.

    The bounds say from where to count.
    """
    after, before = sorted((first, second))
    if network is None:
        return QueryTargets(NetworkId(0), after, before, 0)
    detached = tuple(network.stored_name(channel.name) for channel in network.saved.values() if channel.detached)
    without = (*detached, *map(network.stored_name, hidden.nicks if hidden else ()))
    return QueryTargets(NetworkId(network.id), after, before, limit, newest=first > second, without=without)


def _history(subcommand: str, network: NetworkState, target: str, bounds: list[str], limit: int) -> QueryHistory:
    """Return the query for a subcommand with its bounds."""
    if subcommand == "LATEST" and bounds[0] == "*":
        return _query(network, target, limit, Direction.NEWEST)
    references = [_reference(subcommand, text) for text in bounds]
    first = references[0]
    match subcommand:
        case "BETWEEN":
            return _query(network, target, limit, Direction.OLDEST, after=first, before=references[1])
        case "BEFORE":
            return _query(network, target, limit, Direction.NEWEST, before=first)
        case "AFTER":
            return _query(network, target, limit, Direction.OLDEST, after=first)
        case "AROUND":
            return _query(network, target, limit, Direction.AROUND, around=first)
    return _query(network, target, limit, Direction.NEWEST, after=first)


def _query(
    network: NetworkState,
    target: str,
    limit: int,
    direction: Direction,
    *,
    after: Reference | None = None,
    before: Reference | None = None,
    around: Reference | None = None,
) -> QueryHistory:
    return QueryHistory(
        NetworkId(network.id),
        network.stored_name(target),
        limit,
        direction,
        after=after,
        before=before,
        around=around,
        below=network.stored_end(target),
    )


def _reference(subcommand: str, text: str) -> Reference:
    """Read ``timestamp=...`` or ``msgid=...``."""
    kind, _, value = text.partition("=")
    if kind == "msgid" and value:
        return Reference(msgid=value)
    return Reference(time=_time(subcommand, text))


def _time(subcommand: str, text: str) -> int:
    """Read ``timestamp=...`` as ms since the epoch."""
    kind, _, value = text.partition("=")
    seconds = parse_time(value) if kind == "timestamp" else None
    if seconds is None:
        raise _invalid(subcommand, f"{text!r} is not timestamp=YYYY-MM-DDThh:mm:ss.sssZ or msgid=ID")
    return round(seconds * 1000)


def _limit(subcommand: str, text: str) -> int:
    """Read the limit; what is out of range is an error, not clamped (row LIM-16)."""
    limit = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1  # noqa: PLR2004 - no huge numbers
    if not 0 <= limit <= CHATHISTORY_LIMIT:
        raise _invalid(subcommand, f"the limit {text!r} is not within 0 and {CHATHISTORY_LIMIT}")
    return limit


def _invalid(subcommand: str, text: str) -> StandardReply:
    return fail("CHATHISTORY", "INVALID_PARAMS", subcommand, text)
