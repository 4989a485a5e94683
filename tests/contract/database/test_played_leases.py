"""The leases that tests play answer as those of the database do."""

import msgspec
import pytest

from soju_actors.model.lease import Lease, SessionId
from soju_actors.model.records import UserId
from soju_actors.ports.leases import (
    BeginSession,
    ClaimLeases,
    EndSession,
    LeasesListed,
    ListLeases,
    ReleaseLeases,
    RenewSession,
    TakeLease,
)
from tests.contract.database.conftest import POSTGRESQL
from tests.contract.database.storage import Storage
from tests.support.leases import LeaseDatabase

A, B, NONE = SessionId(1), SessionId(2), SessionId(99)
ALICE, BOB, NOBODY = UserId(1), UserId(2), UserId(500)
LONG = 3600.0
JOBS = (
    BeginSession("a", LONG, 1),
    BeginSession("b", LONG, 2),
    RenewSession(A, LONG, 3),
    RenewSession(NONE, LONG, 4),
    ClaimLeases(A, (ALICE, NOBODY), 5),
    ClaimLeases(B, (ALICE, BOB), 6),
    ClaimLeases(NONE, (ALICE,), 7),
    ListLeases(8),
    TakeLease(Lease(ALICE, A, 1, 1), B, 9),
    TakeLease(Lease(ALICE, A, 1, 1), B, 10),
    TakeLease(Lease(ALICE, A, 1, 1), A, 11),
    TakeLease(Lease(ALICE, B, 2, 1), A, 12),
    TakeLease(Lease(ALICE, A, 3, 1), A, 13),
    ClaimLeases(A, (ALICE,), 14),
    TakeLease(Lease(ALICE, A, 5, 5), NONE, 15),
    ReleaseLeases(B, (ALICE,), 16),
    ListLeases(17),
    ReleaseLeases(A, (ALICE,), 18),
    ClaimLeases(B, (ALICE,), 19),
    EndSession(B, 20),
    EndSession(B, 21),
    RenewSession(B, LONG, 22),
    ListLeases(23),
    ClaimLeases(A, (ALICE, BOB), 24),
    ListLeases(25),
)


@pytest.mark.parametrize("kind", [POSTGRESQL], indirect=True)
def test_every_job_has_the_same_answer(storage: Storage) -> None:
    assert [storage.user(), storage.user()] == [ALICE, BOB]
    played = LeaseDatabase(lambda: 0.0, users=2)
    real = storage.database.leaser()
    answers = [(played.perform(job), real.perform(job)) for job in JOBS]
    real.close()
    for one, other in answers:
        assert (msgspec.structs.replace(one, mark="") if isinstance(one, LeasesListed) else one) == (
            msgspec.structs.replace(other, mark="") if isinstance(other, LeasesListed) else other
        )
