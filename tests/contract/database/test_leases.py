"""Of all nodes that share a database one acts for a user, until its session ends."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from soju_actors.adapters.database import DatabaseError, open_database
from soju_actors.adapters.database.session import Session
from soju_actors.model.lease import Lease, SessionId
from soju_actors.model.records import Channel, NetworkId, UserId
from soju_actors.ports.database import (
    Appended,
    Commit,
    Committed,
    CursorMoved,
    DeleteNetwork,
    DeleteUser,
    OfUser,
    PurgeHistory,
    SaveChannel,
    WriteFailed,
)
from soju_actors.ports.leases import (
    ClaimLeases,
    EndSession,
    LeaseFailed,
    LeaseRefused,
    LeasesListed,
    LeasesReleased,
    LeasesSame,
    ListLeases,
    ReleaseLeases,
    RenewSession,
    SessionEnded,
    SessionRenewed,
    TakeLease,
)
from tests.contract.database.conftest import POSTGRESQL
from tests.contract.database.leasing import LONG, Node, expire, listed
from tests.contract.database.storage import Storage, line
from tests.support.postgres import Postgres

AGES = 5000
"""Looks at the server until it must be as it is waited for."""
Pair = tuple[Node, Node]


@pytest.fixture(params=[POSTGRESQL])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def nodes(storage: Storage) -> Iterator[Pair]:
    pair = Node(storage, "a"), Node(storage, "b")
    yield pair
    for node in pair:
        node.close()


def until_somebody_waits(storage: Storage) -> None:
    """Look at the server until a connection of this database waits for a lock."""
    for _ in range(AGES):
        [(waiting,)] = storage.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        if waiting:
            return
    raise AssertionError("nobody waits for a lock")


def test_what_is_free_is_had_by_the_first(storage: Storage, nodes: Pair) -> None:
    a, b = nodes
    alice, bob, carol = storage.user(), storage.user(), storage.user()
    assert a.claim(alice, bob) == (Lease(alice, a.session, 1, 1), Lease(bob, a.session, 1, 1))
    assert b.claim(alice, bob, carol) == (Lease(carol, b.session, 1, 1),)
    assert listed(storage) == LeasesListed(
        {a.session: "a", b.session: "b"},
        (Lease(alice, a.session, 1, 1), Lease(bob, a.session, 1, 1), Lease(carol, b.session, 1, 1)),
    )


def test_who_does_not_exist_is_nobodys(storage: Storage, nodes: Pair) -> None:
    alice = storage.user()
    assert nodes[0].claim(UserId(alice + 1000), alice) == (Lease(alice, nodes[0].session, 1, 1),)
    assert nodes[0].claim() == ()


def test_a_session_that_is_not_renewed_frees_all_its_users_at_once(storage: Storage, nodes: Pair) -> None:
    """A thousand users of a node that died are another's long before the ten seconds of the promise."""
    a, b = nodes
    storage.execute(
        "INSERT INTO users (name, password_hash, admin, enabled, nick, realname, max_networks, created_at, revision) "
        "SELECT 'many' || n, '', false, true, '', '', -1, 0, 0 FROM generate_series(1, 1000) n"
    )
    users = [UserId(number) for (number,) in storage.execute("SELECT id FROM users")]
    assert len(a.claim(*users)) == 1000
    assert b.claim(*users) == ()
    expire(storage, a.session)
    assert listed(storage).leases == ()
    began = time.monotonic()
    taken = b.claim(*users)
    assert time.monotonic() - began < 2
    assert {(lease.session, lease.epoch, lease.claim) for lease in taken} == {(b.session, 2, 2)}
    assert len(taken) == 1000


def test_what_has_ended_does_not_begin_again(storage: Storage, nodes: Pair) -> None:
    a, b = nodes
    alice = storage.user()
    a.claim(alice)
    assert a.ask(RenewSession(a.session, LONG, 3)) == SessionRenewed(a.session, 3)
    expire(storage, a.session)
    for _ in range(2):
        assert a.ask(RenewSession(a.session, LONG, 4)) == SessionEnded(a.session, 4)
        assert a.ask(ClaimLeases(a.session, (alice,), 5)) == SessionEnded(a.session, 5)
    # Not even where the clock of the database is set back.
    b.claim()
    assert storage.count("node_sessions") == 1


