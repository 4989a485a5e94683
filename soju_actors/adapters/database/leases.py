"""Sessions of nodes and their leases, on PostgreSQL: one statement at a time, none in a transaction.

What holds, whatever comes at the same time:

* A session that is being renewed does not end: ending it locks its row, and looks at the time again when the
  renewal is done. One that has ended by the clock is not renewed, and is deleted by whoever claims leases next.
* While a writer commits lines for a session (``fencing``), the session does not end and loses no lease, because
  both lock the row in a way that excludes the writer's. A renewal and the writer do not exclude each other.
* Rows are locked in order of session and then of user, and nobody who can wait holds what is waited for.
"""

from collections.abc import Iterable
from datetime import timedelta

from msgspec.structs import replace
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    DateTime,
    Integer,
    Interval,
    and_,
    any_,
    bindparam,
    delete,
    exists,
    func,
    literal,
    null,
    select,
    update,
)
from sqlalchemy.sql.selectable import CTE

from soju_actors.adapters.database.query import Kind, Rows
from soju_actors.adapters.database.session import Row, Session
from soju_actors.adapters.database.tables import LEASES, NODE_SESSIONS, USERS
from soju_actors.model.lease import Lease, SessionId
from soju_actors.ports.leases import (
    BeginSession,
    ClaimLeases,
    EndSession,
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

NOW: ColumnElement[object] = func.clock_timestamp(type_=DateTime(timezone=True))
"""The database's time when the row is looked at, also when that was waited for."""
LIVES = NODE_SESSIONS.c.expires > NOW
_SESSION = NODE_SESSIONS.c.id == bindparam("which")
_END = NOW + bindparam("length", type_=Interval)
_THESE_USERS = any_(bindparam("users", type_=ARRAY(Integer)))
_LEASE = (LEASES.c.user_id, LEASES.c.session, LEASES.c.epoch, LEASES.c.claim)

_BEGIN = Rows(
    NODE_SESSIONS.insert().values(node=bindparam("node"), expires=_END).returning(NODE_SESSIONS.c.id),
)
_RENEW = Rows(update(NODE_SESSIONS).where(_SESSION, LIVES).values(expires=_END).returning(NODE_SESSIONS.c.id))
_LIVING = Rows(select(NODE_SESSIONS.c.id).where(_SESSION, LIVES))
_END_IT = Rows(delete(NODE_SESSIONS).where(_SESSION).returning(NODE_SESSIONS.c.id))
_END_EXPIRED = Rows(
    delete(NODE_SESSIONS)
    .where(
        # Whoever keeps one locked is renewing it, or finishes its last commit: it is looked at again soon.
        NODE_SESSIONS.c.id.in_(select(NODE_SESSIONS.c.id).where(~LIVES).with_for_update(skip_locked=True))
    )
    .returning(NODE_SESSIONS.c.id)
)


def _claim(kind: Kind) -> object:
    """Build the statement; the leases of others are not even tried, since that would wait for who ends them."""
    mine = bindparam("which", type_=LEASES.c.session.type)
    theirs = exists().where(LEASES.c.user_id == USERS.c.id, LEASES.c.session.is_not(None), LEASES.c.session != mine)
    first = literal(1, LEASES.c.epoch.type)
    wanted = select(USERS.c.id, mine, first, first).where(
        USERS.c.id == _THESE_USERS, exists().where(_SESSION, LIVES), ~theirs
    )
    inserted = kind.insert(LEASES).from_select(["user_id", "session", "epoch", "claim"], wanted.order_by(USERS.c.id))
    return inserted.on_conflict_do_update(
        index_elements=["user_id"],
        set_={
            "session": inserted.excluded.session,
            "epoch": LEASES.c.epoch + 1,
            "claim": LEASES.c.epoch + 1,
        },
        where=LEASES.c.session.is_(None) | (LEASES.c.session == inserted.excluded.session),
    ).returning(*_LEASE)


_CLAIM = Rows(_claim)


def _locked(name: str, which: str, after: CTE | None = None) -> CTE:
    """Lock a session against its writer, or, if it is to get a lease, against its end; after another one."""
    query = select(NODE_SESSIONS.c.id).where(NODE_SESSIONS.c.id == bindparam(which))
    if after is not None:
        query = query.where(after.c.id.is_not(None))
    if name == "gets":
        return query.where(LIVES).with_for_update(read=True, key_share=True, of=NODE_SESSIONS).cte(name)
    return query.with_for_update(of=NODE_SESSIONS).cte(name)


def _take(condition: ColumnElement[bool], gives: CTE, gets: CTE) -> Rows:
    return Rows(
        update(LEASES)
        .where(condition, LEASES.c.session == gives.c.id, gets.c.id.is_not(None))
        .values(session=gets.c.id, epoch=LEASES.c.epoch + 1)
        .returning(*_LEASE)
    )


def _takes() -> tuple[Rows, Rows, Rows]:
    """Build the statements from an older session to a newer one, the other way, and to the same one."""
    this = and_(LEASES.c.user_id == bindparam("whose"), LEASES.c.epoch == bindparam("so_far"))
    older = _locked("gives", "old")
    newer = _locked("gets", "which")
    up = _take(this, older, _locked("gets", "which", after=older))
    down = _take(this, _locked("gives", "old", after=newer), newer)
    same = _take(this, older, older)
    return up, down, same


_TAKE_UP, _TAKE_DOWN, _TAKE_SAME = _takes()
_FIND = Rows(select(*_LEASE).where(LEASES.c.user_id == bindparam("whose")))


def _release() -> Rows:
    gives = _locked("gives", "which")
    return Rows(
        update(LEASES)
        .where(LEASES.c.user_id == _THESE_USERS, LEASES.c.session == gives.c.id)
        .values(session=null())
        .returning(LEASES.c.user_id)
    )


_RELEASE = _release()
_SESSIONS = Rows(select(NODE_SESSIONS.c.id, NODE_SESSIONS.c.node).where(LIVES).order_by(NODE_SESSIONS.c.id))
_HASH = func.hashint8extended
_MARK = Rows(
    # What differs in any of the three is another number, whose sum tells of all leases.
    select(func.count(), func.sum(_HASH(LEASES.c.user_id, _HASH(LEASES.c.epoch, LEASES.c.session)))).where(
        LEASES.c.session.is_not(None)
    )
)
_LEASES = Rows(select(*_LEASE).where(LEASES.c.session.is_not(None)).order_by(LEASES.c.user_id))


def begin(session: Session, job: BeginSession) -> SessionBegun:
    """Begin a session, and end those that are over."""
    session.alone(_END_EXPIRED)
    [(made,)] = session.alone(_BEGIN, node=job.node, length=timedelta(seconds=job.seconds))
    return SessionBegun(made, job.request)


def renew(session: Session, job: RenewSession) -> SessionRenewed | SessionEnded:
    """Put off the end of a session that has not ended."""
    renewed = session.alone(_RENEW, which=job.session, length=timedelta(seconds=job.seconds))
    return (SessionRenewed if renewed else SessionEnded)(job.session, job.request)


def end(session: Session, job: EndSession) -> SessionEnded:
    """End a session, once its writer has finished what it commits."""
    session.alone(_END_IT, which=job.session)
    return SessionEnded(job.session, job.request)


def claim(session: Session, job: ClaimLeases) -> LeasesClaimed | SessionEnded:
    """End what is over, and take what is free."""
    session.alone(_END_EXPIRED)
    claimed = session.alone(_CLAIM, which=job.session, users=list(job.users))
    if not claimed and not session.alone(_LIVING, which=job.session):
        return SessionEnded(job.session, job.request)
    return LeasesClaimed(job.session, _leases(claimed), job.request)


def release(session: Session, job: ReleaseLeases) -> LeasesReleased:
    """Make users free."""
    session.alone(_RELEASE, which=job.session, users=list(job.users))
    return LeasesReleased(job.session, job.users, job.request)


def take(session: Session, job: TakeLease) -> LeaseTaken | LeaseRefused:
    """Turn a lease of one session into the next one, of another or the same."""
    lease, wanted = job.lease, replace(job.lease, session=job.session, epoch=job.lease.epoch + 1)
    values = {"whose": lease.user_id, "so_far": lease.epoch, "old": lease.session}
    if job.session == lease.session:
        taken = session.alone(_TAKE_SAME, **values)
    else:
        statement = _TAKE_UP if lease.session < job.session else _TAKE_DOWN
        taken = session.alone(statement, **values, which=job.session)
    # What is not there to be taken may be so already: the job was given before, and its answer lost.
    found = _leases(taken or session.alone(_FIND, whose=lease.user_id))
    return LeaseTaken(wanted, job.request) if found == (wanted,) else LeaseRefused(lease, job.request)


def list_leases(session: Session, job: ListLeases) -> LeasesListed | LeasesSame:
    """Return the sessions that live, and their leases, unless that is known."""
    # The leases are read before the sessions, of which one that has begun since has none of them, and behind the mark.
    [(count, total)] = session.alone(_MARK)
    names = session.alone(_SESSIONS)
    mark = f"{count} {total} {' '.join(str(number) for number, _ in names)}"
    if mark == job.mark:
        return LeasesSame(job.request)
    found = _leases(session.alone(_LEASES))
    sessions = {SessionId(number): node for number, node in session.alone(_SESSIONS)}
    return LeasesListed(sessions, tuple(lease for lease in found if lease.session in sessions), job.request, mark)


def _leases(rows: Iterable[Row]) -> tuple[Lease, ...]:
    return tuple(Lease(*row) for row in rows)
