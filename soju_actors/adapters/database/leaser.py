"""The services ``renewer``, ``leaser`` and ``reserver``: which node acts for whom, and when it may connect."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from actors import ActorProtocol
from soju_actors.adapters.database import dials, leases
from soju_actors.adapters.database.errors import StorageError
from soju_actors.adapters.database.session import Session
from soju_actors.ports.dials import ReserveDial, ReserveFailed
from soju_actors.ports.leases import (
    BeginSession,
    ClaimLeases,
    EndSession,
    LeaseFailed,
    ListLeases,
    ReleaseLeases,
    RenewSession,
    TakeLease,
)

log = logging.getLogger(__name__)

PATIENCE = 3.0
"""Seconds after which a job has failed: less than a lease, or it would end while a new connection is not even tried."""

JOBS: Mapping[type, Callable[[Session, Any], ActorProtocol]] = {
    BeginSession: leases.begin,
    RenewSession: leases.renew,
    EndSession: leases.end,
    ClaimLeases: leases.claim,
    ReleaseLeases: leases.release,
    TakeLease: leases.take,
    ListLeases: leases.list_leases,
    ReserveDial: dials.reserve,
}


class Leaser:
    """Does the jobs of ``ports.leases`` and ``ports.dials``, each statement as a transaction of its own."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def perform(self, job: Any) -> ActorProtocol:  # noqa: ANN401 - each service knows its jobs
        """Do a job and answer it; a failure of the database is an answer too."""
        try:
            return JOBS[type(job)](self._session, job)
        except StorageError as failure:
            log.warning("%s", failure)
            if isinstance(job, ReserveDial):
                return ReserveFailed(job.host, failure.reason)
            return LeaseFailed(failure.reason, job.request)

    def close(self) -> None:
        """Close the connection."""
        self._session.close()
