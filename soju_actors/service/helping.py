"""What ``help`` says (row SVC-01), made from the table."""

from collections.abc import Iterator

from soju_actors.service.commands import Caller, Command, Flag
from soju_actors.service.finding import find_all
from soju_actors.service.replies import listed, wrapped
from soju_actors.service.table import GROUPS
from soju_actors.service.words import Words

EVERYBODY = Caller("*")
"""Somebody who may give all commands."""


def help_lines(text: str, caller: Caller) -> Iterator[str]:
    """Yield the groups of commands for a caller, the commands of one group, or the usage of one command.

    Raises:
        CommandError: there is no such command for this caller.
    """
    if not text:
        return _overview(caller)
    reader = caller if caller.name else EVERYBODY  # the operator may give any command in a user's name
    found = find_all(Words(text), reader)
    return _of_group(found) if len(found) > 1 else _of_command(found[0], caller)


def _overview(caller: Caller) -> Iterator[str]:
    yield "Commands; the beginnings of words are enough (net st):"
    yield from listed(_groups(caller))
    if not caller.name:
        yield 'For a user, with "user run <name>" before them:'
        yield from listed(_groups(Caller("*", admin=False)))
    yield 'Say "help network" for what these do, and'
    yield '"help network create" for how one is written.'


def _groups(caller: Caller) -> Iterator[tuple[str, str]]:
    for group in GROUPS:
        words = [command.words[1] for command in group.commands if caller.may(command)]
        if words:
            yield group.name, ", ".join(words)


def _of_group(commands: tuple[Command, ...]) -> Iterator[str]:
    group = next(group for group in GROUPS if commands[0] in group.commands)
    yield f"{group.name}: {group.about}"
    yield from listed((command.words[1], command.about) for command in commands)
    yield f'Say "help {commands[0].name}" for how to write it.'


def _of_command(command: Command, caller: Caller) -> Iterator[str]:
    yield usage(command)
    yield from wrapped(f"{command.about[0].upper()}{command.about[1:]}.", "  ")
    yield from listed(
        (_flag_usage(flag), f"{flag.about}{' (may be repeated)' if flag.repeats else ''}")
        for flag in command.flags
        if caller.admin or not flag.admin
    )
    yield from (f"  e.g. {example}" for example in command.examples)


def usage(command: Command) -> str:
    """Return how a command is written."""
    needed = [_flag_usage(flag) for flag in command.flags if flag.required]
    more = ["[flags]"] if len(needed) < len(command.flags) else []
    return " ".join((command.name, *command.params, *needed, *more))


def _flag_usage(flag: Flag) -> str:
    return f"-{flag.name} <{flag.value}>"
