"""Finding entries of a target: by number, by time, by msgid."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    Table,
    bindparam,
    literal_column,
    or_,
    select,
    tuple_,
    union_all,
)

from soju_actors.adapters.database.packing import pack
from soju_actors.adapters.database.query import Messages, Rows
from soju_actors.adapters.database.session import Session
from soju_actors.adapters.database.tables import MESSAGES, MSGIDS, RECENT, TARGETS, message_id
from soju_actors.model.entry import MULTILINE, Entry
from soju_actors.ports.database import Direction, HistoryRead, QueryHistory, RangeRead, ReadRange, Reference


class StoredTarget(NamedTuple):
    """A target, the number of its first entry that the indexes may lack, and of the first that is not purged."""

    id: int
    indexed: int
    floor: int

    @property
    def first(self) -> int:
        """The id before which all of its messages are purged."""
        return message_id(self.id, self.floor)

    @property
    def lacking(self) -> int:
        """The id from which on the indexes may lack messages."""
        return message_id(self.id, max(self.indexed, self.floor))

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


def is_spoken(table: Table) -> ColumnElement[bool]:
    """Return the condition that a message is a PRIVMSG or NOTICE."""
    return or_(table.c.command == "PRIVMSG", table.c.command == "NOTICE", table.c.command == MULTILINE)


LIMIT = bindparam("limit", type_=Integer())
LEAST_ROWS = 200
"""Rows that are read at once where some of them may be hidden."""
MOST_READS = 20
"""How often rows are read for one answer."""
LEAST, GREATEST = -(1 << 63), (1 << 63) - 1
_COLUMNS = ("id", "time", "sender", "command", "msgid", "line")
_BEGINNING, _END = Point(LEAST, LEAST), Point(GREATEST, GREATEST)


def select_messages(table: Table, *conditions: ColumnElement[bool]) -> Select[Any]:
    """Select what makes an entry, from ``messages`` or ``recent``."""
    return select(*(table.c[name] for name in _COLUMNS)).where(*conditions)


def find_messages(
    conditions: Callable[[Table], Sequence[ColumnElement[bool]]], order: Sequence[str], *, newest: bool = False
) -> Messages:
    """Find the first messages in an order, up to a limit of what is filed and a limit of what is recent."""
    found = []
    for table in (MESSAGES, RECENT):
        columns = [table.c[name] for name in order]
        directed = [column.desc() if newest else column.asc() for column in columns]
        found.append(select_messages(table, *conditions(table)).order_by(*directed).limit(LIMIT).subquery())
    return Messages(union_all(*map(select, found)))


def by_time(entry: Entry) -> tuple[int, int]:
    """Order the entries of a target by time, then by number."""
    return entry.time, entry.number


def by_number(entry: Entry) -> int:
    """Order the entries of a target by number."""
    return entry.number


def _between(*, newest: bool, events: bool) -> Messages:
    def conditions(table: Table) -> list[ColumnElement[bool]]:
        point = tuple_(table.c.time, table.c.id)
        found = [
            table.c.target == bindparam("target"),
            # The times alone bound what is read of the index; with the ids they are exact.
            table.c.time.between(big("after_time"), big("before_time")),
            point > tuple_(big("after_time"), big("after_id")),
            point < tuple_(big("before_time"), big("before_id")),
            table.c.id >= big("first"),
            table.c.id < big("end"),
        ]
        return [*found, table.c.command != "" if events else is_spoken(table)]

    return find_messages(conditions, ("time", "id"), newest=newest)


_BETWEEN = {
    (newest, events): _between(newest=newest, events=events) for newest in (False, True) for events in (False, True)
}
_FIND = Rows(
    select(TARGETS.c.id, TARGETS.c.indexed, TARGETS.c.floor).where(
        TARGETS.c.network_id == bindparam("network_id"), TARGETS.c.name == bindparam("name")
    )
)
_RANGE = find_messages(lambda table: [table.c.id >= big("first"), table.c.id < big("end")], ("id",))
_INDEXED_MSGID = Rows(
    select(MESSAGES.c.id, MESSAGES.c.time)
    .join(MSGIDS, MSGIDS.c.message == MESSAGES.c.id)
    .where(
        MSGIDS.c.target == bindparam("target"),
        MSGIDS.c.msgid == bindparam("msgid"),
        MSGIDS.c.message >= big("first"),
    )
    .order_by(MSGIDS.c.message)
    .limit(1)
)
_UNINDEXED_MSGID = Rows(
    select(MESSAGES.c.id, MESSAGES.c.time)
    .where(MESSAGES.c.id >= big("first"), MESSAGES.c.id < big("end"), MESSAGES.c.msgid == bindparam("msgid"))
    .union_all(
        select(RECENT.c.id, RECENT.c.time).where(
            RECENT.c.target == bindparam("target"),
            RECENT.c.id >= big("first"),
            RECENT.c.msgid == bindparam("msgid"),
        )
    )
    .order_by(literal_column("id"))
    .limit(1)
)


def find_target(session: Session, network_id: int, name: str) -> StoredTarget | None:
    """Return a target of a network; None if it has no history."""
    found = session.rows(_FIND, network_id=network_id, name=pack(name))
    return StoredTarget(*found[0]) if found else None


def read_range(session: Session, job: ReadRange) -> RangeRead:
    """Return the entries of a range of numbers."""
    target = find_target(session, job.network_id, job.target)
    if target is None or job.limit <= 0:
        return RangeRead((), job.request)
    first, end = (
        max(message_id(target.id, max(job.first, 0)), target.first),
        min(message_id(target.id, max(job.end, 0)), target.end),
    )
    found = sorted(session.messages(_RANGE, first=first, end=end, limit=job.limit), key=by_number)
    return RangeRead(tuple(found[: job.limit]), job.request)


def query_history(session: Session, job: QueryHistory) -> HistoryRead:
    """Return the entries between two points, or around one.

    Spec: https://ircv3.net/specs/extensions/chathistory
    """
    target = find_target(session, job.network_id, job.target)
    if target is None or job.limit <= 0:
        return HistoryRead((), job.request, ended=target is None)
    read = _around if job.direction is Direction.AROUND else _bounded
    entries, ended = read(session, target, job)
    return HistoryRead(tuple(entries), job.request, ended)


def _bounded(session: Session, target: StoredTarget, job: QueryHistory) -> tuple[list[Entry], bool]:
    """From the one end or from the other."""
    newest = job.direction is Direction.NEWEST
    after = _BEGINNING if job.after is None else _point(session, target, job.after, after=True)
    before = _END if job.before is None else _point(session, target, job.before, after=False)
    if job.after and job.before and after and before and after > before:
        newest = True
        after = _point(session, target, job.before, after=True)
        before = _point(session, target, job.after, after=False)
    return _read(session, target, job, (after, before), job.limit, newest=newest)


def _around(session: Session, target: StoredTarget, job: QueryHistory) -> tuple[list[Entry], bool]:
    """Half before the point, and the rest from the point on, which is included."""
    at = None if job.around is None else _point(session, target, job.around, after=False)
    if at is None:
        return [], False
    half = job.limit // 2
    earlier, first = _read(session, target, job, (_BEGINNING, at), half, newest=True)
    just_before = Point(at.time, at.id - 1)
    later, last = _read(session, target, job, (just_before, _END), job.limit - half, newest=False)
    return earlier + later, first and last


def _read(
    session: Session,
    target: StoredTarget,
    job: QueryHistory,
    between: tuple[Point | None, Point | None],
    limit: int,
    *,
    newest: bool,
) -> tuple[list[Entry], bool]:
    """Return up to ``limit`` entries, and whether there are no more: one more than that is looked for.

    Where senders are hidden it goes on behind what they have said, but not for ever.
    """
    after, before = between
    if after is None or before is None:
        return [], False
    rows = limit + 1 if job.hidden is None else max(limit, LEAST_ROWS) + 1
    shown: list[Entry] = []
    for _ in range(MOST_READS):
        found = _select(session, target, job, (after, before), rows, newest=newest)
        part = found if job.hidden is None else [entry for entry in found if not job.hidden.hides_entry(entry)]
        shown = part + shown if newest else shown + part
        if len(found) < rows or len(shown) > limit:
            break
        last = found[0 if newest else -1]
        point = Point(last.time, message_id(target.id, last.number))
        after, before = (after, point) if newest else (point, before)
    ended = len(found) < rows and len(shown) <= limit
    return shown[max(len(shown) - limit, 0) :] if newest else shown[:limit], ended


def _select(
    session: Session, target: StoredTarget, job: QueryHistory, between: tuple[Point, Point], rows: int, *, newest: bool
) -> list[Entry]:
    """Return the first entries between two points, or the last, in order of time."""
    after, before = between
    found = session.messages(
        _BETWEEN[newest, job.events],
        target=target.id,
        first=max(target.first, message_id(target.id, job.first)),
        end=target.end if job.below is None else message_id(target.id, job.below),
        after_time=after.time,
        after_id=after.id,
        before_time=before.time,
        before_id=before.id,
        limit=rows,
    )
    found.sort(key=by_time)
    return found[-rows:] if newest else found[:rows]


def _point(session: Session, target: StoredTarget, reference: Reference, *, after: bool) -> Point | None:
    """Return the point that a reference means; None if no message has its msgid."""
    if reference.time is not None:
        # A bound excludes all messages of its millisecond, whatever their numbers.
        return Point(reference.time, GREATEST if after else -1)
    if not reference.msgid:
        return None
    msgid = pack(reference.msgid)
    found = session.rows(_INDEXED_MSGID, target=target.id, first=target.first, msgid=msgid) or session.rows(
        _UNINDEXED_MSGID, target=target.id, first=target.lacking, end=target.end, msgid=msgid
    )
    return Point(time=found[0][1], id=found[0][0]) if found else None
