"""The services of leases without a database: sessions and leases in virtual time."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from actors import ActorProtocol
from soju_actors.model.lease import Lease, SessionId
from soju_actors.model.records import UserId
from soju_actors.ports.database import Barrier, BarrierPassed, Index, Indexed
from soju_actors.ports.leases import (
    BeginSession,
    ClaimLeases,
    EndSession,
    LeaseFailed,
    LeaseRefused,
    LeasesClaimed,
    LeasesListed,
    LeasesReleased,
    LeasesSame,
    LeaseTaken,
    ListLeases,
    ReleaseLeases,
    RenewSession,
    SessionBegun,
    SessionEnded,
    SessionRenewed,
    TakeLease,
)


class LeaseDatabase:
    """What ``adapters.database.leases`` does, for nodes that may be cut off."""

    def __init__(self, now: Callable[[], float], users: int) -> None:
        self.now = now
        self.users = users
        self.cut: set[str] = set()
        """Nodes whose jobs fail."""
        self.silent = False
        """Leases are given or taken, but nobody is told."""
        self.nodes: dict[SessionId, str] = {}
        self.ends: dict[SessionId, float] = {}
        self.leases: dict[UserId, Lease | None] = {}
        self.epochs: dict[UserId, int] = {}
        self.wrote: list[object] = []
        """What the writer was asked for."""

    def lives(self, session: SessionId) -> bool:
        """Whether a session has not ended."""
        return self.ends.get(session, 0.0) > self.now()

    def owner(self, user: UserId) -> str:
        """Return the node that has a user."""
        lease = self.leases.get(user)
        return self.nodes[lease.session] if lease is not None and self.lives(lease.session) else ""

    def perform(self, job: Any) -> ActorProtocol | None:  # noqa: ANN401, PLR0911 - any of the jobs
        """Do a job, unless its node is cut off."""
        node = job.node if isinstance(job, BeginSession) else self.nodes.get(getattr(job, "session", SessionId(0)), "")
        if node in self.cut:
            return LeaseFailed("cut off", job.request)
        match job:
            case BeginSession() | RenewSession() | EndSession():
                return self._of_session(job)
            case ClaimLeases():
                return self._claim(job)
            case ReleaseLeases():
                return self._release(job)
            case TakeLease():
                return self._take(job)
            case ListLeases():
                return self._list(job)
        return self._write(job)

    def close(self) -> None:
        """Nothing is held."""

    def _of_session(self, job: BeginSession | RenewSession | EndSession) -> ActorProtocol:
        if isinstance(job, BeginSession):
            session = SessionId(len(self.nodes) + 1)
            self.nodes[session], self.ends[session] = job.node, self.now() + job.seconds
            return SessionBegun(session, job.request)
        if isinstance(job, EndSession) or not self.lives(job.session):
            self.ends.pop(job.session, None)
            return SessionEnded(job.session, job.request)
        self.ends[job.session] = self.now() + job.seconds
        return SessionRenewed(job.session, job.request)

    def _claim(self, job: ClaimLeases) -> ActorProtocol:
        if not self.lives(job.session):
            return SessionEnded(job.session, job.request)
        mine = self.nodes[job.session]
        free = [user for user in job.users if user <= self.users and self.owner(user) in {"", mine}]
        return LeasesClaimed(job.session, tuple(self._give(user, job.session) for user in free), job.request)

    def _give(self, user: UserId, session: SessionId) -> Lease:
        epoch = self.epochs[user] = self.epochs.get(user, 0) + 1
        lease = self.leases[user] = Lease(user, session, epoch, epoch)
        return lease

    def _release(self, job: ReleaseLeases) -> ActorProtocol:
        for user in job.users:
            lease = self.leases.get(user)
            self.leases[user] = None if lease is not None and lease.session == job.session else lease
        return LeasesReleased(job.session, job.users, job.request)

    def _list(self, job: ListLeases) -> ActorProtocol:
        sessions = {session: node for session, node in self.nodes.items() if self.lives(session)}
        held = tuple(lease for lease in self.leases.values() if lease is not None and lease.session in sessions)
        mark = str((sessions, held))
        return LeasesSame(job.request) if mark == job.mark else LeasesListed(sessions, held, job.request, mark)

    def _write(self, job: object) -> ActorProtocol | None:
        if isinstance(job, Index):
            return Indexed(0)
        self.wrote.append(job)
        return BarrierPassed(job.request) if isinstance(job, Barrier) else None

    def _take(self, job: TakeLease) -> ActorProtocol:
        lease, user = job.lease, job.lease.user_id
        wanted = replace(lease, session=job.session, epoch=lease.epoch + 1)
        if self.leases.get(user) == lease and self.lives(job.session):
            self.leases[user], self.epochs[user] = wanted, wanted.epoch
        if self.silent:
            return LeaseFailed("no answer", job.request)
        return LeaseTaken(wanted, job.request) if self.leases.get(user) == wanted else LeaseRefused(lease, job.request)
