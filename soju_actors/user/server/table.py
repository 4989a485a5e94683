"""A table of handlers of what servers say."""

from collections.abc import Callable
from dataclasses import dataclass, field

from soju_actors.user.said import Said

Handler = Callable[[Said], None]


@dataclass(slots=True)
class ServerTable:
    """Handlers by command or numeric, with the number of parameters that each needs."""

    handlers: dict[str, Handler] = field(default_factory=dict)

    def on(self, *commands: str, params: int = 0) -> Callable[[Handler], Handler]:
        """Register a handler; a message with fewer parameters is shown as it is."""

        def register(handler: Handler) -> Handler:
            def checked(said: Said) -> None:
                if len(said.message.params) < params:
                    said.show()
                else:
                    handler(said)

            for command in commands:
                self.handlers[command] = checked if params else handler
            return handler

        return register
