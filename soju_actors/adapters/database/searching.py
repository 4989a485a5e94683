"""Finding entries by what they say, and targets by when something was said."""

from collections.abc import Iterable, Iterator
from functools import partial
from heapq import nlargest, nsmallest
from operator import itemgetter

from sqlalchemy import ColumnElement, ScalarSelect, Table, Text, UnaryExpression, bindparam, func, or_, select

from soju_actors.adapters.database.packing import pack, unpack
from soju_actors.adapters.database.query import Kind, Messages, Rows
from soju_actors.adapters.database.reading import (
    GREATEST,
    LEAST,
    LIMIT,
    StoredTarget,
    big,
    by_number,
    find_messages,
    find_target,
    is_spoken,
    select_messages,
)
from soju_actors.adapters.database.session import Session
from soju_actors.adapters.database.tables import MESSAGES, RECENT, TARGETS, WORDS, message_id
from soju_actors.adapters.database.targets import FIRST_KEPT_ID
from soju_actors.adapters.database.words import text_of, words_of
from soju_actors.model.entry import Entry
from soju_actors.ports.database import HistoryRead, QuerySpans, QueryTargets, Search, SpansRead, TargetsRead

CHUNK = 1000
"""Entries without index that are read at once."""


def _matches(table: Table) -> list[ColumnElement[bool]]:
    """Return the conditions of a search but for the text."""
    sender = bindparam("sender", type_=Text())
    return [
        is_spoken(table),
        table.c.time > big("after"),
        table.c.time < big("before"),
        or_(sender == "", func.lower(table.c.sender) == func.lower(sender)),
    ]


def _with_words(kind: Kind, *, oldest: bool) -> object:
    indexed = select(WORDS.c.rowid).where(kind.has_words, WORDS.c.rowid >= big("first"), WORDS.c.rowid < big("end"))
    found = select_messages(MESSAGES, MESSAGES.c.id.in_(indexed), *_matches(MESSAGES))
    order = (MESSAGES.c.time, MESSAGES.c.id)
    return found.order_by(*(column if oldest else column.desc() for column in order)).limit(LIMIT)


_WITH_WORDS = {oldest: Messages(partial(_with_words, oldest=oldest)) for oldest in (False, True)}
_ANY_TEXT = {
    oldest: find_messages(
        lambda table: [
            table.c.target == bindparam("target"),
            table.c.id >= big("first"),
            table.c.id < big("end"),
            *_matches(table),
        ],
        ("time", "id"),
        newest=not oldest,
    )
    for oldest in (False, True)
}
_UNINDEXED = find_messages(
    lambda table: [table.c.id >= big("first"), table.c.id < big("end"), *_matches(table)], ("id",)
)
_OF_NETWORK = Rows(
    select(TARGETS.c.id, TARGETS.c.indexed, TARGETS.c.floor).where(TARGETS.c.network_id == bindparam("network_id"))
)


def _filed_time(order: UnaryExpression[int]) -> ScalarSelect[int]:
    """Select the time of a target's first message in an order."""
    spoken = select(MESSAGES.c.time).where(
        MESSAGES.c.target == TARGETS.c.id, MESSAGES.c.id >= FIRST_KEPT_ID, is_spoken(MESSAGES)
    )
    return spoken.order_by(order).limit(1).scalar_subquery()


_FILED_TIMES = Rows(
    select(TARGETS.c.id, TARGETS.c.name, _filed_time(MESSAGES.c.time.desc())).where(
        TARGETS.c.network_id == bindparam("network_id")
    )
)
_RECENT_TIMES = Rows(
    select(RECENT.c.target, func.max(RECENT.c.time))
    .join(TARGETS, TARGETS.c.id == RECENT.c.target)
    .where(RECENT.c.id >= FIRST_KEPT_ID, is_spoken(RECENT))
    .group_by(RECENT.c.target)
)
_FILED_SPAN = Rows(
    select(TARGETS.c.id, _filed_time(MESSAGES.c.time.asc()), _filed_time(MESSAGES.c.time.desc())).where(
        TARGETS.c.network_id == bindparam("network_id"), TARGETS.c.name == bindparam("name")
    )
)
_RECENT_SPAN = Rows(
    select(func.min(RECENT.c.time), func.max(RECENT.c.time))
    .join(TARGETS, TARGETS.c.id == RECENT.c.target)
    .where(RECENT.c.target == bindparam("target"), RECENT.c.id >= FIRST_KEPT_ID, is_spoken(RECENT))
)


