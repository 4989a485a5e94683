"""Purging history: it is hidden at once, and deleted when there is time (``indexing``)."""

from sqlalchemy import bindparam, select, update

from soju_actors.adapters.database.query import Rows, Statement
from soju_actors.adapters.database.reading import LIMIT, big, find_target
from soju_actors.adapters.database.session import Session
from soju_actors.adapters.database.tables import MESSAGES, TARGETS, message_id, number_of
from soju_actors.ports.database import ExpireHistory, HistoryExpired, PurgeHistory

_RAISE_FLOOR = Statement(
    update(TARGETS).where(TARGETS.c.id == bindparam("which"), TARGETS.c.floor < big("end")).values(floor=big("end"))
)
_NEXT_TARGETS = Rows(
    select(TARGETS.c.id, TARGETS.c.floor)
    .where(TARGETS.c.id > bindparam("after"), TARGETS.c.network_id.is_not(None))
    .order_by(TARGETS.c.id)
    .limit(LIMIT)
)
_TIMES = Rows(
    select(MESSAGES.c.id, MESSAGES.c.time)
    .where(MESSAGES.c.id >= big("first"), MESSAGES.c.id < big("end"))
    .order_by(MESSAGES.c.id)
    .limit(LIMIT)
)
TARGETS_AT_ONCE = 20
"""Targets that one job looks at."""


def purge(session: Session, job: PurgeHistory) -> set[int]:
    """Hide the messages of targets below a number each; return the targets that have some to delete now."""
    raised = set()
    for name, end in job.ends.items():
        target = find_target(session, job.network_id, name)
        if target is not None and session.run(_RAISE_FLOOR, which=target.id, end=end):
            raised.add(target.id)
    return raised


def expire(session: Session, job: ExpireHistory) -> tuple[HistoryExpired, set[int]]:
    """Hide the oldest messages of some targets; return how far that went, and the targets that have some to delete."""
    raised: set[int] = set()
    left, after = job.limit, job.after
    found = session.rows(_NEXT_TARGETS, after=after, limit=TARGETS_AT_ONCE)
    for target, floor in found:
        rows = session.rows(_TIMES, first=message_id(target, floor), end=message_id(target + 1, 0), limit=left)
        kept = next((index for index, (_, time) in enumerate(rows) if time >= job.before), len(rows))
        if kept and session.run(_RAISE_FLOOR, which=target, end=number_of(rows[kept - 1][0]) + 1):
            raised.add(target)
        left -= kept + 1
        if kept == len(rows) and rows and left <= 0:
            return HistoryExpired(after, bool(raised)), raised  # it may have more
        after = target
        if left <= 0:
            return HistoryExpired(after, bool(raised)), raised
    return HistoryExpired(after if len(found) == TARGETS_AT_ONCE else None, bool(raised)), raised
