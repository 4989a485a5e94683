"""From a command's words to what was given."""

from soju_actors.service.commands import CHECKS, Caller, Command, Flag, Given, Kind
from soju_actors.service.errors import CommandError
from soju_actors.service.finding import find, suggestion
from soju_actors.service.values import is_boolean
from soju_actors.service.words import Words


def parse(text: str, caller: Caller) -> Given:
    """Find the command of a text and take in its parameters and flags.

    Raises:
        CommandError: there is no such command, it is not for this caller, or is given wrongly.
    """
    words = Words(text)
    command = find(words, caller)
    if command.tail:
        return _with_tail(words, command)
    flags: dict[str, tuple[str, ...]] = {}
    params: list[str] = []
    _take(words.all(), command, params, flags)
    needed = [flag for flag in command.flags if flag.required and flag.name not in flags]
    if needed:
        raise CommandError(f"{command.name} needs -{needed[0].name}: {needed[0].about}")
    if len(params) < command.least:
        raise CommandError(f"{command.name} needs {' '.join(command.params)}")
    forbidden = [name for name in flags if not caller.admin and (flag := command.flag(name)) and flag.admin]
    if forbidden:
        raise CommandError(f"only an admin may give -{forbidden[0]}")
    return Given(command, tuple(params), flags)


def _with_tail(words: Words, command: Command) -> Given:
    """Take the parameters that are needed before the last one, and the rest as it is written."""
    before = [word for _ in range(command.least - 1) if (word := words.next()) is not None]
    tail = words.rest()
    given = (*before, *([tail] if tail else []))
    if len(given) < command.least:
        raise CommandError(f"{command.name} needs {' '.join(command.params)}")
    return Given(command, given)


def _take(words: list[str], command: Command, params: list[str], flags: dict[str, tuple[str, ...]]) -> None:
    """Sort words into parameters and flags.

    Flags may stand anywhere before ``--``. What is no flag of the command is a
    parameter once another one was given: passwords may begin with ``-``.
    """
    waiting = iter(range(len(words)))
    for index in waiting:
        word = words[index]
        name, equals, value = word.removeprefix("-").removeprefix("-").partition("=")
        flag = command.flag(name.casefold())
        if word == "--":
            params.extend(words[index + 1 :])
            break
        if word[:1] != "-" or len(word) == 1 or (flag is None and 0 < len(params) < len(command.params)):
            params.append(word)
            continue
        if flag is None:
            raise _no_such_flag(command, name)
        if not equals:
            following = words[index + 1] if index + 1 < len(words) else None
            if flag.kind is Kind.BOOLEAN and (following is None or not is_boolean(following)):
                value = "true"
            elif following is None:
                raise CommandError(f"-{flag.name} needs a value: {flag.value}")
            else:
                value = words[next(waiting)]
        flags[flag.name] = (*(flags.get(flag.name, ()) if flag.repeats else ()), _checked(flag, value))
    if len(params) > len(command.params):
        expected = " ".join(command.params) or "no parameters"
        raise CommandError(f"{command.name} takes {expected}; quote a value that has spaces")


def _checked(flag: Flag, value: str) -> str:
    if flag.choices and value.casefold() not in flag.choices:
        raise CommandError(f"-{flag.name} is one of {', '.join(flag.choices)}")
    if flag.kind in CHECKS:
        try:
            CHECKS[flag.kind](value)
        except CommandError as error:
            raise CommandError(f"-{flag.name} {error}") from None
    return value.casefold() if flag.choices else value


def _no_such_flag(command: Command, name: str) -> CommandError:
    """Return an error that does not repeat what was written: it may be half of a password."""
    if not command.flags:
        return CommandError(f"{command.name} has no flags")
    near = suggestion(f"-{name.casefold()}", [f"-{flag.name}" for flag in command.flags])
    return CommandError(f"{command.name} has no such flag{near}")
