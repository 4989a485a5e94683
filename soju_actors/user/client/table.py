"""A table of commands with the checks that they have in common."""

from collections.abc import Callable
from dataclasses import dataclass, field

from soju_actors.irc.errors import need_more_params
from soju_actors.user.call import Call

Handler = Callable[[Call], None]


@dataclass(slots=True, frozen=True)
class Command:
    """A handler, with how many parameters it needs."""

    name: str
    handler: Handler
    min_params: int

    def run(self, call: Call) -> None:
        """Check, then handle.

        Raises:
            ReplyError: there are too few parameters.
        """
        if len(call.params) < self.min_params:
            raise need_more_params(self.name)
        self.handler(call)


@dataclass(slots=True)
class CommandTable:
    """Commands by name."""

    commands: dict[str, Command] = field(default_factory=dict)

    def command(self, *names: str, min_params: int = 0) -> Callable[[Handler], Handler]:
        """Register a handler."""

        def register(handler: Handler) -> Handler:
            for name in names:
                self.commands[name] = Command(name, handler, min_params)
            return handler

        return register
