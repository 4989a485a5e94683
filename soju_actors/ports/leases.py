"""Jobs of the services ``renewer`` and ``leaser``, and their answers: which node acts for which user.

A *session* is one run of a node. It has a time in the database at which it ends, by the database's clock, and
which is put off as long as the node lives. A *lease* is a session's right to act for a user; it ends with the
session, so that one small statement a second renews all leases of a node, and the death of a node frees all its
users at once. What has ended never begins again: who acts for a user afterwards has a greater epoch.

Both services know the same jobs. A node uses the ``renewer`` for sessions alone, with a thread and a connection
of its own, so that renewing waits for nothing. Each job is one statement after the other without a transaction
around them: a node that is stopped in between keeps no other node waiting. A job may be given again if its answer
was lost.

Leases need a database that many nodes share, PostgreSQL. A lone node has none, and nothing asks for them.
"""

import msgspec

from soju_actors.model.lease import Lease, SessionId
from soju_actors.model.records import UserId
from soju_actors.ports.protocols import ToLeases


class BeginSession(msgspec.Struct, frozen=True, tag="leaser.begin"):
    """Begin a session that ends in so many ``seconds``. Answer: :class:`SessionBegun` or :class:`LeaseFailed`."""

    node: str
    seconds: float
    request: int = 0


class SessionBegun(msgspec.Struct, ToLeases, frozen=True, tag="leaser.begun"):
    """The session lasts at least for the seconds that were asked for, counted from when that was asked."""

    session: SessionId
    request: int = 0


class RenewSession(msgspec.Struct, frozen=True, tag="leaser.renew"):
    """Put off the end of a session to ``seconds`` from now.

    Answer: :class:`SessionRenewed`, :class:`SessionEnded` or :class:`LeaseFailed`.
    """

    session: SessionId
    seconds: float
    request: int = 0


class SessionRenewed(msgspec.Struct, ToLeases, frozen=True, tag="leaser.renewed"):
    """The session lasts at least for the seconds that were asked for, counted from when that was asked."""

    session: SessionId
    request: int = 0


class EndSession(msgspec.Struct, frozen=True, tag="leaser.end"):
    """End a session now: its users are free. Answer: :class:`SessionEnded` or :class:`LeaseFailed`."""

    session: SessionId
    request: int = 0


class SessionEnded(msgspec.Struct, ToLeases, frozen=True, tag="leaser.ended"):
    """The session has ended, now or before; no lease of it counts any more."""

    session: SessionId
    request: int = 0


class ClaimLeases(msgspec.Struct, frozen=True, tag="leaser.claim"):
    """Make those of the users that are free this session's; none that it acts for may be among them.

    A user is free who has no lease, or one of a session that has ended. What the session has in the database
    already, without the node knowing it (an answer was lost), it gets anew. Answer: :class:`LeasesClaimed`,
    :class:`SessionEnded` or :class:`LeaseFailed`.
    """

    session: SessionId
    users: tuple[UserId, ...]
    request: int = 0


class LeasesClaimed(msgspec.Struct, ToLeases, frozen=True, tag="leaser.claimed"):
    """The users that the session acts for from now on; the others of the job are taken, or are none."""

    session: SessionId
    leases: tuple[Lease, ...]
    request: int = 0


class ReleaseLeases(msgspec.Struct, frozen=True, tag="leaser.release"):
    """Make users free, as far as the session has them; nothing of it acts for them any more.

    Answer: :class:`LeasesReleased` or :class:`LeaseFailed`.
    """

    session: SessionId
    users: tuple[UserId, ...]
    request: int = 0


class LeasesReleased(msgspec.Struct, ToLeases, frozen=True, tag="leaser.released"):
    """The session has none of the users any more."""

    session: SessionId
    users: tuple[UserId, ...]
    request: int = 0


class TakeLease(msgspec.Struct, frozen=True, tag="leaser.take"):
    """Turn a lease into one of ``session`` with the next epoch and the same claim, if it still counts.

    For moves: the owner ceases to act for the user, and then gives its lease to the next one, or to itself again if
    that is refused. Answer: :class:`LeaseTaken`, :class:`LeaseRefused` or :class:`LeaseFailed`.
    """

    lease: Lease
    session: SessionId
    request: int = 0


class LeaseTaken(msgspec.Struct, ToLeases, frozen=True, tag="leaser.taken"):
    """The lease that the user has now."""

    lease: Lease
    request: int = 0


class LeaseRefused(msgspec.Struct, ToLeases, frozen=True, tag="leaser.refused"):
    """The lease that was to be taken does not count any more, or the session that wanted it has ended."""

    lease: Lease
    request: int = 0


class ListLeases(msgspec.Struct, frozen=True, tag="leaser.list"):
    """Which sessions there are, and who acts for whom. Answer: :class:`LeasesListed` or :class:`LeaseFailed`.

    With the ``mark`` of an earlier list it is :class:`LeasesSame` where nothing has changed since.
    """

    request: int = 0
    mark: str = ""


class LeasesListed(msgspec.Struct, ToLeases, frozen=True, tag="leaser.listed"):
    """The sessions that have not ended, with their nodes' names, and their leases. Whoever else there is is free."""

    sessions: dict[SessionId, str]
    leases: tuple[Lease, ...]
    request: int = 0
    mark: str = ""


class LeasesSame(msgspec.Struct, ToLeases, frozen=True, tag="leaser.same"):
    """Nothing has changed since the list of this mark."""

    request: int = 0


class LeaseFailed(msgspec.Struct, ToLeases, frozen=True, tag="leaser.failed"):
    """A job could not be done, or it is not known whether it was; ``reason`` is a sentence for a person."""

    reason: str
    request: int = 0
