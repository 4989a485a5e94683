"""Filing recent messages, indexing them, and deleting what was purged and what deleted networks left.

All of it would be slow in the way of lines, so it is done in portions when there is time.
"""

from sqlalchemy import bindparam, delete, func, literal_column, select, tuple_, update

from soju_actors.adapters.database.packing import pack
from soju_actors.adapters.database.query import Bulk, Kind, Messages, Rows, Statement, insert_new
from soju_actors.adapters.database.reading import LIMIT, big, select_messages
from soju_actors.adapters.database.redacting import redact, redacted_by
from soju_actors.adapters.database.session import Session
from soju_actors.adapters.database.tables import MESSAGES, MSGIDS, RECENT, TARGETS, WORDS, message_id
from soju_actors.adapters.database.targets import FIRST_ID, FIRST_KEPT_ID, NEWEST_ID
from soju_actors.adapters.database.words import stored_words

FILE_AT_ONCE = 300
"""Recent messages that one job files: a millisecond or two, for which a commit may have to wait."""

_OLDEST = Rows(
    select(select(func.min(RECENT.c.seq)).scalar_subquery(), select(func.max(RECENT.c.seq)).scalar_subquery())
)
"""Two queries in one: asked for both at once, SQLite reads the whole table."""
_PORTION = RECENT.c.seq < big("end")


def _file(kind: Kind) -> object:
    names = [column.name for column in MESSAGES.c]
    portion = (
        select(*(RECENT.c[name] for name in names))
        .join(TARGETS, TARGETS.c.id == RECENT.c.target)
        .where(_PORTION, TARGETS.c.network_id.is_not(None), RECENT.c.id >= FIRST_KEPT_ID)
    )
    return kind.insert(MESSAGES).from_select(names, portion.order_by(RECENT.c.id)).on_conflict_do_nothing()


_FILE = Statement(_file)
_CLEAR = Statement(delete(RECENT).where(_PORTION))

_LAGGING = Rows(select(TARGETS.c.id).where(FIRST_ID + TARGETS.c.indexed <= NEWEST_ID))
_INDEXED = Rows(select(TARGETS.c.indexed).where(TARGETS.c.id == bindparam("which")).with_for_update())
_SET_INDEXED = Statement(update(TARGETS).where(TARGETS.c.id == bindparam("which")), ["indexed"])
_ADD_MSGIDS = Bulk(insert_new(MSGIDS), ("target", "msgid", "message"))
_FILED = Messages(
    select_messages(MESSAGES, MESSAGES.c.id >= big("first"), MESSAGES.c.id < big("end"))
    .order_by(MESSAGES.c.id)
    .limit(LIMIT)
)

_ABANDONED = Rows(
    select(TARGETS.c.id, TARGETS.c.indexed).where(TARGETS.c.network_id.is_(None)).limit(1).with_for_update()
)
_OLDEST_FILED = (
    select(func.min(MESSAGES.c.id)).where(MESSAGES.c.id.between(FIRST_ID, FIRST_KEPT_ID - 1)).scalar_subquery()
)
_PURGED = Rows(select(TARGETS.c.id).where(TARGETS.c.floor > 0, _OLDEST_FILED.is_not(None)))
_FLOOR = Rows(select(TARGETS.c.indexed, TARGETS.c.floor).where(TARGETS.c.id == bindparam("which")).with_for_update())
_MSGIDS_OF_RANGE = select(MESSAGES.c.msgid, MESSAGES.c.id).where(
    MESSAGES.c.id >= big("first"), MESSAGES.c.id < big("end"), MESSAGES.c.msgid != literal_column("''")
)
_DELETE_MSGIDS_OF_RANGE = Statement(
    delete(MSGIDS).where(
        MSGIDS.c.target == bindparam("which"), tuple_(MSGIDS.c.msgid, MSGIDS.c.message).in_(_MSGIDS_OF_RANGE)
    )
)
_DELETE_MESSAGES = Statement(delete(MESSAGES).where(MESSAGES.c.id >= big("first"), MESSAGES.c.id < big("end")))
_DELETE_WORDS = Statement(delete(WORDS).where(WORDS.c.rowid >= big("first"), WORDS.c.rowid < big("end")))
_SOME_MSGIDS = select(*MSGIDS.c).where(MSGIDS.c.target == bindparam("which")).limit(LIMIT)
_DELETE_MSGIDS = Statement(delete(MSGIDS).where(tuple_(*MSGIDS.c).in_(_SOME_MSGIDS)))
_DELETE_TARGET = Statement(delete(TARGETS).where(TARGETS.c.id == bindparam("which")))