def test_a_renewal_puts_the_end_off(storage: Storage, nodes: Pair) -> None:
    a, b = nodes
    alice = storage.user()
    a.claim(alice)
    storage.execute("UPDATE node_sessions SET expires = now() + interval '20 seconds'")
    a.ask(RenewSession(a.session, LONG))
    rows = storage.execute("SELECT id, expires > now() + interval '59 minutes' FROM node_sessions ORDER BY id")
    assert rows == [(a.session, True), (b.session, False)]


def test_what_has_not_changed_is_not_listed_again(storage: Storage, nodes: Pair) -> None:
    a, b = nodes
    alice, bob = storage.user(), storage.user()

    def mark(before: str) -> str:
        listed = a.ask(ListLeases(3, before))
        if listed == LeasesSame(3):
            return before
        assert isinstance(listed, LeasesListed)
        return listed.mark

    marks = [mark("")]
    changes: list[Callable[[], object]] = [
        lambda: a.claim(alice),
        lambda: b.claim(bob),
        lambda: b.take(Lease(alice, a.session, 1, 1)),
        lambda: a.take(Lease(bob, b.session, 1, 1)),
        lambda: a.ask(ReleaseLeases(a.session, (bob,))),
        lambda: storage.write(DeleteUser(alice)),
        lambda: expire(storage, b.session),
    ]
    for change in changes:
        change()
        marks.append(mark(marks[-1]))
        assert marks[-1] != marks[-2], "each change is seen"
        assert mark(marks[-1]) == marks[-1]


def test_who_gives_up_frees_its_users(storage: Storage, nodes: Pair) -> None:
    a, b = nodes
    alice, bob = storage.user(), storage.user()
    a.claim(alice, bob)
    assert a.ask(ReleaseLeases(a.session, (alice,), 2)) == LeasesReleased(a.session, (alice,), 2)
    assert b.claim(alice, bob) == (Lease(alice, b.session, 2, 2),)
    assert a.ask(ReleaseLeases(a.session, (alice,))) == LeasesReleased(a.session, (alice,)), "it has it not"
    assert a.claim(alice) == (), "and has not taken it from who has it"
    assert a.ask(EndSession(a.session, 7)) == SessionEnded(a.session, 7)
    assert b.claim(bob) == (Lease(bob, b.session, 2, 2),)


def test_a_claim_whose_answer_was_lost_is_given_again(storage: Storage, nodes: Pair) -> None:
    a, b = nodes
    alice = storage.user()
    a.claim(alice)
    assert a.claim(alice) == (Lease(alice, a.session, 2, 2),)
    assert b.claim(alice) == ()


def test_a_lease_goes_from_one_to_the_other_and_back(storage: Storage, nodes: Pair) -> None:
    """In both orders of sessions, since their rows are locked in one."""
    a, b = nodes
    alice = storage.user()
    (first,) = a.claim(alice)
    second = b.take(first)
    assert second == Lease(alice, b.session, 2, 1)
    assert b.take(first) == second, "the answer may have been lost"
    assert a.take(first) is None
    assert a.take(second) == Lease(alice, a.session, 3, 1)
    assert b.take(second) is None
    assert a.take(Lease(alice, a.session, 3, 1)) == Lease(alice, a.session, 4, 1), "a move that has failed"
    assert b.take(Lease(alice, a.session, 3, 1)) is None, "it comes too late"


def test_nothing_is_taken_for_a_session_that_has_ended(storage: Storage, nodes: Pair) -> None:
    a, b = nodes
    alice = storage.user()
    (first,) = a.claim(alice)
    expire(storage, b.session)
    assert b.ask(TakeLease(first, b.session, 3)) == LeaseRefused(first, 3)
    expire(storage, a.session)
    b.ask(EndSession(b.session))
    assert a.take(first) is None or listed(storage).leases == ()
    assert b.ask(TakeLease(first, SessionId(999), 3)) == LeaseRefused(first, 3)


