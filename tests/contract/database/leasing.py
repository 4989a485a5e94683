"""Nodes that share a database: their sessions and leases, in few words."""

from typing import Any

import msgspec

from soju_actors.model.entry import Entry
from soju_actors.model.lease import Lease, Mandate, SessionId
from soju_actors.model.records import NetworkId, UserId
from soju_actors.ports.database import ActFor, Appended, Commit, Committed
from soju_actors.ports.leases import (
    BeginSession,
    ClaimLeases,
    LeasesClaimed,
    LeasesListed,
    LeaseTaken,
    ListLeases,
    SessionBegun,
    TakeLease,
)
from tests.contract.database.storage import Storage

LONG = 3600.0


class Node:
    """One node with a session of an hour."""

    def __init__(self, storage: Storage, name: str) -> None:
        self.storage = storage
        self.leaser = storage.database.leaser()
        self.writer = storage.database.writer()
        begun = self.ask(BeginSession(name, LONG))
        assert isinstance(begun, SessionBegun), begun
        self.session = begun.session
        self.writer.perform(ActFor(self.session))

    def ask(self, job: msgspec.Struct) -> Any:  # noqa: ANN401 - the answers have no common fields
        """Return the leaser's answer."""
        return self.leaser.perform(job)

    def claim(self, *users: UserId) -> tuple[Lease, ...]:
        """Return what it gets of the users."""
        claimed = self.ask(ClaimLeases(self.session, users))
        assert isinstance(claimed, LeasesClaimed), claimed
        assert claimed.session == self.session
        return claimed.leases

    def take(self, lease: Lease) -> Lease | None:
        """Return the lease that it takes over, None if it may not."""
        taken = self.ask(TakeLease(lease, self.session))
        return taken.lease if isinstance(taken, LeaseTaken) else None

    def commit(self, network: NetworkId, mandate: Mandate, *entries: Entry) -> tuple[Mandate, ...]:
        """Store entries of a channel under a mandate; return it if it has lapsed here."""
        committed = self.writer.perform(Commit((Appended(network, "#a", entries, mandate=mandate),)))
        assert isinstance(committed, Committed), committed
        return committed.lapsed

    def close(self) -> None:
        """Close the connections."""
        self.leaser.close()
        self.writer.close()


def expire(storage: Storage, session: SessionId) -> None:
    """Let the time of a session be over."""
    storage.execute("UPDATE node_sessions SET expires = now() - interval '1 second' WHERE id = %s", session)


def listed(storage: Storage) -> LeasesListed:
    """Return who has what."""
    leaser = storage.database.leaser()
    found = leaser.perform(ListLeases())
    leaser.close()
    assert isinstance(found, LeasesListed), found
    return msgspec.structs.replace(found, mark="")
