"""Which command is meant: unique beginnings of its words are enough."""

import difflib
from collections.abc import Iterable

from soju_actors.service.commands import Caller, Command
from soju_actors.service.errors import CommandError
from soju_actors.service.table import COMMANDS
from soju_actors.service.words import Words

SHOWN = 40
"""Characters of a mistaken word that an error repeats."""


def find(words: Words, caller: Caller) -> Command:
    """Take the words of a command and return it.

    Raises:
        CommandError: there is no such command, several are meant, or it is not for this caller.
    """
    found = find_all(words, caller)
    if len(found) > 1:
        group = found[0].words[0]
        raise CommandError(f"{group} needs another word: {', '.join(command.words[1] for command in found)}")
    return found[0]


def find_all(words: Words, caller: Caller) -> tuple[Command, ...]:
    """Take the words of a command; return it, or all of a group if its first word is the last.

    Raises:
        CommandError: as for :func:`find`.
    """
    commands = COMMANDS
    for depth in range(2):
        word = words.next()
        if word is None:
            break
        commands = _narrowed(commands, depth, word.casefold(), caller)
        if len(commands) == 1 and len(commands[0].words) == depth + 1:
            return commands
    found = tuple(filter(caller.may, commands))
    if commands == COMMANDS or not found:
        raise CommandError("say help to see what can be done here")
    return found


def _narrowed(commands: tuple[Command, ...], depth: int, word: str, caller: Caller) -> tuple[Command, ...]:
    """Return the commands that have the one word that is meant at this depth."""
    chosen = _meant(filter(caller.may, commands), depth, word)
    if len(chosen) > 1:
        raise CommandError(f"{word[:SHOWN]!r} may be {' or '.join(chosen)}")
    if not chosen:
        raise _unknown(commands, depth, word, caller)
    return tuple(command for command in commands if command.words[depth : depth + 1] == (chosen[0],))


def _meant(commands: Iterable[Command], depth: int, word: str) -> list[str]:
    """Return the words that begin like this one, or this one alone if it is a whole one."""
    there = dict.fromkeys(command.words[depth] for command in commands if len(command.words) > depth)
    return [word] if word in there else [name for name in there if name.startswith(word)]


def _unknown(commands: tuple[Command, ...], depth: int, word: str, caller: Caller) -> CommandError:
    before = " ".join(commands[0].words[:depth])
    hidden = _meant(commands, depth, word)
    if hidden:
        name = f"{before} {hidden[0]}".lstrip()
        if caller.name:
            return CommandError(f"{name} is for admins")
        return CommandError(f"{name} is about a user's own affairs: say user run <name> {name} ...")
    there = dict.fromkeys(command.words[depth] for command in commands if caller.may(command))
    wrong = f"{before} {word[:SHOWN]}".lstrip()
    return CommandError(f"there is no command {wrong!r}{suggestion(word, there)}")


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return the end of an error about a word that is not known: what was meant, or what there is."""
    there = list(known)
    near = difflib.get_close_matches(word[:SHOWN], there, n=1)
    return f"; did you mean {near[0]}?" if near else f"; there are {', '.join(there)}"
