"""What a command is: its name, who may give it, its parameters and flags."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from soju_actors.service.values import read_boolean, read_duration, read_number, read_pin


class Kind(Enum):
    """What the value of a flag is."""

    TEXT = "text"
    BOOLEAN = "boolean"
    """``-flag`` alone says yes."""
    NUMBER = "number"
    DURATION = "duration"
    PIN = "pin"


CHECKS = {
    Kind.BOOLEAN: read_boolean,
    Kind.NUMBER: read_number,
    Kind.DURATION: read_duration,
    Kind.PIN: read_pin,
}
"""Readers that raise when a value is wrong."""


@dataclass(frozen=True, slots=True)
class Flag:
    """A setting that a command may be given: ``-name value`` or ``-name=value``."""

    name: str
    value: str
    """What stands for the value in the usage."""
    about: str
    kind: Kind = Kind.TEXT
    choices: tuple[str, ...] = ()
    required: bool = False
    repeats: bool = False
    admin: bool = False
    """Only admins may give it."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command of the service.

    ``params`` are written as the usage shows them: ``<name>`` is needed, ``[name]`` is
    not. With ``tail``, the last one is all that is left of the text, as it is written.
    """

    name: str
    about: str
    params: tuple[str, ...] = ()
    flags: tuple[Flag, ...] = ()
    admin: bool = False
    """Only admins may give it."""
    everywhere: bool = False
    """It can be given without being a user: on the control socket."""
    tail: bool = False
    examples: tuple[str, ...] = ()
    """Whole commands, as one would write them."""

    @property
    def words(self) -> tuple[str, ...]:
        """The words that call it."""
        return tuple(self.name.split())

    @property
    def least(self) -> int:
        """How many parameters it needs."""
        return sum(param.startswith("<") for param in self.params)

    def flag(self, name: str) -> Flag | None:
        """Return the flag of this name."""
        return next((flag for flag in self.flags if flag.name == name), None)


@dataclass(frozen=True, slots=True)
class Group:
    """Commands with the same first word; ``about`` completes "what can be done with ..."."""

    name: str
    about: str
    commands: tuple[Command, ...]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who gives a command: a user, or whoever has opened the control socket."""

    name: str = ""
    """Empty on the control socket."""
    admin: bool = True

    def may(self, command: Command) -> bool:
        """Whether the command is there for this caller."""
        return (self.admin or not command.admin) and (bool(self.name) or command.everywhere)


@dataclass(frozen=True, slots=True)
class Given:
    """A command with the parameters and flags that were given; all values have been checked."""

    command: Command
    params: tuple[str, ...] = ()
    flags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def param(self, index: int) -> str:
        """Return a parameter, empty if it was not given."""
        return self.params[index] if index < len(self.params) else ""

    def text(self, name: str) -> str | None:
        """Return the value of a flag, None if it was not given."""
        values = self.flags.get(name)
        return values[-1] if values else None

    def all(self, name: str) -> tuple[str, ...] | None:
        """Return all values of a flag, None if it was not given."""
        return self.flags.get(name)

    def boolean(self, name: str) -> bool | None:
        """Return what a flag says, None if it was not given."""
        text = self.text(name)
        return None if text is None else read_boolean(text)

    def number(self, name: str) -> int | None:
        """Return the number of a flag, None if it was not given."""
        text = self.text(name)
        return None if text is None else read_number(text)

    def duration(self, name: str) -> int | None:
        """Return the seconds of a flag, None if it was not given."""
        text = self.text(name)
        return None if text is None else read_duration(text)

    def pin(self, name: str) -> str | None:
        """Return the fingerprint of a flag, None if it was not given."""
        text = self.text(name)
        return None if text is None else read_pin(text)