def query_spans(session: Session, job: QuerySpans) -> SpansRead:
    """Return from when to when something was said in each target."""
    spans = []
    for name in job.targets:
        for target, *filed in session.rows(_FILED_SPAN, network_id=job.network_id, name=pack(name)):
            times = [time for time in (*filed, *session.rows(_RECENT_SPAN, target=target)[0]) if time is not None]
            if times:
                spans.append((name, min(times), max(times)))
    return SpansRead(tuple(spans), job.request)


def query_targets(session: Session, job: QueryTargets) -> TargetsRead:
    """Return the targets whose newest PRIVMSG or NOTICE lies between two times."""
    recent: dict[int, int] = dict(session.rows(_RECENT_TIMES))  # type: ignore[arg-type]
    without = frozenset(job.without)
    found = []
    for target, packed, filed in session.rows(_FILED_TIMES, network_id=job.network_id):
        newest = max(LEAST if filed is None else filed, recent.get(target, LEAST))
        name = unpack(packed)
        if job.after < newest < job.before and name not in without:
            found.append((newest, name))
    found.sort()
    limit = max(job.limit, 0)
    kept = found[max(len(found) - limit, 0) :] if job.newest else found[:limit]
    return TargetsRead(tuple((name, newest) for newest, name in kept), job.request, len(found) <= limit)


def search(session: Session, job: Search) -> HistoryRead:
    """Return the newest or the oldest entries that match, the index lagging or not."""
    words = words_of(job.text)
    if job.limit <= 0 or (job.text.strip() and not words):
        return HistoryRead((), job.request)
    found = _found(session, job, words)
    by_time_and_id = itemgetter(0, 1)
    if job.oldest:
        kept = nsmallest(job.limit, found, by_time_and_id)
    else:
        kept = nlargest(job.limit, found, by_time_and_id)[::-1]
    return HistoryRead(tuple(entry for _, _, entry in kept), job.request)


def _found(session: Session, job: Search, words: tuple[str, ...]) -> Iterator[tuple[int, int, Entry]]:
    """Yield what matches, with its time and id, target by target."""
    for target in _targets(session, job):
        entries: Iterable[Entry]
        if words:
            entries = _search_words(session, target, job, words)
        else:
            first, end = target.first, _end(target, job)
            query = _ANY_TEXT[job.oldest]
            entries = _search(session, query, job, target=target.id, first=first, end=end, limit=job.limit)
        shown = (entry for entry in entries if not (job.hidden and job.hidden.hides_entry(entry)))
        yield from ((entry.time, message_id(target.id, entry.number), entry) for entry in shown)


def _targets(session: Session, job: Search) -> list[StoredTarget]:
    if not job.target:
        return [StoredTarget(*row) for row in session.rows(_OF_NETWORK, network_id=job.network_id)]
    target = find_target(session, job.network_id, job.target)
    return [] if target is None else [target]


def _end(target: StoredTarget, job: Search) -> int:
    """Return the id after the last message that counts."""
    return target.end if job.below is None else message_id(target.id, job.below)


def _search_words(session: Session, target: StoredTarget, job: Search, words: tuple[str, ...]) -> Iterator[Entry]:
    first, lacking, end = target.first, target.lacking, _end(target, job)
    wanted = session.kind.wanted_words(words)
    query = _WITH_WORDS[job.oldest]
    yield from _search(session, query, job, first=first, end=min(lacking, end), words=wanted, limit=job.limit)
    missing = set(words)
    while True:
        chunk = sorted(_search(session, _UNINDEXED, job, first=lacking, end=end, limit=CHUNK), key=by_number)
        del chunk[CHUNK:]
        yield from (entry for entry in chunk if missing.issubset(words_of(text_of(entry.command, entry.line))))
        if len(chunk) < CHUNK:
            return
        lacking = message_id(target.id, chunk[-1].number + 1)


def _search(session: Session, query: Messages, job: Search, **values: object) -> list[Entry]:
    after = LEAST if job.after is None else job.after
    before = GREATEST if job.before is None else job.before
    return session.messages(query, sender=pack(job.sender), after=after, before=before, **values)
