"""What the registry knows."""

from dataclasses import dataclass, field
from typing import Any

from actors import Ref
from soju_actors.messages.registry import UserCounts
from soju_actors.model.records import User
from soju_actors.policy.server import ServerSettings
from soju_actors.ports.protocols import ToUser


@dataclass(slots=True)
class Known:
    """A user and the actor that serves it."""

    user: User
    ref: Ref[ToUser]
    counts: UserCounts = field(default_factory=lambda: UserCounts(0, 0, 0, 0))


@dataclass(slots=True, frozen=True)
class Asked:
    """An admin's request on its way: who gets the answer, and what is done when it is stored."""

    asker: Ref[Any] | None
    request: int
    kind: str
    """add, change, delete, refresh or run."""
    user: User | None = None
    disconnect: bool = False


@dataclass(slots=True)
class RegistryState:
    """All users, and the admins' requests on their way."""

    settings: ServerSettings
    users: dict[str, Known] = field(default_factory=dict)
    loaded: bool = False
    asked: dict[int, Asked] = field(default_factory=dict)
    requests: int = 0

    def new_request(self) -> int:
        """Return a number for the next job."""
        self.requests += 1
        return self.requests
