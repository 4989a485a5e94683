"""The service ``writer``: one connection, one job at a time, each in a transaction."""

import logging
from collections.abc import Callable
from typing import Any

from actors import ActorProtocol
from soju_actors.adapters.database import credentials, settings
from soju_actors.adapters.database.committing import commit
from soju_actors.adapters.database.errors import ConflictError, LapsedError, StaleError, StorageError
from soju_actors.adapters.database.fencing import lapsed, without
from soju_actors.adapters.database.indexing import Lag, file_recent
from soju_actors.adapters.database.purging import expire, purge
from soju_actors.adapters.database.session import Session
from soju_actors.adapters.database.targets import KnownTargets
from soju_actors.model.lease import Mandate, SessionId
from soju_actors.model.records import User
from soju_actors.ports.database import (
    ActFor,
    Barrier,
    BarrierPassed,
    Commit,
    Committed,
    ExpireHistory,
    HistoryExpired,
    Index,
    Indexed,
    PurgeHistory,
    Saved,
    WriteFailed,
)

log = logging.getLogger(__name__)


JOBS = {**settings.JOBS, **credentials.JOBS}


class Writer:
    """Does the writing jobs of ``ports.database``."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known = KnownTargets()
        self._lag = Lag()
        self._acts_for: SessionId | None = None
        self._own: dict[type, Callable[[Any], ActorProtocol | None]] = {
            Commit: self._commit,
            Index: self._index,
            PurgeHistory: self._purge,
            ExpireHistory: self._expire,
            ActFor: self._act_for,
            Barrier: lambda job: BarrierPassed(job.request),
        }

    def perform(self, job: Any) -> ActorProtocol | None:  # noqa: ANN401 - each service knows its jobs
        """Do a job and answer it; a failure of the database is an answer too."""
        request = getattr(job, "request", 0)
        try:
            return self._perform(job)
        except ConflictError as conflict:
            # A network that goes while its first line comes is no reason to give up the other lines.
            history = isinstance(job, Commit | Index)
            reason = conflict.reason if history else _conflict_sentence(job, conflict)
            return WriteFailed(reason, transient=history, request=request)
        except StaleError as failure:
            return WriteFailed(failure.reason, transient=False, request=request, stale=True)
        except LapsedError as failure:
            return WriteFailed(failure.reason, transient=False, request=request, lapsed=True)
        except StorageError as failure:
            log.warning("%s", failure)
            return WriteFailed(failure.reason, transient=failure.transient, request=request)

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def _perform(self, job: Any) -> ActorProtocol | None:  # noqa: ANN401
        own = self._own.get(type(job))
        if own is not None:
            return own(job)
        with self._session.transaction() as session:
            self._check(session, getattr(job, "mandate", None))
            saved = JOBS[type(job)](session, job)
        return Saved(job.request, saved.id, saved) if isinstance(saved, User) else Saved(job.request, saved)

    def _commit(self, job: Commit) -> Committed:
        mandates = {appended.mandate for appended in job.appends} | {moved.mandate for moved in job.cursors}
        asked = [mandate for mandate in mandates if mandate is not None]
        try:
            with self._session.transaction() as session:
                gone = lapsed(session, asked, self._acts_for) if asked else set()
                touched = commit(session, without(job, gone) if gone else job, self._known)
        except BaseException:
            self._known.forget()
            raise
        self._lag.add(touched)
        return Committed(job.request, tuple(gone))

    def _act_for(self, job: ActFor) -> None:
        self._acts_for = job.session

    def _check(self, session: Session, mandate: Mandate | None) -> None:
        if mandate is not None and lapsed(session, [mandate], self._acts_for):
            raise LapsedError

    def _purge(self, job: PurgeHistory) -> Saved:
        with self._session.transaction() as session:
            self._check(session, job.mandate)
            purged = purge(session, job)
        self._lag.add_purged(purged)
        return Saved(job.request)

    def _expire(self, job: ExpireHistory) -> HistoryExpired:
        with self._session.transaction() as session:
            answer, purged = expire(session, job)
        self._lag.add_purged(purged)
        return answer

    def _index(self, job: Index) -> Indexed:
        try:
            with self._session.transaction() as session:
                all_filed = file_recent(session)
                done = self._lag.index(session, job.limit, all_filed=all_filed)
        except BaseException:
            self._lag.forget()
            raise
        if all_filed:
            self._known.all_filed()
        return Indexed(done)


def _conflict_sentence(job: object, conflict: ConflictError) -> str:
    if type(job) in credentials.JOBS:
        return credentials.conflict_sentence(job)
    return settings.conflict_sentence(job, conflict)
