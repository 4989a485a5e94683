"""The store actor, one for each node."""

import logging

from actors import Actor, Down, Ref, ServiceFailed, Turn, on
from soju_actors.messages.buffer import EntriesStored
from soju_actors.messages.store import (
    AllStored,
    AwaitStored,
    CheckpointNow,
    ExpireNow,
    IndexNow,
    LookAfter,
    Retry,
    Store,
    StoreArgs,
    StoreCursor,
    TidyUp,
    WatchStorage,
)
from soju_actors.messages.user import LeaseLapsed, StorageState, StoreReady
from soju_actors.model.lease import Mandate
from soju_actors.ports.database import (
    Checkpoint,
    Commit,
    Committed,
    ExpireHistory,
    HistoryExpired,
    Index,
    Indexed,
    WriteFailed,
)
from soju_actors.ports.protocols import ToStore, ToUser
from soju_actors.store.group import Group, Waiting

log = logging.getLogger(__name__)

FIRST_RETRY = 0.5
LAST_RETRY = 15.0
OVERDUE = 6.0
"""Seconds after which a commit without an answer is told as a failure: a database may hang, too."""
INDEX_AFTER = 0.2
"""Seconds from an append to the indexing of what it brought."""
INDEX_AT_ONCE = 100
"""Entries of one indexing job: some two milliseconds, which a commit may have to wait."""
CHECKPOINT_AFTER = 1.0
"""Seconds from a commit to the next checkpoint."""
INDEXING = -1
"""The request of indexing jobs; commits count from 1."""
EXPIRING = -2
"""The request of jobs that look for messages that are too old."""
EXPIRE_FIRST = 60.0
EXPIRE_EVERY = 86_400.0
"""Seconds from the start, and from then on, to a look for messages that are too old (row LIM-27)."""
EXPIRE_AT_ONCE = 500
"""Messages that one such job looks at."""


