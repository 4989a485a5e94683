import pytest

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
from soju_actors.service.admin import MAKERS, AdminRequest, request_for
from soju_actors.service.commands import Caller
from soju_actors.service.errors import CommandError
from soju_actors.service.parsing import parse
from soju_actors.service.table import COMMANDS

ALICE = Caller("alice", admin=False)
ROOT = Caller("root", admin=True)
OPERATOR = Caller()


def asked(text: str, caller: Caller = OPERATOR) -> AdminRequest | None:
    return request_for(parse(text, caller), caller, 7)


@pytest.mark.parametrize(
    ("text", "request_"),
    [
        ("user status", ListUsers(7)),
        ("user status bob", ListUsers(7, "bob")),
        ("user create -username bob -password x", AddUser(User(UserId(0), "bob"), "x", 7)),
        (
            "user create -username bob -disable-password -admin -nick b -realname B -enabled=false -max-networks 0",
            AddUser(User(UserId(0), "bob", admin=True, enabled=False, nick="b", realname="B", max_networks=0), None, 7),
        ),
        ("user update bob -enabled false", ChangeUser("bob", 7, enabled=False)),
        ("user update bob -password x -admin", ChangeUser("bob", 7, password="x", admin=True)),
        ("user update bob -disable-password", ChangeUser("bob", 7, disable_password=True)),
        ("user update bob -nick '' -max-networks -1", ChangeUser("bob", 7, nick="", max_networks=-1)),
        ("user delete bob", RemoveUser("bob", 7)),
        ("user delete bob 1a2b", RemoveUser("bob", 7, "1a2b")),
        ("user run bob network status", RunAs("bob", "network status", 7)),
        ("server status", ReportStatus(7)),
        ("server notice Good night", Announce("Good night", "the operator", 7)),
        ("server debug on", SetDebug(on=True, request=7)),
        ("server refresh", Refresh(7)),
    ],
)
def test_each_admin_command_is_a_request_to_the_registry(text: str, request_: AdminRequest) -> None:
    assert asked(text) == request_


def test_the_commands_for_admins_are_the_registrys_affair() -> None:
    assert {command.name for command in COMMANDS if command.admin} <= MAKERS.keys()
    assert {command.name for command in COMMANDS if command.everywhere} == {*MAKERS, "help"}
    assert asked("help") is None


def test_users_may_change_and_delete_their_own_accounts() -> None:
    assert asked("user update -password x -nick al", ALICE) == ChangeUser("alice", 7, password="x", nick="al")
    assert asked("user update alice -realname A", ALICE) == ChangeUser("alice", 7, realname="A")
    assert asked("user delete alice", ALICE) == RemoveUser("alice", 7)
    assert asked("server notice hi", ROOT) == Announce("hi", "root", 7)


@pytest.mark.parametrize(
    ("caller", "text", "error"),
    [
        (ALICE, "user update bob -nick x", "only an admin may do that to others"),
        (ALICE, "user delete bob", "only an admin may do that to others"),
        (ALICE, "user update", "user update needs a flag"),
        (ALICE, "user update -nick 'a b'", "'a b' is no nick"),
        (ALICE, "user update -password ''", "a password is not empty"),
        (ROOT, "user update -enabled false", "you cannot disable yourself"),
        (ROOT, "user update root -admin false", "you cannot take your own rights away"),
        (ROOT, "user update bob -password x -disable-password", "either -password or -disable-password"),
        (ROOT, "user update bob -max-networks -2", "-max-networks is -1 or more"),
        (ROOT, "user create -username bob", "-password, or -disable-password"),
        (ROOT, "user create -username bob -password x -disable-password", "-password, or -disable-password"),
        (ROOT, "server debug perhaps", "server debug is on or off"),
        (OPERATOR, "user update -nick x", "user update needs the name of a user here"),
    ],
)
def test_what_may_not_be_or_makes_no_sense_is_refused(caller: Caller, text: str, error: str) -> None:
    with pytest.raises(CommandError) as raised:
        asked(text, caller)
    assert error in str(raised.value)
