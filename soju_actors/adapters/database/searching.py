"""Finding entries by what they say, and targets by when something was said."""

from collections.abc import Iterable, Iterator

from sqlalchemy import ColumnElement, Table, Text, bindparam, func, or_, select

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
from soju_actors.adapters.database.words import text_of, words_of
from soju_actors.model.entry import Entry
from soju_actors.ports.database import HistoryRead, QueryTargets, Search, TargetsRead

CHUNK = 1000
"""Entries without index that are read at once."""


def _matches(table: Table) -> list[ColumnElement[bool]]:
    """Return the conditions of a search but for the text."""
    sender = bindparam("sender", type_=Text())
    return [
        is_spoken(table),
        table.c.time > big("after"),
        table.c.time < big("before"),
        or_(sender == "", table.c.sender == sender),
    ]


def _with_words(kind: Kind) -> object:
    indexed = select(WORDS.c.rowid).where(kind.has_words, WORDS.c.rowid >= big("first"), WORDS.c.rowid < big("end"))
    found = select_messages(MESSAGES, MESSAGES.c.id.in_(indexed), *_matches(MESSAGES))
    return found.order_by(MESSAGES.c.time.desc(), MESSAGES.c.id.desc()).limit(LIMIT)


_WITH_WORDS = Messages(_with_words)
_ANY_TEXT = find_messages(
    lambda table: [table.c.target == bindparam("target"), *_matches(table)], ("time", "id"), newest=True
)
_UNINDEXED = find_messages(
    lambda table: [table.c.id >= big("first"), table.c.id < big("end"), *_matches(table)], ("id",)
)
_OF_NETWORK = Rows(select(TARGETS.c.id, TARGETS.c.indexed).where(TARGETS.c.network_id == bindparam("network_id")))

_FILED_TIME = (
    select(MESSAGES.c.time)
    .where(MESSAGES.c.target == TARGETS.c.id, is_spoken(MESSAGES))
    .order_by(MESSAGES.c.time.desc())
    .limit(1)
    .scalar_subquery()
)
_FILED_TIMES = Rows(
    select(TARGETS.c.id, TARGETS.c.name, _FILED_TIME).where(TARGETS.c.network_id == bindparam("network_id"))
)
_RECENT_TIMES = Rows(
    select(RECENT.c.target, func.max(RECENT.c.time)).where(is_spoken(RECENT)).group_by(RECENT.c.target)
)


def query_targets(session: Session, job: QueryTargets) -> TargetsRead:
    """Return the targets whose newest PRIVMSG or NOTICE lies between two times."""
    recent: dict[int, int] = dict(session.rows(_RECENT_TIMES))  # type: ignore[arg-type]
    found = []
    for target, name, filed in session.rows(_FILED_TIMES, network_id=job.network_id):
        newest = max(LEAST if filed is None else filed, recent.get(target, LEAST))
        if job.after < newest < job.before:
            found.append((newest, unpack(name)))
    return TargetsRead(tuple((name, newest) for newest, name in sorted(found)[: max(job.limit, 0)]), job.request)


def search(session: Session, job: Search) -> HistoryRead:
    """Return the newest entries that match, the index lagging or not."""
    words = words_of(job.text)
    if job.limit <= 0 or (job.text.strip() and not words):
        return HistoryRead((), job.request)
    found: list[tuple[int, int, Entry]] = []
    for target in _targets(session, job):
        entries: Iterable[Entry]
        if words:
            entries = _search_words(session, target, job, words)
        else:
            entries = _search(session, _ANY_TEXT, job, target=target.id, limit=job.limit)
        found += ((entry.time, message_id(target.id, entry.number), entry) for entry in entries)
    found.sort(key=lambda match: match[:2])
    return HistoryRead(tuple(entry for _, _, entry in found[-job.limit :]), job.request)


def _targets(session: Session, job: Search) -> list[StoredTarget]:
    if not job.target:
        return [StoredTarget(*row) for row in session.rows(_OF_NETWORK, network_id=job.network_id)]
    target = find_target(session, job.network_id, job.target)
    return [] if target is None else [target]


def _search_words(session: Session, target: StoredTarget, job: Search, words: tuple[str, ...]) -> Iterator[Entry]:
    first, lacking = message_id(target.id, 0), message_id(target.id, target.indexed)
    wanted = session.kind.wanted_words(words)
    yield from _search(session, _WITH_WORDS, job, first=first, end=lacking, words=wanted, limit=job.limit)
    missing = set(words)
    while True:
        chunk = sorted(_search(session, _UNINDEXED, job, first=lacking, end=target.end, limit=CHUNK), key=by_number)
        del chunk[CHUNK:]
        yield from (entry for entry in chunk if missing.issubset(words_of(text_of(entry.command, entry.line))))
        if len(chunk) < CHUNK:
            return
        lacking = message_id(target.id, chunk[-1].number + 1)


def _search(session: Session, query: Messages, job: Search, **values: object) -> list[Entry]:
    after = LEAST if job.after is None else job.after
    before = GREATEST if job.before is None else job.before
    return session.messages(query, sender=pack(job.sender), after=after, before=before, **values)
