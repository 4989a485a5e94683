"""Finding entries by what they say, and targets by when something was said."""

from collections.abc import Iterator

from sqlalchemy import Text, bindparam, or_, select

from soju_actors.adapters.database.packing import pack, unpack
from soju_actors.adapters.database.query import Kind, Messages, Rows
from soju_actors.adapters.database.reading import (
    LIMIT,
    MESSAGE_COLUMNS,
    SPOKEN,
    StoredTarget,
    big,
    find_target,
)
from soju_actors.adapters.database.session import Session
from soju_actors.adapters.database.tables import MESSAGES, TARGETS, WORDS, message_id
from soju_actors.adapters.database.words import text_of, words_of
from soju_actors.model.entry import Entry
from soju_actors.ports.database import HistoryRead, QueryTargets, Search, TargetsRead

CHUNK = 1000
"""Entries without index that are read at once."""

_SENDER = bindparam("sender", type_=Text())
_MATCHES = (
    SPOKEN,
    MESSAGES.c.time > big("after"),
    MESSAGES.c.time < big("before"),
    or_(_SENDER == "", MESSAGES.c.sender == _SENDER),
)
_NEWEST_FIRST = (MESSAGES.c.time.desc(), MESSAGES.c.id.desc())

_ANY_TEXT = Messages(
    select(*MESSAGE_COLUMNS)
    .where(MESSAGES.c.target == bindparam("target"), *_MATCHES)
    .order_by(*_NEWEST_FIRST)
    .limit(LIMIT)
)


def _with_words(kind: Kind) -> object:
    indexed = select(WORDS.c.rowid).where(kind.has_words, WORDS.c.rowid >= big("first"), WORDS.c.rowid < big("end"))
    return select(*MESSAGE_COLUMNS).where(MESSAGES.c.id.in_(indexed), *_MATCHES).order_by(*_NEWEST_FIRST).limit(LIMIT)


_WITH_WORDS = Messages(_with_words)
_UNINDEXED = Messages(
    select(*MESSAGE_COLUMNS)
    .where(MESSAGES.c.id >= big("first"), MESSAGES.c.id < big("end"), *_MATCHES)
    .order_by(MESSAGES.c.id)
    .limit(LIMIT)
)
_OF_NETWORK = Rows(select(TARGETS.c.id, TARGETS.c.indexed).where(TARGETS.c.network_id == bindparam("network_id")))

_NEWEST_TIME = (
    select(MESSAGES.c.time)
    .where(MESSAGES.c.target == TARGETS.c.id, SPOKEN)
    .order_by(MESSAGES.c.time.desc())
    .limit(1)
    .scalar_subquery()
)
_BY_NEWEST = (
    select(TARGETS.c.name, _NEWEST_TIME.label("newest"))
    .where(TARGETS.c.network_id == bindparam("network_id"))
    .subquery()
)
_TARGETS = Rows(
    select(_BY_NEWEST)
    .where(_BY_NEWEST.c.newest > big("after"), _BY_NEWEST.c.newest < big("before"))
    .order_by(_BY_NEWEST.c.newest, _BY_NEWEST.c.name)
    .limit(LIMIT)
)

_LEAST, _GREATEST = -(1 << 63), (1 << 63) - 1


def query_targets(session: Session, job: QueryTargets) -> TargetsRead:
    """Return the targets whose newest PRIVMSG or NOTICE lies between two times."""
    found = session.rows(
        _TARGETS, network_id=job.network_id, after=job.after, before=job.before, limit=max(job.limit, 0)
    )
    return TargetsRead(tuple((unpack(name), time) for name, time in found), job.request)


def search(session: Session, job: Search) -> HistoryRead:
    """Return the newest entries that match, the index lagging or not."""
    words = words_of(job.text)
    if job.limit <= 0 or (job.text.strip() and not words):
        return HistoryRead((), job.request)
    found: list[tuple[int, int, Entry]] = []
    for target in _targets(session, job):
        entries = (
            _search_words(session, target, job, words) if words else _search(session, _ANY_TEXT, job, target=target.id)
        )
        found += ((entry.time, message_id(target.id, entry.number), entry) for entry in entries)
    found.sort(key=lambda match: match[:2])
    return HistoryRead(tuple(entry for _, _, entry in found[-job.limit :]), job.request)


def _targets(session: Session, job: Search) -> list[StoredTarget]:
    if not job.target:
        return [StoredTarget(*row) for row in session.rows(_OF_NETWORK, network_id=job.network_id)]
    target = find_target(session, job.network_id, job.target)
    return [] if target is None else [target]


def _search(session: Session, query: Messages, job: Search, **values: object) -> list[Entry]:
    return session.messages(
        query,
        sender=pack(job.sender),
        after=_LEAST if job.after is None else job.after,
        before=_GREATEST if job.before is None else job.before,
        **{"limit": job.limit, **values},
    )


def _search_words(session: Session, target: StoredTarget, job: Search, words: tuple[str, ...]) -> Iterator[Entry]:
    first, lacking = message_id(target.id, 0), message_id(target.id, target.indexed)
    yield from _search(session, _WITH_WORDS, job, first=first, end=lacking, words=session.kind.wanted_words(words))
    wanted = set(words)
    while True:
        chunk = _search(session, _UNINDEXED, job, first=lacking, end=target.end, limit=CHUNK)
        yield from (entry for entry in chunk if wanted.issubset(words_of(text_of(entry.command, entry.line))))
        if len(chunk) < CHUNK:
            return
        lacking = message_id(target.id, chunk[-1].number + 1)