class StoreActor(Actor[ToStore]):
    """Commits in groups: one transaction at a time, of all that came while the last one ran.

    A commit that fails stays at the head and is tried again, so that nothing is
    shown out of order or lost; what comes meanwhile waits, bounded by the credit
    that user actors give to their upstreams.
    """

    __slots__ = (
        "checkpointing",
        "commits",
        "delay",
        "expiry",
        "group",
        "indexing",
        "looking",
        "problem",
        "quiet",
        "users",
        "waiting",
    )

    def __init__(self, args: StoreArgs) -> None:
        self.expiry = args.message_expiry
        self.waiting = Waiting()
        self.commits = 0
        self.checkpointing = False
        """An alarm for a checkpoint is set."""
        self.group: Group | None = None
        """What is being stored."""
        self.looking = False
        """An alarm to look after a commit is set."""
        self.problem = ""
        self.delay = FIRST_RETRY
        self.users: dict[Ref[ToUser], Mandate | None] = {}
        self.indexing = True
        """An indexing job runs or an alarm for one is set; at the start something may be left over."""
        self.quiet = True
        """Nothing was appended since the last indexing job began."""

    def started(self, turn: Turn) -> None:
        """Index what an earlier run has left."""
        turn.after("index", INDEX_AFTER, IndexNow())
        if self.expiry:
            turn.after("expire", EXPIRE_FIRST, ExpireNow())

    def stopping(self, turn: Turn) -> None:
        """Store what is waiting; the service finishes its jobs before it ends."""
        if self.group is not None and self.problem:
            turn.perform("writer", self.group.commit)
        while self.waiting:
            self._commit(turn)

    @on(Store)
    def store(self, msg: Store, turn: Turn) -> None:
        """Store entries with the next commit."""
        self.waiting.appends.append(msg)
        self.quiet = False
        if self.group is None:
            self._commit(turn)

    @on(StoreCursor)
    def store_cursor(self, msg: StoreCursor, turn: Turn) -> None:
        """Store a cursor with the next commit."""
        self.waiting.add_cursor(msg.moved)
        if self.group is None:
            self._commit(turn)

    @on(Committed)
    def committed(self, msg: Committed, turn: Turn) -> None:
        """Tell the buffers, and begin the next commit if there is anything to store."""
        group = self.group
        if group is None or msg.request != group.commit.request:
            return
        self.group = None
        for buffer, end in group.ends(msg.lapsed).items():
            turn.send(buffer, EntriesStored(end))
        if msg.lapsed:
            self._lapsed(msg.lapsed, turn)
        for user in group.ready:
            turn.send(user, StoreReady())
        for asker, request in group.awaited:
            turn.send(asker, AllStored(request))
        if self.problem:
            log.info("storage works again")
            self._tell("", turn)
        if self.waiting:
            self._commit(turn)
        if not self.checkpointing:
            self.checkpointing = True
            turn.after("checkpoint", CHECKPOINT_AFTER, CheckpointNow())
        if not self.indexing and not self.quiet:
            self.indexing = True
            turn.after("index", INDEX_AFTER, IndexNow())

    @on(WriteFailed)
    def write_failed(self, msg: WriteFailed, turn: Turn) -> None:
        """Try a failed commit again, later and later; tell the users once."""
        self._failed(msg.request, msg.reason, turn)

    @on(ServiceFailed)
    def service_failed(self, msg: ServiceFailed, turn: Turn) -> None:
        """Do the same where the database's own code has failed."""
        request = msg.job.request if isinstance(msg.job, Commit | Index | ExpireHistory) else INDEXING
        self._failed(request, f"internal error: {msg.reason}", turn)

    @on(Retry)
    def retry(self, msg: Retry, turn: Turn) -> None:  # noqa: ARG002 - a handler's shape
        """Give the same commit again."""
        if self.group is not None:
            turn.perform("writer", self.group.commit)

    @on(LookAfter)
    def look_after(self, msg: LookAfter, turn: Turn) -> None:
        """Tell the users once of a database that does not answer; it may do so yet."""
        self.looking = False
        if self.group is None:
            return
        if self.group.commit.request == msg.request and not self.problem:
            log.warning("the database has not answered for %g s", OVERDUE)
            self._tell("the database does not answer", turn)
        self._look(turn)

    @on(CheckpointNow)
    def checkpoint_now(self, msg: CheckpointNow, turn: Turn) -> None:  # noqa: ARG002 - a handler's shape
        """Have the log of commits tidied up, beside the next commits."""
        self.checkpointing = False
        turn.perform("checkpointer", Checkpoint())

    @on(IndexNow)
    def index_now(self, msg: IndexNow, turn: Turn) -> None:  # noqa: ARG002 - a handler's shape
        """Index some entries, unless the database has trouble."""
        if self.problem:
            turn.after("index", LAST_RETRY, IndexNow())
            return
        self.quiet = True
        turn.perform("writer", Index(INDEX_AT_ONCE, INDEXING))

    @on(Indexed)
    def indexed(self, msg: Indexed, turn: Turn) -> None:
        """Go on at once while nothing else is to be stored; else now and then; stop when all is indexed."""
        if msg.entries < INDEX_AT_ONCE:
            self.indexing = False
        else:
            turn.after("index", 0 if self.quiet else INDEX_AFTER, IndexNow())

    @on(TidyUp)
    def tidy_up(self, msg: TidyUp, turn: Turn) -> None:  # noqa: ARG002 - a handler's shape
        """Have the writer delete what nobody can see any more."""
        self._tidy_up(turn)

    def _tidy_up(self, turn: Turn) -> None:
        if not self.indexing:
            self.indexing = True
            turn.after("index", INDEX_AFTER, IndexNow())

    @on(ExpireNow)
    def expire_now(self, msg: ExpireNow, turn: Turn) -> None:
        """Hide messages that are too old, of some targets at a time (row CFG-18)."""
        before = int((turn.wall - self.expiry) * 1000)
        turn.perform("writer", ExpireHistory(before, msg.after, EXPIRE_AT_ONCE, EXPIRING))

    @on(HistoryExpired)
    def history_expired(self, msg: HistoryExpired, turn: Turn) -> None:
        """Have them deleted; go on with other targets, and begin anew a day later."""
        if msg.purged:
            self._tidy_up(turn)
        if msg.after is None:
            turn.after("expire", EXPIRE_EVERY, ExpireNow())
        else:
            turn.after("expire", 0 if self.quiet else INDEX_AFTER, ExpireNow(msg.after))

    @on(WatchStorage)
    def watch_storage(self, msg: WatchStorage, turn: Turn) -> None:
        """Tell a user actor from now on; at once if there is a problem, and when all of before is stored."""
        self.users[msg.user] = msg.mandate
        turn.watch(msg.user)
        if self.problem:
            turn.send(msg.user, StorageState(self.problem))
        if self.group is None:
            turn.send(msg.user, StoreReady())
        else:
            (self.waiting.users if self.waiting else self.group.ready).add(msg.user)

    @on(AwaitStored)
    def await_stored(self, msg: AwaitStored, turn: Turn) -> None:
        """Tell when all of before is stored."""
        if turn.sender is None:
            return
        if self.group is None:
            turn.send(turn.sender, AllStored(msg.request))
        else:
            (self.waiting.awaited if self.waiting else self.group.awaited).append((turn.sender, msg.request))

    @on(Down)
    def down(self, msg: Down, turn: Turn) -> None:  # noqa: ARG002 - a handler's shape
        """Forget a user actor that has ended."""
        self.users.pop(msg.ref, None)
        self.waiting.users.discard(msg.ref)
        if self.group is not None:
            self.group.ready.discard(msg.ref)

    def _lapsed(self, mandates: tuple[Mandate, ...], turn: Turn) -> None:
        """Tell the users whose writes were refused; what their buffers wait for does not come."""
        log.warning("what was to be stored for %d users is refused: other nodes have them", len(mandates))
        for user, mandate in self.users.items():
            if mandate in mandates:
                turn.send(user, LeaseLapsed())

    def _failed(self, request: int, reason: str, turn: Turn) -> None:
        if request == INDEXING:
            log.warning("cannot index: %s", reason)
            self.indexing = False  # the next append asks again
            return
        if request == EXPIRING:
            log.warning("cannot look for messages that are too old: %s", reason)
            turn.after("expire", EXPIRE_EVERY, ExpireNow())
            return
        if not self.problem:
            self._tell(reason, turn)
            self.delay = FIRST_RETRY
        log.warning("cannot store history, trying again in %g s: %s", self.delay, reason)
        turn.after("retry", self.delay, Retry())
        self.delay = min(2 * self.delay, LAST_RETRY)

    def _commit(self, turn: Turn) -> None:
        self.commits += 1
        self.group = self.waiting.take(self.commits)
        turn.perform("writer", self.group.commit)
        if not self.looking:
            self._look(turn)

    def _look(self, turn: Turn) -> None:
        self.looking = True
        turn.after("look", OVERDUE, LookAfter(self.commits))

    def _tell(self, problem: str, turn: Turn) -> None:
        self.problem = problem
        for user in self.users:
            turn.send(user, StorageState(problem))
