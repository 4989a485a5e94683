"""Who may act for a user: one node at a time, as a lease in the database says."""

from typing import NewType

import msgspec

from soju_actors.model.records import UserId

SessionId = NewType("SessionId", int)
"""One run of a node, as the database knows it; never used again."""


class Lease(msgspec.Struct, frozen=True):
    """The right of one session to act for a user, until it gives it up or the session ends.

    Each change of hands raises the ``epoch``: of two leases of a user the one with the greater epoch counts.
    """

    user_id: UserId
    session: SessionId
    epoch: int