def file_recent(session: Session, limit: int = FILE_AT_ONCE) -> bool:
    """File the oldest of what is recent, and tell whether nothing is recent now."""
    [(oldest, newest)] = session.rows(_OLDEST)
    if oldest is None:
        return True
    session.run(_FILE, end=oldest + limit)
    session.run(_CLEAR, end=oldest + limit)
    return bool(newest < oldest + limit)


class Lag:
    """Which targets have entries that the indexes lack, as far as a writer knows.

    What earlier processes left undone is looked up once.
    """

    def __init__(self) -> None:
        self._targets: set[int] = set()
        self._purged: set[int] = set()
        """Targets that may have purged entries."""
        self._looked_up = False

    def add(self, targets: set[int]) -> None:
        """Remember targets that have new entries."""
        self._targets |= targets

    def add_purged(self, targets: set[int]) -> None:
        """Remember targets whose floor has been raised."""
        self._purged |= targets

    def forget(self) -> None:
        """Look everything up again: the transaction of the last portion has failed."""
        self._looked_up = False

    def index(self, session: Session, limit: int, *, all_filed: bool) -> int:
        """Index and delete up to ``limit`` entries that are filed; return how many, fewer if none is left."""
        if not self._looked_up:
            self._targets.update(target for (target,) in session.rows(_LAGGING))
            self._purged.update(target for (target,) in session.rows(_PURGED))
            self._looked_up = True
        left = limit
        for target in sorted(self._targets):
            done = _index_target(session, target, left)
            left -= done
            if left <= 0:
                return limit
            if all_filed:
                self._targets.discard(target)
        for target in sorted(self._purged):
            done = _delete_purged(session, target, left)
            left -= done
            if left <= 0:
                return limit
            if all_filed:
                self._purged.discard(target)
        left -= _delete_abandoned(session, left)
        return limit - left if all_filed else limit


def _index_target(session: Session, target: int, limit: int) -> int:
    found = session.rows(_INDEXED, which=target)
    if not found:
        return 0
    [(indexed,)] = found
    first, end = message_id(target, indexed), message_id(target + 1, 0)
    entries = session.messages(_FILED, first=first, end=end, limit=limit)
    if entries:
        session.bulk(session.kind.add_words, stored_words(session.kind, target, entries))
        msgids = [(target, pack(entry.msgid), message_id(target, entry.number)) for entry in entries if entry.msgid]
        session.bulk(_ADD_MSGIDS, [value for row in msgids for value in row])
        session.run(_SET_INDEXED, which=target, indexed=entries[-1].number + 1)
        redact(session, target, redacted_by(entries))
    return len(entries)


def _delete_abandoned(session: Session, limit: int) -> int:
    """Delete up to ``limit`` entries of networks that are gone, and targets that are empty then."""
    left = limit
    while left > 0 and (found := session.rows(_ABANDONED)):
        [(target, indexed)] = found
        left -= _delete_entries(session, target, indexed, message_id(target + 1, 0), left)
        if left > 0:
            left -= session.run(_DELETE_MSGIDS, which=target, limit=left)
        if left > 0:
            session.run(_DELETE_TARGET, which=target)
    return limit - left


def _delete_purged(session: Session, target: int, limit: int) -> int:
    """Delete up to ``limit`` entries below the floor of a target."""
    found = session.rows(_FLOOR, which=target)
    if not found:
        return 0
    [(indexed, floor)] = found
    return _delete_entries(session, target, indexed, message_id(target, floor), limit)


def _delete_entries(session: Session, target: int, indexed: int, end: int, limit: int) -> int:
    """Delete up to ``limit`` of the oldest entries whose id is less than ``end``, from the indexes too."""
    first = message_id(target, 0)
    entries = session.messages(_FILED, first=first, end=end, limit=limit)
    if entries:
        end = message_id(target, entries[-1].number + 1)
        remove = session.kind.remove_words
        if remove is None:
            session.run(_DELETE_WORDS, first=first, end=end)
        else:
            # What the index has never seen must not be taken out of it.
            seen = [entry for entry in entries if entry.number < indexed]
            session.bulk(remove, stored_words(session.kind, target, seen))
        session.run(_DELETE_MSGIDS_OF_RANGE, which=target, first=first, end=end)
        session.run(_DELETE_MESSAGES, first=first, end=end)
    return len(entries)
