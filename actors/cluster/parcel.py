"""A message on its way over nodes."""

from typing import Any, NamedTuple

from actors.cluster.session import Origin
from actors.codec import Began
from actors.ref import Ref
from actors.turn import DROP, Undelivered


class Parcel(NamedTuple):
    """A message, and what has to be known to send it on."""

    sender: Ref[Any] | None
    to: Ref[Any]
    message: Any
    undelivered: Undelivered = DROP
    origin: Origin | None = None
    """Nothing for what was sent on this node."""
    began: Began | None = None
    """Where its travel began, if it may have gone over a node that is lost."""

    @property
    def first_travel(self) -> Began | None:
        """Where its travel began, if it does not begin now."""
        if self.began is not None or self.origin is None:
            return self.began
        session, number = self.origin
        return session.peer, session.numbers[1], number

    def is_kept(self) -> None:
        """It waits on this node, and is not delivered."""
        if self.origin is not None:
            self.origin.session.keeps(self.origin.number)

    def is_delivered(self) -> None:
        """It has reached its actor, or waits with it."""
        if self.origin is not None:
            self.origin.session.is_delivered(self.origin.number)
