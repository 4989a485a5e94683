"""What the registry knows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from msgspec.structs import replace

from actors import Ref
from soju_actors.messages.registry import UserCounts
from soju_actors.model.records import User, UserId
from soju_actors.policy.server import ServerSettings
from soju_actors.ports.protocols import ToUser
from soju_actors.registry.credentials import Credentials
from soju_actors.registry.uses import Uses

USERS = "user/"
"""What the paths of users begin with."""


def path_of(user: str) -> str:
    """Return the path of the actor of a user, by name; not the same as that of any other actor."""
    return f"{USERS}{quote(user, safe='', errors='surrogateescape') or '%'}"


NOTHING = UserCounts(0, 0, 0, 0)
"""What a user has whose actor has not told anything."""


@dataclass(slots=True)
class Known:
    """A user and the actor that serves it."""

    user: User
    ref: Ref[ToUser]
    counts: UserCounts = NOTHING
    seen: float = 0.0
    """When it was last stored that the user is there."""


def differs(known: User, stored: User) -> bool:
    """Whether another process has changed a user; when somebody was last there is no change."""
    return known != replace(stored, interacted_at=known.interacted_at)


def latest(user: User, other: User) -> User:
    """Return the first one, with when either was last there."""
    return replace(user, interacted_at=max(user.interacted_at, other.interacted_at))


@dataclass(slots=True, frozen=True)
class Asked:
    """A request on its way: who gets the answer, and what is done when it is stored."""

    asker: Ref[Any] | None
    request: int
    kind: str
    """add, change, upgrade, delete, refresh, run, or one of those of credentials."""
    user: User | None = None
    """The user as it is being stored, or as it was when that was asked for."""
    changes: Mapping[str, Any] = field(default_factory=dict)
    """Fields of the user that are changed."""
    given: tuple[str, ...] = ()
    """Further fields that must be as they were for it."""
    absent: bool = False
    """It is done only if the user was not there meanwhile."""
    revoke: bool = False
    """It ends the logins so far."""
    storing: bool = False
    """It has been given to the writer."""
    record: Any = None
    """The certificate or password that it is about."""
    runner: Ref[ToUser] | None = None
    """The user's actor that runs it."""
    told: tuple[str, ...] = ()
    """What the asker is told when it is stored."""


@dataclass(slots=True)
class RegistryState:
    """All users, what they log in with, and the requests on their way."""

    settings: ServerSettings
    users: dict[str, Known] = field(default_factory=dict)
    since: float = 0.0
    """When the bouncer was started."""
    loaded: bool = False
    names: dict[UserId, str] = field(default_factory=dict)
    """Of the users, by id."""
    asked: dict[int, Asked] = field(default_factory=dict)
    requests: int = 0
    writes: int = 0
    """Counts what is given to the writer and what comes back, so that what was read meanwhile is known to be old."""
    credentials: Credentials = field(default_factory=Credentials)
    uses: Uses = field(default_factory=Uses)
    secret: bytes = b""
    """What the salts of SCRAM follow from."""

    def with_id(self, user_id: UserId) -> Known | None:
        """Return the user of an id."""
        return self.users.get(self.names.get(user_id, ""))

    def new_request(self) -> int:
        """Return a number for the next job."""
        self.requests += 1
        return self.requests
