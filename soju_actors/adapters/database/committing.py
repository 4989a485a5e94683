"""Storing history: the way that every line of every channel goes."""

from collections.abc import Iterable
from typing import Any

from soju_actors.adapters.database.packing import pack
from soju_actors.adapters.database.query import Bulk, insert_new, upsert
from soju_actors.adapters.database.redacting import redact
from soju_actors.adapters.database.session import Session
from soju_actors.adapters.database.tables import CURSORS, MESSAGES, NUMBER_BITS, RECENT
from soju_actors.adapters.database.targets import KnownTargets
from soju_actors.model.entry import Entry
from soju_actors.ports.database import Commit, CursorMoved

_COLUMNS = ("id", "target", "time", "sender", "command", "line", "msgid")
_FILE = Bulk(insert_new(MESSAGES), _COLUMNS)
_APPEND = Bulk(lambda kind: kind.insert(RECENT).inline(), _COLUMNS)
_SAVE_CURSORS = Bulk(upsert(CURSORS), ("target_id", "client", "number"))
_NOT_IN_LINES = {ord("\n"): " ", ord("\0"): " "}
"""No line has them; a page of messages is read back line by line and must not come apart."""


def commit(session: Session, job: Commit, known: KnownTargets) -> set[int]:
    """Store entries and cursors; return the targets that have new entries."""
    known.refresh(session)
    filed: list[Any] = []
    recent: list[Any] = []
    touched: set[int] = set()
    for appended in job.appends:
        target = known.find_or_make(session, appended.network_id, appended.target)
        entries: Iterable[Entry] = appended.entries
        if target is None or not appended.entries:
            continue
        if appended.entries[0].number < target.end:
            entries = [entry for entry in entries if entry.number >= target.end]
        target.end = max(target.end, appended.entries[-1].number + 1)
        touched.add(target.id)
        # What is filed must come before what is recent.
        target.unfiled = target.unfiled or len(appended.entries) < session.kind.file_from
        _add(recent if target.unfiled else filed, target.id, entries)
    session.bulk(_FILE, filed)
    session.bulk(_APPEND, recent)
    for appended in job.appends:
        if appended.redacted:
            target = known.find_or_make(session, appended.network_id, appended.target)
            if target is not None:
                redact(session, target.id, appended.redacted)
    if job.cursors:
        session.bulk(_SAVE_CURSORS, _cursors(session, job.cursors, known))
    return touched


def _add(values: list[Any], target: int, entries: Iterable[Entry]) -> None:
    first = target << NUMBER_BITS
    for entry in entries:
        line = entry.line
        if "\n" in line or "\0" in line:
            line = line.translate(_NOT_IN_LINES)
        values += (
            first | entry.number,
            target,
            entry.time,
            pack(entry.sender),
            pack(entry.command),
            line.encode("utf-8", "surrogateescape"),
            pack(entry.msgid),
        )


def _cursors(session: Session, moved: tuple[CursorMoved, ...], known: KnownTargets) -> list[Any]:
    newest: dict[tuple[int, str], int] = {}
    for cursor in moved:
        target = known.find_or_make(session, cursor.network_id, cursor.target)
        if target is not None:
            newest[target.id, pack(cursor.client)] = cursor.number
    return [value for (target_id, client), number in newest.items() for value in (target_id, client, number)]
