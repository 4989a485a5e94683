"""Leases that are given away: all is stored first, and in the end it is certain who has them."""

from dataclasses import dataclass, field
from enum import Enum

from actors import Ref
from soju_actors.model.lease import Lease, SessionId
from soju_actors.model.records import UserId
from soju_actors.ports.protocols import ToHolder, ToLeases


class Stage(Enum):
    """What a gift waits for."""

    STORE = "the store has not committed all of the user yet"
    WRITER = "the writer has not done all for the user yet"
    NODE = "the other node has not said its session yet"
    GIVEN = "the database has not let the other session have the lease yet"
    BACK = "the database has not let this session have the lease again yet"


@dataclass(slots=True)
class Gift:
    """Users on their way to another node, or, without one, to whoever wants them."""

    users: tuple[UserId, ...]
    node: str = ""
    asker: Ref[ToHolder] | None = None
    request: int = 0
    stage: Stage = Stage.STORE
    lease: Lease | None = None
    """What is given, once this node has ceased to hold it."""
    to: SessionId | None = None
    """As the other node has said, while all is being stored."""
    reason: str = ""
    """Why it stays."""

    @property
    def receiver(self) -> Ref[ToLeases]:
        """The keeper of the other node: of several nodes of a name the one that this one is connected with."""
        return Ref(f"leases@{self.node}")


@dataclass(slots=True)
class Gifts:
    """All of them, by the number that their jobs have."""

    under_way: dict[int, Gift] = field(default_factory=dict)

    def at(self, request: int, *stages: Stage) -> Gift | None:
        """Return the gift of this number, if it waits for one of these."""
        gift = self.under_way.get(request)
        return gift if gift is not None and gift.stage in stages else None

    def has(self, user_id: UserId) -> bool:
        """Whether a user is being given away."""
        return any(user_id in gift.users for gift in self.under_way.values())