def test_a_user_that_is_deleted_has_no_lease(storage: Storage, nodes: Pair) -> None:
    a, b = nodes
    alice = storage.user()
    (first,) = a.claim(alice)
    storage.write(DeleteUser(alice))
    assert listed(storage).leases == ()
    assert b.take(first) is None
    assert b.claim(alice) == ()


def test_two_that_claim_the_same_at_once_share_it(storage: Storage, nodes: Pair) -> None:
    users = [storage.user() for _ in range(40)]
    with ThreadPoolExecutor(2) as pool:
        for epoch in range(1, 15):
            claims = [pool.submit(node.claim, *users) for node in nodes]
            got = [lease for claim in claims for lease in claim.result()]
            assert sorted(lease.user_id for lease in got) == users
            assert {lease.epoch for lease in got} == {epoch}
            for node in nodes:
                node.ask(ReleaseLeases(node.session, tuple(users)))


def test_nodes_that_swap_users_do_not_block_each_other(storage: Storage, nodes: Pair) -> None:
    """Each takes of the other what that gives at the same time: no deadlock, which would take a second each."""
    a, b = nodes
    (mine,), (yours,) = a.claim(storage.user()), b.claim(storage.user())
    with ThreadPoolExecutor(2) as pool:
        for _ in range(50):
            to_b, to_a = pool.submit(b.take, mine), pool.submit(a.take, yours)
            one, other = to_b.result(), to_a.result()
            assert one is not None
            assert other is not None
            mine, yours = other, one
    assert {mine.epoch, yours.epoch} == {51}


@contextmanager
def locked(storage: Storage, statement: str, *values: object) -> Iterator[Session]:
    """Run a statement in a transaction that goes on for a while."""
    with storage.database.transaction() as session:
        session._open.execute(statement, values)  # type: ignore[attr-defined]
        yield session


def test_a_session_that_is_being_renewed_does_not_end(storage: Storage, nodes: Pair) -> None:
    """Its renewal came in time, but is not durable yet when the time is over."""
    a, b = nodes
    alice = storage.user()
    (lease,) = a.claim(alice)
    expire(storage, a.session)
    renewed = "UPDATE node_sessions SET expires = now() + interval '1 hour' WHERE id = %s"
    with locked(storage, renewed, a.session):
        assert b.claim(alice) == ()
    assert b.claim(alice) == ()
    assert listed(storage).leases == (lease,)


def test_renewing_does_not_wait_for_a_commit(storage: Storage, nodes: Pair) -> None:
    a, _ = nodes
    alice = storage.user()
    a.claim(alice)
    with locked(storage, "SELECT id FROM node_sessions WHERE id = %s FOR KEY SHARE", a.session):
        assert a.ask(RenewSession(a.session, LONG)) == SessionRenewed(a.session)


