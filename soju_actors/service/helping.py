"""What ``help`` says (row SVC-01), made from the table."""

from collections.abc import Iterator

from soju_actors.service.commands import Caller, Command, Flag
from soju_actors.service.finding import find_all
from soju_actors.service.table import COMMANDS
from soju_actors.service.words import Words


def help_lines(text: str, caller: Caller) -> Iterator[str]:
    """Yield all commands for a caller, those of a group, or the usage of one.

    Raises:
        CommandError: there is no such command for this caller.
    """
    if not text:
        yield "Commands; say help and one of them for more:"
        yield from (f"{command.name}: {command.about}" for command in COMMANDS if caller.may(command))
        return
    found = find_all(Words(text), caller)
    if len(found) > 1:
        yield from (f"{usage(command)}: {command.about}" for command in found)
        return
    yield usage(found[0])
    yield f"  {found[0].about}"
    for flag in found[0].flags:
        if caller.admin or not flag.admin:
            yield f"  {_flag_usage(flag)}: {flag.about}{' (may be repeated)' if flag.repeats else ''}"


def usage(command: Command) -> str:
    """Return how a command is written."""
    needed = [_flag_usage(flag) for flag in command.flags if flag.required]
    more = ["[flags]"] if len(needed) < len(command.flags) else []
    return " ".join((command.name, *command.params, *needed, *more))


def _flag_usage(flag: Flag) -> str:
    return f"-{flag.name} <{flag.value}>"
