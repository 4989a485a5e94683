"""Commands about users and the server: what the registry is asked (rows SVC-19 to SVC-26)."""

from collections.abc import Callable, Mapping

from soju_actors.irc.names import valid_nick
from soju_actors.messages.cluster import RunCluster
from soju_actors.messages.registry import (
    AddUser,
    Announce,
    ChangeUser,
    ListUsers,
    Refresh,
    RemoveUser,
    ReportStatus,
    RunAs,
    SetDebug,
)
from soju_actors.model.records import User, UserId
from soju_actors.service.commands import Caller, Given
from soju_actors.service.errors import CommandError
from soju_actors.service.values import read_boolean

AdminRequest = (
    AddUser | Announce | ChangeUser | ListUsers | Refresh | RemoveUser | ReportStatus | RunAs | RunCluster | SetDebug
)
Maker = Callable[[Given, Caller, int], AdminRequest]

RECORD_MOST = 120
"""Seconds for which traffic can be recorded."""
CONTROL = "the operator"
"""Who speaks through the control socket."""


def request_for(given: Given, caller: Caller, request: int) -> AdminRequest | None:
    """Return what the registry is asked to do, None if it is not the registry's affair.

    Raises:
        CommandError: a value is wrong, or the caller may not do this.
    """
    maker = MAKERS.get(given.command.name)
    return maker(given, caller, request) if maker else None


def _user_status(given: Given, _: Caller, request: int) -> ListUsers:
    return ListUsers(request, given.param(0))


def _user_create(given: Given, _: Caller, request: int) -> AddUser:
    password = given.text("password")
    disabled = given.boolean("disable-password") or False
    if (password is None) is not disabled:
        raise CommandError("a new user has a -password, or -disable-password instead")
    _check(given)
    enabled, most = given.boolean("enabled"), given.number("max-networks")
    user = User(
        UserId(0),
        given.text("username") or "",
        admin=given.boolean("admin") or False,
        enabled=enabled is not False,
        nick=given.text("nick") or "",
        realname=given.text("realname") or "",
        max_networks=-1 if most is None else most,
    )
    return AddUser(user, password, request)


def _user_update(given: Given, caller: Caller, request: int) -> ChangeUser:
    name = _account(given, caller)
    if name == caller.name and given.boolean("enabled") is False:
        raise CommandError("you cannot disable yourself")
    if name == caller.name and given.boolean("admin") is False:
        raise CommandError("you cannot take your own rights away")
    if not given.flags:
        raise CommandError("user update needs a flag: say help user update")
    disabled = given.boolean("disable-password") or False
    if disabled and "password" in given.flags:
        raise CommandError("either -password or -disable-password")
    _check(given)
    return ChangeUser(
        name,
        request,
        password=given.text("password"),
        disable_password=disabled,
        admin=given.boolean("admin"),
        enabled=given.boolean("enabled"),
        nick=given.text("nick"),
        realname=given.text("realname"),
        max_networks=given.number("max-networks"),
    )


def _user_delete(given: Given, caller: Caller, request: int) -> RemoveUser:
    return RemoveUser(_account(given, caller), request, given.param(1))


def _user_run(given: Given, _: Caller, request: int) -> RunAs:
    return RunAs(given.param(0), given.param(1), request)


def _server_status(_: Given, __: Caller, request: int) -> ReportStatus:
    return ReportStatus(request)


def _server_notice(given: Given, caller: Caller, request: int) -> Announce:
    return Announce(given.param(0), caller.name or CONTROL, request)


def _server_debug(given: Given, _: Caller, request: int) -> SetDebug:
    try:
        return SetDebug(read_boolean(given.param(0)), request)
    except CommandError:
        raise CommandError("server debug is on or off") from None


def _server_refresh(_: Given, __: Caller, request: int) -> Refresh:
    return Refresh(request)


def _cluster(given: Given, _: Caller, request: int) -> RunCluster:
    return RunCluster(given.command.words[1], given.params, request)


def _cluster_record(given: Given, _: Caller, request: int) -> RunCluster:
    seconds = given.param(1)
    if not seconds.isdecimal() or not 1 <= int(seconds) <= RECORD_MOST:
        raise CommandError(f"{seconds!r} is no number of seconds from 1 to {RECORD_MOST}")
    return RunCluster("record", given.params, request)


MAKERS: Mapping[str, Maker] = {
    "user status": _user_status,
    "user create": _user_create,
    "user update": _user_update,
    "user delete": _user_delete,
    "user run": _user_run,
    "server status": _server_status,
    "server notice": _server_notice,
    "server debug": _server_debug,
    "server refresh": _server_refresh,
    "cluster status": _cluster,
    "cluster move": _cluster,
    "cluster drain": _cluster,
    "cluster undrain": _cluster,
    "cluster explain": _cluster,
    "cluster record": _cluster_record,
}


def _account(given: Given, caller: Caller) -> str:
    """Return whose account it is about: the caller's own unless named."""
    name = given.param(0) or caller.name
    if not name:
        raise CommandError(f"{given.command.name} needs the name of a user here")
    if name != caller.name and not caller.admin:
        raise CommandError("only an admin may do that to others")
    return name


def _check(given: Given) -> None:
    """Check what the table cannot."""
    nick, most = given.text("nick"), given.number("max-networks")
    if nick and not valid_nick(nick):
        raise CommandError(f"{nick!r} is no nick")
    if given.text("password") == "":
        raise CommandError("a password is not empty: use -disable-password to have none")
    if most is not None and most < -1:
        raise CommandError("-max-networks is -1 or more")
