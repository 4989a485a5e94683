import pytest

from soju_actors.service.commands import Caller, Kind
from soju_actors.service.errors import CommandError
from soju_actors.service.helping import help_lines
from soju_actors.service.replies import LONGEST
from soju_actors.service.table import COMMANDS

ALICE = Caller("alice", admin=False)
ADMIN = Caller("root", admin=True)
OPERATOR = Caller()


def told(text: str, caller: Caller) -> list[str]:
    return list(help_lines(text, caller))


def names(caller: Caller) -> set[str]:
    return {line.partition(":")[0] for line in told("", caller)[1:]}


def test_each_caller_is_told_the_commands_that_are_there_for_them() -> None:
    assert names(ADMIN) == {command.name for command in COMMANDS}
    assert names(ADMIN) - names(ALICE) == {
        "user status",
        "user create",
        "user run",
        "server status",
        "server notice",
        "server debug",
        "server refresh",
    }
    assert names(OPERATOR) == names(ADMIN) - names(ALICE) | {"help", "user update", "user delete"}


def test_the_commands_of_a_group_are_told_with_their_parameters() -> None:
    assert told("chan", ALICE) == [
        "channel status [flags]: tell how your channels stand",
        "channel create <name> [flags]: join a channel whenever connected",
        "channel update <name> [flags]: change what is done with a channel",
        "channel delete <name> [flags]: leave a channel and forget it; its history stays",
    ]


def test_the_usage_of_a_command_has_its_flags() -> None:
    lines = told("net c", ALICE)
    assert lines[:2] == ["network create -addr <address> [flags]", "  add a network and connect to it"]
    assert "  -auto-away <true|false>: be away while no client is attached" in lines
    assert any(line.startswith("  -connect-command <line>: ") and line.endswith("(may be repeated)") for line in lines)


def test_flags_of_admins_are_told_to_admins() -> None:
    assert not any("-admin" in line for line in told("user update", ALICE))
    assert any("-admin" in line for line in told("user update", ADMIN))


def test_help_about_what_is_not_there_is_an_error() -> None:
    with pytest.raises(CommandError, match="server is for admins"):
        told("server", ALICE)
    with pytest.raises(CommandError, match="no command 'x'"):
        told("x", ALICE)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_help_for_each_command_fits_into_lines(command: object) -> None:
    lines = told(command.name, ADMIN)  # type: ignore[attr-defined]
    assert lines[0].startswith(command.name)  # type: ignore[attr-defined]
    assert all(0 < len(line) <= LONGEST for line in lines)


def test_no_flag_has_a_value_that_the_table_does_not_check() -> None:
    """A flag whose usage names its values checks them."""
    for command in COMMANDS:
        for flag in command.flags:
            assert flag.choices == tuple(flag.value.split("|")) or "|" not in flag.value or flag.kind is Kind.BOOLEAN
