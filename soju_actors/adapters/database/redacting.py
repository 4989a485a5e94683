"""Redacted messages lose what they said, in their rows and in the full-text index (row STO-06).

A row keeps its place, its time and its msgid, so that numbers, order and references
to it stay as they are.
"""

from collections.abc import Collection, Iterable

from sqlalchemy import ColumnElement, Table, bindparam, delete, or_, select, update

from soju_actors.adapters.database.packing import pack
from soju_actors.adapters.database.query import Messages, Rows, Statement
from soju_actors.adapters.database.reading import LIMIT, big, is_spoken, select_messages
from soju_actors.adapters.database.session import Session
from soju_actors.adapters.database.tables import MESSAGES, MSGIDS, RECENT, TARGETS, WORDS, message_id
from soju_actors.adapters.database.words import stored_words
from soju_actors.irc.message import parse_message
from soju_actors.model.entry import Entry

LOOKED_THROUGH = 10_000
"""Messages without index that one commit looks through, the newest ones; indexing redacts those before."""


def _can_be_redacted(table: Table) -> ColumnElement[bool]:
    return or_(is_spoken(table), table.c.command == "TAGMSG")


_INDEXED_UP_TO = Rows(select(TARGETS.c.indexed).where(TARGETS.c.id == bindparam("which")))
_WITH_MSGID = Rows(
    select(MSGIDS.c.message).where(MSGIDS.c.target == bindparam("which"), MSGIDS.c.msgid == bindparam("msgid"))
)
_ONE = Messages(select_messages(MESSAGES, MESSAGES.c.id == big("which"), _can_be_redacted(MESSAGES)))
_WITHOUT_INDEX = Rows(
    select(MESSAGES.c.id, MESSAGES.c.msgid)
    .where(MESSAGES.c.id >= big("first"), MESSAGES.c.id < big("end"), _can_be_redacted(MESSAGES))
    .order_by(MESSAGES.c.id.desc())
    .limit(LIMIT)
)
_RECENT = Rows(
    select(RECENT.c.seq, RECENT.c.msgid).where(RECENT.c.target == bindparam("which"), _can_be_redacted(RECENT))
)
_EMPTY = Statement(update(MESSAGES).where(MESSAGES.c.id == big("which")), ["command", "line"])
_EMPTY_RECENT = Statement(update(RECENT).where(RECENT.c.seq == big("which")), ["command", "line"])
_DELETE_WORDS = Statement(delete(WORDS).where(WORDS.c.rowid == big("which")))


def redact(session: Session, target: int, msgids: Collection[str]) -> None:
    """Empty the messages of a target that have one of these ids."""
    wanted = {pack(msgid) for msgid in msgids if msgid}
    if not wanted:
        return
    for msgid in wanted:
        for (message,) in session.rows(_WITH_MSGID, which=target, msgid=msgid):
            _redact_indexed(session, target, message)
    [(indexed,)] = session.rows(_INDEXED_UP_TO, which=target)
    first, end = message_id(target, indexed), message_id(target + 1, 0)
    for message, msgid in session.rows(_WITHOUT_INDEX, first=first, end=end, limit=LOOKED_THROUGH):
        if msgid in wanted:
            session.run(_EMPTY, which=message, command="", line=b"")
    for seq, msgid in session.rows(_RECENT, which=target):
        if msgid in wanted:
            session.run(_EMPTY_RECENT, which=seq, command="", line=b"")


def redacted_by(entries: Iterable[Entry]) -> list[str]:
    """Return the ids of the messages that entries redact."""
    redactions = [parse_message(entry.line) for entry in entries if entry.command == "REDACT"]
    return [redaction.params[1] for redaction in redactions if len(redaction.params) > 1]


def _redact_indexed(session: Session, target: int, message: int) -> None:
    """Empty a message that the full-text index knows."""
    entries = session.messages(_ONE, which=message)
    if not entries:
        return
    remove = session.kind.remove_words
    if remove is None:
        session.run(_DELETE_WORDS, which=message)
    else:
        session.bulk(remove, stored_words(session.kind, target, entries))
    session.run(_EMPTY, which=message, command="", line=b"")
