"""Finding entries of a target: by number, by time, by msgid."""

from typing import NamedTuple

from sqlalchemy import BigInteger, BindParameter, Integer, bindparam, or_, select, tuple_

from soju_actors.adapters.database.packing import pack
from soju_actors.adapters.database.query import Messages, Rows
from soju_actors.adapters.database.session import Session
from soju_actors.adapters.database.tables import MESSAGES, MSGIDS, TARGETS, message_id
from soju_actors.model.entry import Entry
from soju_actors.ports.database import Direction, HistoryRead, QueryHistory, RangeRead, ReadRange, Reference


class StoredTarget(NamedTuple):
    """A target, and the number of its first entry that the indexes may lack."""

    id: int
    indexed: int

    @property
    def end(self) -> int:
        """The id after all of its messages."""
        return message_id(self.id + 1, 0)


class Point(NamedTuple):
    """A place in the order of history: by time, then by number."""

    time: int
    id: int


def big(name: str) -> "BindParameter[int]":
    """Return a value of a query that may need 64 bits."""
    return bindparam(name, type_=BigInteger())


MESSAGE_COLUMNS = (
    MESSAGES.c.id,
    MESSAGES.c.time,
    MESSAGES.c.sender,
    MESSAGES.c.command,
    MESSAGES.c.msgid,
    MESSAGES.c.line,
)
SPOKEN = or_(MESSAGES.c.command == "PRIVMSG", MESSAGES.c.command == "NOTICE")
LIMIT = bindparam("limit", type_=Integer())

_LEAST, _GREATEST = -(1 << 63), (1 << 63) - 1
_BEGINNING, _END = Point(_LEAST, _LEAST), Point(_GREATEST, _GREATEST)


def _between(*, newest: bool, events: bool) -> Messages:
    order = [column.desc() if newest else column.asc() for column in (MESSAGES.c.time, MESSAGES.c.id)]
    point = tuple_(MESSAGES.c.time, MESSAGES.c.id)
    found = (
        select(*MESSAGE_COLUMNS)
        .where(
            MESSAGES.c.target == bindparam("target"),
            # The times alone bound what is read of the index; with the ids they are exact.
            MESSAGES.c.time.between(big("after_time"), big("before_time")),
            point > tuple_(big("after_time"), big("after_id")),
            point < tuple_(big("before_time"), big("before_id")),
        )
        .order_by(*order)
        .limit(LIMIT)
    )
    return Messages(found if events else found.where(SPOKEN))


_BETWEEN = {
    (newest, events): _between(newest=newest, events=events) for newest in (False, True) for events in (False, True)
}
_FIND = Rows(
    select(TARGETS.c.id, TARGETS.c.indexed).where(
        TARGETS.c.network_id == bindparam("network_id"), TARGETS.c.name == bindparam("name")
    )
)
_RANGE = Messages(
    select(*MESSAGE_COLUMNS)
    .where(MESSAGES.c.id >= big("first"), MESSAGES.c.id < big("end"))
    .order_by(MESSAGES.c.id)
    .limit(LIMIT)
)
_INDEXED_MSGID = Rows(
    select(MSGIDS.c.number)
    .where(MSGIDS.c.target == bindparam("target"), MSGIDS.c.msgid == bindparam("msgid"))
    .order_by(MSGIDS.c.number)
    .limit(1)
)
_UNINDEXED_MSGID = Rows(
    select(MESSAGES.c.id)
    .where(MESSAGES.c.id >= big("first"), MESSAGES.c.id < big("end"), MESSAGES.c.msgid == bindparam("msgid"))
    .order_by(MESSAGES.c.id)
    .limit(1)
)
_TIME = Rows(select(MESSAGES.c.time).where(MESSAGES.c.id == big("message")))


def find_target(session: Session, network_id: int, name: str) -> StoredTarget | None:
    """Return a target of a network; None if it has no history."""
    found = session.rows(_FIND, network_id=network_id, name=pack(name))
    return StoredTarget(*found[0]) if found else None


def read_ids(session: Session, first: int, end: int, limit: int) -> list[Entry]:
    """Return the entries with ``first <= id < end``, by id."""
    return session.messages(_RANGE, first=first, end=end, limit=limit)


def read_range(session: Session, job: ReadRange) -> RangeRead:
    """Return the entries of a range of numbers."""
    target = find_target(session, job.network_id, job.target)
    if target is None or job.limit <= 0:
        return RangeRead((), job.request)
    first, end = message_id(target.id, max(job.first, 0)), min(message_id(target.id, max(job.end, 0)), target.end)
    return RangeRead(tuple(read_ids(session, first, end, job.limit)), job.request)


def query_history(session: Session, job: QueryHistory) -> HistoryRead:
    """Return the entries between two points, or around one.

    Spec: https://ircv3.net/specs/extensions/chathistory
    """
    target = find_target(session, job.network_id, job.target)
    if target is None or job.limit <= 0:
        return HistoryRead((), job.request)
    if job.direction is Direction.AROUND:
        found = _around(session, target, job)
    else:
        after = _BEGINNING if job.after is None else _point(session, target, job.after, after=True)
        before = _END if job.before is None else _point(session, target, job.before, after=False)
        newest = job.direction is Direction.NEWEST
        found = _read(session, target, after, before, job.limit, newest=newest, events=job.events)
    return HistoryRead(tuple(found), job.request)


def _around(session: Session, target: StoredTarget, job: QueryHistory) -> list[Entry]:
    """Half before the point, and the rest from the point on, which is included."""
    at = None if job.around is None else _point(session, target, job.around, after=False)
    if at is None:
        return []
    half = job.limit // 2
    earlier = _read(session, target, _BEGINNING, at, half, newest=True, events=job.events)
    just_before = Point(at.time, at.id - 1)
    later = _read(session, target, just_before, _END, job.limit - half, newest=False, events=job.events)
    return earlier + later


def _read(
    session: Session,
    target: StoredTarget,
    after: Point | None,
    before: Point | None,
    limit: int,
    *,
    newest: bool,
    events: bool,
) -> list[Entry]:
    if after is None or before is None:
        return []
    found = session.messages(
        _BETWEEN[newest, events],
        target=target.id,
        after_time=after.time,
        after_id=after.id,
        before_time=before.time,
        before_id=before.id,
        limit=limit,
    )
    return found[::-1] if newest else found


def _point(session: Session, target: StoredTarget, reference: Reference, *, after: bool) -> Point | None:
    """Return the point that a reference means; None if no message has its msgid."""
    if reference.time is not None:
        # A bound excludes all messages of its millisecond, whatever their numbers.
        return Point(reference.time, _GREATEST if after else -1)
    if not reference.msgid:
        return None
    found = _find_msgid(session, target, pack(reference.msgid))
    if found is None:
        return None
    [(time,)] = session.rows(_TIME, message=found)
    return Point(time, found)


def _find_msgid(session: Session, target: StoredTarget, msgid: str) -> int | None:
    indexed = session.rows(_INDEXED_MSGID, target=target.id, msgid=msgid)
    if indexed:
        return message_id(target.id, indexed[0][0])
    first = message_id(target.id, target.indexed)
    unindexed = session.rows(_UNINDEXED_MSGID, first=first, end=target.end, msgid=msgid)
    return int(unindexed[0][0]) if unindexed else None
