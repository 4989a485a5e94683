"""Commands from clients, and from admins in a user's name."""

from collections.abc import Mapping

from actors import Turn
from soju_actors.messages.registry import AdminDone
from soju_actors.messages.user import RunCommand
from soju_actors.service.admin import request_for
from soju_actors.service.commands import Caller, Given
from soju_actors.service.errors import CommandError
from soju_actors.service.helping import help_lines
from soju_actors.service.parsing import parse
from soju_actors.user.call import Call
from soju_actors.user.saving import Pending, continuation, expect
from soju_actors.user.service import access, certfp, channels, exporting, history, networks, sasl, sessions
from soju_actors.user.service.errand import Errand, Handler, answer
from soju_actors.user.settings import SettingError
from soju_actors.user.state import UserState


def run(call: Call, text: str) -> None:
    """Carry out what a client has said to the service, with the rights that its user has now."""
    caller = Caller(call.user.record.name, admin=call.user.record.admin)
    _run(Errand(call.user, call.turn, Pending(client=call.client.serial), caller, call.bound), text)


def run_for(user: UserState, msg: RunCommand, turn: Turn) -> None:
    """Carry out what an admin wants done as this user, with an admin's rights (row SVC-23)."""
    if turn.sender is not None:
        whom = Pending(asker=turn.sender.path, request=msg.request)
        _run(Errand(user, turn, whom, Caller(user.record.name)), msg.text)


def _run(errand: Errand, text: str) -> None:
    error = ""
    try:
        _carry_out(errand, parse(text, errand.caller))
    except (CommandError, SettingError) as problem:
        error = str(problem)
    if error or not errand.later:
        answer(errand.user, errand.whom, errand.turn, errand.lines, error)


def _carry_out(errand: Errand, given: Given) -> None:
    handler = HANDLERS.get(given.command.name)
    if handler is not None:
        handler(errand, given)
        return
    user = errand.user
    request = request_for(given, errand.caller, user.new_request())
    if request is not None:
        errand.later = True
        expect(user, request.request, errand.pending("admin_answered"))
        errand.turn.send(user.registry, request)


def _help(errand: Errand, given: Given) -> None:
    errand.say(*help_lines(given.param(0), errand.caller))


HANDLERS: Mapping[str, Handler] = {
    "help": _help,
    **networks.HANDLERS,
    **channels.HANDLERS,
    **sasl.HANDLERS,
    **certfp.HANDLERS,
    **access.HANDLERS,
    **exporting.HANDLERS,
    **history.HANDLERS,
    **sessions.HANDLERS,
}


@continuation
def admin_answered(user: UserState, pending: Pending, done: AdminDone, turn: Turn) -> None:
    """Pass on what the registry has answered."""
    answer(user, pending, turn, done.lines, done.error)
