import re

import pytest

from soju_actors.service.commands import Caller, Command, Kind
from soju_actors.service.errors import CommandError
from soju_actors.service.helping import help_lines
from soju_actors.service.parsing import parse
from soju_actors.service.replies import WIDTH
from soju_actors.service.table import COMMANDS, GROUPS

ALICE = Caller("alice", admin=False)
ADMIN = Caller("root", admin=True)
OPERATOR = Caller()
FOR_ADMINS = {
    "user status",
    "user create",
    "user run",
    "server status",
    "server notice",
    "server debug",
    "server refresh",
    "cluster status",
    "cluster move",
    "cluster drain",
    "cluster undrain",
    "cluster explain",
    "cluster record",
}

each_command = pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)


def told(text: str, caller: Caller) -> list[str]:
    return list(help_lines(text, caller))


def names(lines: list[str]) -> set[str]:
    """Return the commands of an overview."""
    text = "\n".join(line[2:] for line in lines if line.startswith("  "))
    rows = [line.partition(" ") for line in re.sub(r"\n +", " ", text).splitlines()]
    return {f"{group} {word}" for group, _, words in rows for word in words.strip().split(", ")}


def test_each_caller_is_told_the_commands_that_are_there_for_them() -> None:
    """Row SVC-01."""
    everything = {command.name for command in COMMANDS} - {"help"}
    assert names(told("", ADMIN)) == everything
    assert names(told("", ALICE)) == everything - FOR_ADMINS


def test_the_operator_is_told_what_there_is_here_and_what_for_a_user() -> None:
    lines = told("", OPERATOR)
    border = lines.index('For a user, with "user run <name>" before them:')
    assert names(lines[:border]) == FOR_ADMINS | {"user update", "user delete"}
    assert names(lines[border:]) == names(told("", ALICE))


def test_the_commands_of_a_group_are_told() -> None:
    assert told("chan", ALICE) == [
        "channel: the channels that you are in whenever connected",
        "  status  tell how your channels stand, or one of them",
        "  create  join a channel whenever connected",
        "  update  change what is done with a channel",
        "  delete  leave a channel and forget it; its history stays",
        'Say "help channel status" for how to write it.',
    ]


def test_the_usage_of_a_command_has_its_flags_and_examples() -> None:
    lines = told("certfp g", ALICE)
    assert lines == [
        "certfp generate [flags]",
        "  Make a certificate and log in with it (SASL EXTERNAL).",
        "  -network <name>  the network, if not the current one",
        "  -key-type <rsa|ecdsa|ed25519>",
        "                   the kind of its key; rsa if not given",
        "  -bits <number>   the size of an RSA key, 2048 to 8192;",
        "                   3072 if not given",
        "  e.g. certfp generate",
        "  e.g. certfp generate -network libera -key-type ed25519",
    ]


def test_what_is_needed_is_told_first() -> None:
    assert told("net c", ALICE)[0] == "network create -addr <address> [flags]"
    assert any(line.endswith("(may be repeated)") for line in told("net c", ALICE))


def test_flags_of_admins_are_told_to_admins() -> None:
    assert not any("-admin" in line for line in told("user update", ALICE))
    assert any("-admin" in line for line in told("user update", ADMIN))


def test_help_about_what_is_not_there_is_an_error() -> None:
    with pytest.raises(CommandError, match="server is for admins"):
        told("server", ALICE)
    with pytest.raises(CommandError, match="no command 'x'"):
        told("x", ALICE)


@each_command
def test_help_for_each_command_fits_into_a_window(command: Command) -> None:
    lines = told(command.name, ADMIN)
    assert lines[0].startswith(command.name)
    assert all(0 < len(line) <= WIDTH for line in lines[1:])


@pytest.mark.parametrize("text", ["", *(group.name for group in GROUPS)])
def test_help_for_each_topic_fits_into_a_window(text: str) -> None:
    assert all(0 < len(line) <= WIDTH for line in told(text, ADMIN))


@each_command
def test_the_examples_of_a_command_are_commands(command: Command) -> None:
    for example in command.examples:
        assert parse(example, ADMIN).command is command


@each_command
def test_a_command_that_needs_something_has_an_example(command: Command) -> None:
    assert command.examples or not (command.least or any(flag.required for flag in command.flags))


def test_no_flag_has_a_value_that_the_table_does_not_check() -> None:
    """A flag whose usage names its values checks them."""
    for command in COMMANDS:
        for flag in command.flags:
            assert flag.choices == tuple(flag.value.split("|")) or "|" not in flag.value or flag.kind is Kind.BOOLEAN


def test_groups_and_commands_agree() -> None:
    for group in GROUPS:
        assert {command.words[0] for command in group.commands} == {group.name}
