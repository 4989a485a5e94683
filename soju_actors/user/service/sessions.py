"""The user's own connections: listed with their lag, and closed (row GAP-03)."""

from collections.abc import Iterator, Mapping

import msgspec

from actors import Turn
from soju_actors.messages.downstream import CloseClient, MeasureLag
from soju_actors.messages.user import LagMeasured
from soju_actors.ports.protocols import ToUser
from soju_actors.service.commands import Given
from soju_actors.service.errors import CommandError
from soju_actors.service.replies import aligned, wrapped
from soju_actors.service.values import counted, format_duration
from soju_actors.user.service.errand import Errand, Handler, answer
from soju_actors.user.state import Client, Survey, UserState

PATIENCE = 3.0
"""Seconds that clients have to answer a PING."""
HEAD = ("no", "client", "network", "address", "since", "lag", "caps", "")
MOST_SURVEYS = 10
"""Lists on their way."""


class SurveyOver(msgspec.Struct, ToUser, frozen=True, tag="user.survey-over"):
    """Alarm: who has not answered by now is listed without a lag."""

    request: int


def list_sessions(errand: Errand, given: Given) -> None:
    """Have the lag of all clients measured; they are listed when it is known."""
    user, turn = errand.user, errand.turn
    clients = _meant(user, given.param(0)) if given.params else list(user.clients.values())
    if not clients:
        errand.say("No client is connected")
        return
    if len(user.surveys) >= MOST_SURVEYS:
        raise CommandError("the clients are being asked already, wait a moment")
    request = user.new_request()
    errand.later = True
    serials = tuple(client.serial for client in clients)
    user.surveys[request] = Survey(errand.pending(""), serials, detailed=bool(given.params))
    for client in clients:
        turn.send(client.ref, MeasureLag(request))
    turn.after(f"survey-{request}", PATIENCE, SurveyOver(request))


def kick(errand: Errand, given: Given) -> None:
    """Close connections."""
    others = given.boolean("others") or False
    if others is bool(given.params):
        raise CommandError("session kick needs the number or name of a session, or -others")
    own = errand.whom.client
    if others:
        clients = [client for client in errand.user.clients.values() if client.serial != own]
    else:
        clients = _meant(errand.user, given.param(0))
    for client in clients:
        errand.turn.send(client.ref, CloseClient("Disconnected by another session of yours (session kick)"))
    names = ", ".join(f"{client.serial} {client.name}".rstrip() for client in clients)
    errand.say(f"Disconnected {counted(len(clients), 'session')}{f': {names}' if names else ''}")


HANDLERS: Mapping[str, Handler] = {"session list": list_sessions, "session kick": kick}


def lag_measured(user: UserState, client: Client, msg: LagMeasured, turn: Turn) -> None:
    """Note an answer; list the clients when there is one of each that is still here."""
    survey = user.surveys.get(msg.request)
    if survey is None:
        return
    survey.lags[client.serial] = msg.seconds
    if all(client.serial in survey.lags for client in _of(user, survey)):
        survey_over(user, msg.request, turn)


def survey_over(user: UserState, request: int, turn: Turn) -> None:
    """List the clients with what is known of them."""
    survey = user.surveys.pop(request, None)
    if survey is None:
        return
    turn.cancel(f"survey-{request}")
    clients = _of(user, survey)
    if survey.detailed:
        lines = [line for client in clients for line in _described(user, survey, client, turn.wall)]
    else:
        lines = list(aligned([HEAD, *(_row(user, survey, client, turn.wall) for client in clients)]))
    answer(user, survey.whom, turn, lines if clients else ["No client is connected any more"])


def _of(user: UserState, survey: Survey) -> list[Client]:
    return [client for client in user.clients.values() if client.serial in survey.serials]


def _meant(user: UserState, text: str) -> list[Client]:
    """Return the client of a number, or all of a name.

    Raises:
        CommandError: there is none.
    """
    clients = list(user.clients.values())
    found = [client for client in clients if str(client.serial) == text] or [
        client for client in clients if client.name == text
    ]
    if not found:
        known = ", ".join(f"{client.serial} {client.name}".rstrip() for client in clients) or "none"
        raise CommandError(f"there is no session {text!r}; your sessions: {known}")
    return found


def _row(user: UserState, survey: Survey, client: Client, wall: float) -> tuple[str, ...]:
    network = user.network_of(client)
    return (
        str(client.serial),
        client.name or "-",
        network.record.name if network else "-",
        client.remote.rpartition(":")[0] or client.remote,
        format_duration(wall - client.since),
        _lag(survey, client),
        str(len(client.caps)),
        "this one" if client.serial == survey.whom.client else "",
    )


def _described(user: UserState, survey: Survey, client: Client, wall: float) -> Iterator[str]:
    network = user.network_of(client)
    mine = " (this one)" if client.serial == survey.whom.client else ""
    yield f"Session {client.serial}{mine}"
    rows = [
        ("client", client.name or "(no name)"),
        ("network", network.record.name if network else "none"),
        ("address", client.remote + (", encrypted" if client.secure else ", plain text")),
        ("connected", f"for {format_duration(wall - client.since)}"),
        ("lag", _lag(survey, client)),
        *([("away", client.away)] if client.away else []),
    ]
    yield from (f"  {row}" for row in aligned(rows))
    yield from wrapped(f"caps       {' '.join(sorted(client.caps)) or 'none'}", "  ", " " * 13)


def _lag(survey: Survey, client: Client) -> str:
    seconds = survey.lags.get(client.serial)
    if seconds is None:
        return f"over {PATIENCE:.0f} s"
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