def test_what_waits_too_long_has_failed(storage: Storage, nodes: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("soju_actors.adapters.database.leaser.PATIENCE", 0.05)
    a, _ = nodes
    (lease,) = a.claim(storage.user())
    hasty = storage.database.leaser()
    with locked(storage, "SELECT id FROM node_sessions WHERE id = %s FOR KEY SHARE", a.session):
        assert hasty.perform(TakeLease(lease, a.session, 8)) == LeaseFailed("PostgreSQL took too long", 8)
    hasty.close()
    assert a.take(lease) is not None


def test_a_lost_server_is_told_and_found_again(storage: Storage, nodes: Pair, postgres: Postgres) -> None:
    a, _ = nodes
    alice = storage.user()
    postgres.crash()
    try:
        assert a.ask(ClaimLeases(a.session, (alice,), 9)) == LeaseFailed("PostgreSQL cannot be used", 9)
    finally:
        postgres.start()
    assert a.claim(alice) == (Lease(alice, a.session, 1, 1),)
    postgres.crash()
    postgres.start()
    assert a.ask(RenewSession(a.session, LONG)) == SessionRenewed(a.session)


class TestFence:
    """What is written under a lease that has gone is refused, and nothing else is."""

    def test_lines_under_a_mandate_that_lapsed_are_left_out(self, storage: Storage, nodes: Pair) -> None:
        """A move leaves the mandate as it is: it counts on one node, then on the other."""
        a, b = nodes
        alice, bob = storage.user(), storage.user()
        hers, his = storage.network(alice), storage.network(bob)
        lease, bobs = a.claim(alice, bob)
        mandate = lease.mandate
        assert a.commit(hers, mandate, line(0)) == ()
        assert b.commit(hers, mandate, line(1)) == (mandate,)
        taken = b.take(lease)
        both = (
            Appended(hers, "#a", (line(1),), mandate=mandate),
            Appended(his, "#a", (line(0),), mandate=bobs.mandate),
        )
        moved = (CursorMoved(hers, "#a", "phone", 1, mandate), CursorMoved(his, "#a", "phone", 1, bobs.mandate))
        assert a.writer.perform(Commit(both, moved, request=4)) == Committed(4, (mandate,))
        assert b.commit(hers, mandate, line(1, "other")) == ()
        assert storage.entries(hers, "#a") == (line(0), line(1, "other"))
        assert storage.entries(his, "#a") == (line(0),)
        assert [storage.settings(user).targets[0].cursors for user in (alice, bob)] == [{}, {"phone": 1}]
        assert taken is not None
        a.take(taken)
        assert a.commit(hers, mandate, line(2)) == ()
        assert b.commit(hers, mandate, line(3)) == (mandate,)

    def test_settings_under_a_mandate_that_lapsed_are_refused(self, storage: Storage, nodes: Pair) -> None:
        a, b = nodes
        alice = storage.user()
        network = storage.network(alice)
        (lease,) = a.claim(alice)
        jobs: list[OfUser] = [
            SaveChannel(Channel(network, "#a"), request=3),
            PurgeHistory(network, {"#a": 1}, request=3),
            DeleteNetwork(network, request=3),
        ]
        for job in jobs:
            refused = WriteFailed("the user is on another node", transient=False, request=3, lapsed=True)
            assert b.writer.perform(replace(job, mandate=lease.mandate)) == refused
            assert a.writer.perform(replace(job, mandate=lease.mandate)).request == 3  # type: ignore[union-attr]
        assert storage.settings(alice).networks == ()

    def test_a_session_that_has_ended_writes_nothing(self, storage: Storage, nodes: Pair) -> None:
        """Also before anybody has taken its users."""
        a, _ = nodes
        alice = storage.user()
        network = storage.network(alice)
        (lease,) = a.claim(alice)
        expire(storage, a.session)
        assert a.commit(network, lease.mandate, line(0)) == (lease.mandate,)
        assert storage.entries(network, "#a") == ()

    def test_a_writer_that_acts_for_nobody_knows_no_mandate(self, storage: Storage, nodes: Pair) -> None:
        a, _ = nodes
        alice = storage.user()
        network = storage.network(alice)
        (lease,) = a.claim(alice)
        a.writer.close()
        a.writer = storage.database.writer()
        assert a.commit(network, lease.mandate, line(0)) == (lease.mandate,)

    def test_a_user_that_was_released_and_claimed_again_has_another_mandate(
        self, storage: Storage, nodes: Pair
    ) -> None:
        a, _ = nodes
        alice = storage.user()
        network = storage.network(alice)
        (old,) = a.claim(alice)
        a.ask(ReleaseLeases(a.session, (alice,)))
        assert a.commit(network, old.mandate, line(0)) == (old.mandate,)
        (new,) = a.claim(alice)
        assert a.commit(network, old.mandate, line(0)) == (old.mandate,)
        assert a.commit(network, new.mandate, line(0)) == ()

    @pytest.mark.parametrize("how", ["take", "release", "end", "claim"])
    def test_a_commit_that_has_begun_is_waited_for(self, storage: Storage, nodes: Pair, how: str) -> None:
        """Whoever acts for the user next loads what it stores."""
        a, b = nodes
        alice = storage.user()
        (lease,) = a.claim(alice)
        jobs = {
            "take": TakeLease(lease, b.session),
            "release": ReleaseLeases(a.session, (alice,)),
            "end": EndSession(a.session),
        }
        with ThreadPoolExecutor(1) as pool:
            with locked(storage, "SELECT id FROM node_sessions WHERE id = %s FOR KEY SHARE", a.session):
                if how == "claim":
                    # Nobody waits: it is tried again soon.
                    expire(storage, a.session)
                    assert b.claim(alice) == ()
                    return
                waiting = pool.submit((b if how == "take" else a).ask, jobs[how])
                until_somebody_waits(storage)
                assert not waiting.done()
                assert listed(storage).leases == (lease,)
            waiting.result()
        assert listed(storage).leases != (lease,)

    def test_a_commit_waits_for_who_is_about_to_take_the_lease(self, storage: Storage, nodes: Pair) -> None:
        a, b = nodes
        alice = storage.user()
        network = storage.network(alice)
        (lease,) = a.claim(alice)
        with ThreadPoolExecutor(1) as pool:
            with locked(storage, "SELECT id FROM node_sessions WHERE id = %s FOR UPDATE", a.session) as taking:
                waiting = pool.submit(a.commit, network, lease.mandate, line(0))
                until_somebody_waits(storage)
                move = "UPDATE leases SET session = %s, epoch = epoch + 1 WHERE user_id = %s"
                taking._open.execute(move, (b.session, alice))  # type: ignore[attr-defined]
            assert waiting.result() == (lease.mandate,)
        assert storage.entries(network, "#a") == ()

    def test_nothing_of_an_old_owner_comes_behind_what_the_next_one_has_loaded(
        self, storage: Storage, nodes: Pair
    ) -> None:
        """Two connections: one commits as fast as it can, the other takes the lease, then looks."""
        alice = storage.user()
        network = storage.network(alice)
        owner, other = nodes
        lease = owner.claim(alice)[0]
        end = 0
        with ThreadPoolExecutor(1) as pool:
            for _ in range(30):
                writing = pool.submit(_write_until_refused, owner, lease, network, end)
                while len(storage.entries(network, "#a")) < end + 3:
                    pass
                taken = other.take(lease)
                assert taken is not None
                loaded = len(storage.entries(network, "#a"))
                end = writing.result()
                assert end == loaded, "as many as were acknowledged, and none behind"
                owner, other, lease = other, owner, taken
        assert [entry.number for entry in storage.entries(network, "#a")] == list(range(end))

    def test_a_writer_that_is_stopped_in_a_transaction_keeps_nobody_waiting(
        self, storage: Storage, nodes: Pair, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The server ends it: a stopped process must not hold its leases longer than its session."""
        monkeypatch.setattr("soju_actors.adapters.database.postgres.IDLE", 0.05)
        a, b = nodes
        (lease,) = a.claim(storage.user())
        with pytest.raises(DatabaseError), locked(storage, "SELECT id FROM node_sessions FOR KEY SHARE"):
            assert b.take(lease) is not None


def _write_until_refused(node: Node, lease: Lease, network: NetworkId, first: int) -> int:
    """Store line after line; return the number of the first that was refused."""
    number = first
    while not node.commit(network, lease.mandate, line(number)):
        number += 1
    return number


def test_a_database_tells_which_nodes_use_it(storage: Storage, nodes: Pair) -> None:
    assert storage.database.nodes() == ("a", "b")
    expire(storage, nodes[0].session)
    assert storage.database.nodes() == ("b",)


def test_a_database_of_one_node_has_no_leases(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="a cluster needs PostgreSQL"):
        open_database("sqlite:///soju.db", tmp_path).leaser()
    assert open_database("sqlite:///soju.db", tmp_path).nodes() == ()
