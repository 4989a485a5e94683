"""Questions without labels: one of a kind at a time, answered to who asked (rows RTE-02 to RTE-05)."""

from collections.abc import Mapping

import msgspec

from actors import Turn
from soju_actors.irc.message import Message
from soju_actors.irc.numerics import Numeric
from soju_actors.irc.replies import sayable
from soju_actors.ports.protocols import ToUser
from soju_actors.user.state import Client, NetworkState, Query, UserState

STALE = 30.0
"""Seconds after which a question counts as not answered (row LIM-14)."""

ENDS: Mapping[str, Numeric] = {
    "WHO": Numeric.RPL_ENDOFWHO,
    "WHOIS": Numeric.RPL_ENDOFWHOIS,
    "WHOWAS": Numeric.RPL_ENDOFWHOWAS,
    "LIST": Numeric.RPL_LISTEND,
}
"""The numeric that ends the answer to each kind of question."""

PARTS: Mapping[str, str] = {
    **dict.fromkeys((Numeric.RPL_WHOREPLY, Numeric.RPL_WHOSPCRPL), "WHO"),
    **dict.fromkeys((Numeric.RPL_LISTSTART, Numeric.RPL_LIST), "LIST"),
    **dict.fromkeys(
        ("276", "307", "311", "313", "317", "319", "320", "330", "335", "338", "378", "379", "671"), "WHOIS"
    ),
    **dict.fromkeys((Numeric.RPL_WHOWASUSER, Numeric.ERR_WASNOSUCHNICK), "WHOWAS"),
}
"""Numerics that belong to an answer."""


class QueryStale(msgspec.Struct, ToUser, frozen=True, tag="user.query-stale"):
    """Alarm: a server has not answered a question in time."""

    network: int
    kind: str


def ask(network: NetworkState, client: Client, message: Message, turn: Turn) -> None:
    """Ask the server when all earlier questions of this kind are answered."""
    queue = network.queues.setdefault(message.command, [])
    queue.append(Query(client.serial, message))
    if len(queue) == 1:
        _send(network, queue, turn)


def _send(network: NetworkState, queue: list[Query], turn: Turn) -> None:
    command = queue[0].message.command
    network.send(turn, queue[0].message)
    turn.after(f"query-{network.id}-{command}", STALE, QueryStale(network.id, command))


def asker(network: NetworkState, message: Message) -> tuple[bool, Client | None]:
    """Return whether a message answers a question under way, and the client that asked, if it is still here."""
    kind = PARTS.get(message.command) or _kind_that_ends(network, message) or _kind_about(network, message)
    queue = network.queues.get(kind or "")
    if not queue:
        return False, None
    return True, network.with_serial(queue[0].client)


def finish(network: NetworkState, message: Message, turn: Turn) -> None:
    """Go on with the next question if this message ends the one under way."""
    kind = _kind_that_ends(network, message)
    if kind is not None:
        _next(network, kind, turn)


def abort(user: UserState, network: NetworkState, kind: str, turn: Turn) -> None:
    """Answer a question that the server did not: with the end of its answer (row RTE-05)."""
    queue = network.queues.get(kind)
    if not queue:
        return
    client = network.with_serial(queue[0].client)
    if client is not None:
        network.feed.line_to(client, aborted(user, client, queue[0].message))
    _next(network, kind, turn)


def abort_all(user: UserState, network: NetworkState) -> None:
    """Answer all questions: the server is gone."""
    for queue in network.queues.values():
        for query in queue:
            client = network.with_serial(query.client)
            if client is not None:
                network.feed.line_to(client, aborted(user, client, query.message))
        queue.clear()


def aborted(user: UserState, client: Client, message: Message) -> str:
    """Return the line that ends a question without an answer."""
    about = message.params[:1] if message.command != "LIST" else ()
    end = Message(
        ENDS[message.command],
        (client.nick, *(about or ("*",) if message.command != "LIST" else ()), "The server has not answered"),
        source=user.settings.hostname,
    )
    return str(sayable(end))


def _next(network: NetworkState, kind: str, turn: Turn) -> None:
    queue = network.queues.get(kind)
    if not queue:
        return  # the end of an answer that nobody waits for
    turn.cancel(f"query-{network.id}-{kind}")
    queue.pop(0)
    while queue and network.with_serial(queue[0].client) is None:
        queue.pop(0)
    if queue:
        _send(network, queue, turn)


def _kind_that_ends(network: NetworkState, message: Message) -> str | None:
    """Return the kind of question whose answer a message ends: its numeric, or an error that names it."""
    for kind, numeric in ENDS.items():
        if message.command == numeric:
            return kind
    params = message.params
    if message.command in ("421", "461", "263", "416") and len(params) > 1 and params[1].upper() in ENDS:
        return params[1].upper()
    return _kind_about(network, message) if message.command == Numeric.ERR_NOSUCHSERVER else None


def _kind_about(network: NetworkState, message: Message) -> str | None:
    """Return WHOIS if a message says that what is asked about does not exist (row UP-27).

    The end of the answer follows where it is a nick, and does not where it is a server.
    """
    if message.command not in (Numeric.ERR_NOSUCHNICK, Numeric.ERR_NOSUCHSERVER) or len(message.params) < 2:  # noqa: PLR2004
        return None
    queue = network.queues.get("WHOIS")
    return "WHOIS" if queue and message.params[1] in queue[0].message.params else None
