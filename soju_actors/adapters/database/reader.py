"""The service ``reader``: a connection for each of its threads."""

import logging
from collections.abc import Callable, Mapping
from threading import Lock, local
from typing import Any

from actors import ActorProtocol
from soju_actors.adapters.database.errors import StorageError
from soju_actors.adapters.database.loading import load_settings, load_users
from soju_actors.adapters.database.reading import query_history, read_range
from soju_actors.adapters.database.searching import query_spans, query_targets, search
from soju_actors.adapters.database.session import Session
from soju_actors.ports.database import (
    LoadSettings,
    LoadUsers,
    QueryHistory,
    QuerySpans,
    QueryTargets,
    ReadFailed,
    ReadRange,
    Search,
)

log = logging.getLogger(__name__)

JOBS: Mapping[type, Callable[[Session, Any], ActorProtocol]] = {
    LoadUsers: load_users,
    LoadSettings: load_settings,
    ReadRange: read_range,
    QueryHistory: query_history,
    QueryTargets: query_targets,
    QuerySpans: query_spans,
    Search: search,
}


class Reader:
    """Does the reading jobs of ``ports.database``, on as many threads as ask."""

    def __init__(self, open_session: Callable[[], Session]) -> None:
        self._open_session = open_session
        self._own = local()
        self._sessions: list[Session] = []
        self._lock = Lock()

    def perform(self, job: Any) -> ActorProtocol:  # noqa: ANN401 - each service knows its jobs
        """Answer a job from one state of the database; a failure is an answer too."""
        try:
            with self._session.transaction(write=False) as session:
                return JOBS[type(job)](session, job)
        except StorageError as failure:
            log.warning("%s", failure)
            return ReadFailed(failure.reason, job.request)

    def close(self) -> None:
        """Close the connections of all threads, which have ended."""
        with self._lock:
            for session in self._sessions:
                session.close()
            self._sessions.clear()

    @property
    def _session(self) -> Session:
        found: Session | None = getattr(self._own, "session", None)
        if found is None:
            found = self._own.session = self._open_session()
            with self._lock:
                self._sessions.append(found)
        return found
