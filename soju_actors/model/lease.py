"""Who may act for a user: one node at a time, as a lease in the database says."""

from typing import NewType

import msgspec

from soju_actors.model.records import UserId

SessionId = NewType("SessionId", int)
"""One run of a node, as the database knows it; never used again."""


class Mandate(msgspec.Struct, frozen=True):
    """What a user's actors act under, wherever they move: the claim for which they were started.

    A later claim of the same user, by whichever node, begins with other actors, from what is stored.
    """

    user_id: UserId
    claim: int


class Lease(msgspec.Struct, frozen=True):
    """The right of one session to act for a user, until it gives it up or the session ends.

    Each change of hands raises the ``epoch``: of two leases of a user the one with the greater epoch counts.
    ``claim`` is the epoch with which the user was claimed; moves from node to node leave it as it is.
    """

    user_id: UserId
    session: SessionId
    epoch: int
    claim: int

    @property
    def mandate(self) -> Mandate:
        """What the user's actors act under."""
        return Mandate(self.user_id, self.claim)
