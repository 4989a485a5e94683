"""A message on its way over nodes."""

from typing import TYPE_CHECKING, Any, NamedTuple

from actors.ref import Ref
from actors.turn import DROP, Undelivered

if TYPE_CHECKING:
    from actors.cluster.session import Session


class Origin(NamedTuple):
    """The envelope in which a message came to this node."""

    session: "Session"
    number: int


class Parcel(NamedTuple):
    """A message, and what has to be known to send it on."""

    sender: Ref[Any] | None
    to: Ref[Any]
    message: Any
    undelivered: Undelivered = DROP
    origin: Origin | None = None
    """Nothing for what was sent on this node."""

    def is_kept(self) -> None:
        """It waits on this node, and is not delivered."""
        if self.origin is not None:
            self.origin.session.keeps(self.origin.number)

    def is_delivered(self) -> None:
        """It has reached its actor, or waits with it."""
        if self.origin is not None:
            self.origin.session.is_delivered(self.origin.number)
