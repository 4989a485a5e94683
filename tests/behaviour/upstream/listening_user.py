"""A user actor that only listens."""

import types
from typing import Any

import msgspec

import soju_actors.messages.user  # noqa: F401 - so that all messages to a user actor are known
from actors import Actor, Args, Turn, on
from actors.message import messages_of
from soju_actors.messages.upstream import Taken
from soju_actors.messages.user import UpstreamSaid
from soju_actors.ports.protocols import ToUser


class ListeningArgs(msgspec.Struct, Args, frozen=True, tag="test.listening-user.args"):
    """Whether it gives credit back by itself."""

    takes: bool = True


class Listening:
    """Keeps what it was told, and gives credit back."""

    def __init__(self, args: ListeningArgs) -> None:
        self.takes = args.takes
        self.told: list[Any] = []

    def keep(self, msg: Any, turn: Turn) -> None:  # noqa: ANN401 - any message to a user actor
        self.told.append(msg)
        if self.takes and isinstance(msg, UpstreamSaid):
            assert turn.sender is not None
            turn.send(turn.sender, Taken(1))


def _handlers(names: dict[str, Any]) -> None:
    """Make one handler for each message of the protocol, all alike."""
    for message in messages_of(ToUser):
        names[message.__qualname__] = on(message)(  # type: ignore[type-var]
            lambda listening, msg, turn: listening.keep(msg, turn)
        )


ListeningUser = types.new_class("ListeningUser", (Listening, Actor[ToUser]), exec_body=_handlers)
