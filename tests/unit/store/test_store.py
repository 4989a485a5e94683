"""The store: one transaction at a time, of all that came meanwhile; failures are tried again."""

from typing import Any

import pytest

from actors import Down, Ref, ServiceFailed
from actors.testing import Bench, BenchTurn
from soju_actors.messages.buffer import EntriesStored
from soju_actors.messages.store import AllStored, AwaitStored, Store, StoreArgs, StoreCursor, TidyUp, WatchStorage
from soju_actors.messages.user import LeaseLapsed, StorageState, StoreReady
from soju_actors.model.entry import Entry
from soju_actors.model.lease import Mandate
from soju_actors.model.records import NetworkId, UserId
from soju_actors.ports.database import (
    Appended,
    Checkpoint,
    Commit,
    Committed,
    CursorMoved,
    ExpireHistory,
    HistoryExpired,
    Index,
    Indexed,
    WriteFailed,
)
from soju_actors.store import group
from soju_actors.store.actor import INDEX_AFTER, INDEX_AT_ONCE, INDEXING, OVERDUE, StoreActor

ALICE: Ref[Any] = Ref("user/alice")


def buffer(name: str) -> Ref[Any]:
    return Ref(f"buffer/{name}")


def append(name: str, *numbers: int, mandate: Mandate | None = None) -> Store:
    entries = tuple(Entry(number, 0, "bob", "PRIVMSG", f":bob PRIVMSG {name} :{number}") for number in numbers)
    return Store(buffer(name), Appended(NetworkId(1), name, entries, mandate=mandate))


def moved(name: str, number: int) -> StoreCursor:
    return StoreCursor(CursorMoved(NetworkId(1), name, "laptop", number))


def commits(turn: BenchTurn) -> list[Commit]:
    return [job for service, job in turn.performed if service == "writer" and isinstance(job, Commit)]


@pytest.fixture
def bench() -> Bench:
    return Bench(StoreActor, StoreArgs(), path="store")


def test_what_comes_while_a_commit_runs_is_the_next_commit(bench: Bench) -> None:
    first = append("#a", 0)
    (commit,) = commits(bench.tell(first))
    assert commit.appends == (first.appended,)
    more = [append("#a", 1, 2), append("#b", 7), append("#a", 3)]
    assert [commits(bench.tell(store)) for store in more] == [[], [], []]
    turn = bench.tell(Committed(commit.request))
    assert turn.sent == [(buffer("#a"), EntriesStored(1))]
    (commit,) = commits(turn)
    assert commit.appends == tuple(store.appended for store in more)
    turn = bench.tell(Committed(commit.request))
    assert turn.sent == [(buffer("#a"), EntriesStored(4)), (buffer("#b"), EntriesStored(8))]
    assert commits(turn) == []


def test_of_a_cursor_that_moves_often_the_newest_place_is_stored(bench: Bench) -> None:
    (commit,) = commits(bench.tell(moved("#a", 1)))
    for number in (2, 3, 4):
        bench.tell(moved("#a", number))
    bench.tell(moved("#b", 9))
    (commit,) = commits(bench.tell(Committed(commit.request)))
    assert [(cursor.target, cursor.number) for cursor in commit.cursors] == [("#a", 4), ("#b", 9)]


def test_a_commit_is_not_larger_than_a_bound(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group, "MOST", 5)
    (commit,) = commits(bench.tell(append("#a", 0)))
    for number in range(1, 9):
        bench.tell(append("#a", 2 * number, 2 * number + 1))
    sizes = []
    while found := commits(bench.tell(Committed(commit.request))):
        (commit,) = found
        sizes.append(sum(len(appended.entries) for appended in commit.appends))
    assert sizes == [6, 6, 4]


@pytest.mark.parametrize("service_fails", [False, True])
def test_a_commit_that_fails_is_tried_again_later_and_later(bench: Bench, service_fails: bool) -> None:
    bench.tell(WatchStorage(ALICE))
    (commit,) = commits(bench.tell(append("#a", 0)))
    waits = []
    reason = "internal error: disk full" if service_fails else "disk full"
    for attempt in range(8):
        failure = (
            ServiceFailed("writer", commit, "disk full")
            if service_fails
            else WriteFailed("disk full", transient=True, request=commit.request)
        )
        turn = bench.tell(failure)
        assert turn.sent == ([] if attempt else [(ALICE, StorageState(reason))]), "users are told once"
        waits.append(turn.alarms["retry"][0])
        assert commits(bench.tell(append("#b", attempt))) == [], "nothing overtakes it"
        assert commits(bench.advance(waits[-1])) == [commit], "the same commit"
    assert waits == [0.5, 1, 2, 4, 8, 15, 15, 15]
    turn = bench.tell(Committed(commit.request))
    assert turn.sent == [(buffer("#a"), EntriesStored(1)), (ALICE, StorageState(""))]
    (commit,) = commits(turn)
    assert len(commit.appends) == 8


def test_a_commit_that_is_not_answered_is_told_once(bench: Bench) -> None:
    """A database that hangs says nothing; when it goes on, so does the store."""
    bench.tell(WatchStorage(ALICE))
    (commit,) = commits(bench.tell(append("#a", 0)))
    assert bench.advance(OVERDUE).sent == [(ALICE, StorageState("the database does not answer"))]
    assert bench.advance(3 * OVERDUE).sent == []
    assert bench.tell(Committed(commit.request)).sent == [(buffer("#a"), EntriesStored(1)), (ALICE, StorageState(""))]


def test_commits_that_are_answered_in_time_are_no_failure(bench: Bench) -> None:
    bench.tell(WatchStorage(ALICE))
    (commit,) = commits(bench.tell(append("#a", 0)))
    for number in range(1, 9):
        assert bench.advance(0.4 * OVERDUE).sent == []
        bench.tell(append("#a", number))
        (commit,) = commits(bench.tell(Committed(commit.request)))
    bench.tell(Committed(commit.request))
    assert bench.advance(2 * OVERDUE).sent == []
    assert "look" not in bench.advance(60).alarms, "nothing is looked after while there is nothing to store"


def test_an_answer_to_another_commit_is_passed_over(bench: Bench) -> None:
    bench.tell(append("#a", 0))
    assert bench.tell(Committed(77)).effects == []


def test_who_begins_while_it_fails_is_told(bench: Bench) -> None:
    (commit,) = commits(bench.tell(append("#a", 0)))
    bench.tell(WriteFailed("disk full", transient=True, request=commit.request))
    turn = bench.tell(WatchStorage(ALICE))
    assert turn.sent == [(ALICE, StorageState("disk full"))]
    assert turn.watched == [ALICE]
    bench.tell(Down(ALICE, "stopped"))
    assert bench.tell(Committed(commit.request)).sent == [(buffer("#a"), EntriesStored(1))]


def test_a_user_is_told_when_all_that_was_appended_before_is_stored(bench: Bench) -> None:
    """An earlier actor of the user may have appended it: the numbers that it has taken must be known."""
    assert bench.tell(WatchStorage(ALICE)).sent == [(ALICE, StoreReady())]
    (commit,) = commits(bench.tell(append("#a", 0)))
    assert bench.tell(WatchStorage(ALICE)).sent == []
    bench.tell(append("#a", 1))
    bob: Ref[Any] = Ref("user/bob")
    assert bench.tell(WatchStorage(bob)).sent == []
    turn = bench.tell(Committed(commit.request))
    assert turn.sent == [(buffer("#a"), EntriesStored(1)), (ALICE, StoreReady())]
    (commit,) = commits(turn)
    assert bench.tell(Committed(commit.request)).sent == [(buffer("#a"), EntriesStored(2)), (bob, StoreReady())]


def test_what_comes_under_a_mandate_that_has_lapsed_is_refused_and_its_user_told(bench: Bench) -> None:
    """Others' lines of the same commit are stored; what was refused is shown to nobody."""
    alices, bobs = Mandate(UserId(1), 2), Mandate(UserId(2), 1)
    bob: Ref[Any] = Ref("user/bob")
    bench.tell(WatchStorage(ALICE, alices))
    bench.tell(WatchStorage(bob, bobs))
    (commit,) = commits(bench.tell(append("#a", 0)))
    bench.tell(append("#hers", 3, mandate=alices))
    bench.tell(append("#his", 4, mandate=bobs))
    (commit,) = commits(bench.tell(Committed(commit.request)))
    assert [appended.mandate for appended in commit.appends] == [alices, bobs]
    turn = bench.tell(Committed(commit.request, (alices,)))
    assert turn.sent == [(buffer("#his"), EntriesStored(5)), (ALICE, LeaseLapsed())]


def test_who_asks_is_told_when_all_of_before_is_stored(bench: Bench) -> None:
    leases: Ref[Any] = Ref("leases@a")
    assert bench.tell(AwaitStored(1), leases).sent == [(leases, AllStored(1))]
    (commit,) = commits(bench.tell(append("#a", 0)))
    assert bench.tell(AwaitStored(2), leases).sent == []
    bench.tell(append("#a", 1))
    assert bench.tell(AwaitStored(3), leases).sent == []
    turn = bench.tell(Committed(commit.request))
    assert turn.sent == [(buffer("#a"), EntriesStored(1)), (leases, AllStored(2))]
    (commit,) = commits(turn)
    assert bench.tell(Committed(commit.request)).sent == [(buffer("#a"), EntriesStored(2)), (leases, AllStored(3))]


def test_indexing_goes_on_while_there_is_something_and_stops(bench: Bench) -> None:
    """It is done in portions, between commits, and begins again with the next entries."""

    def indexes(turn: BenchTurn) -> int:
        return sum(isinstance(job, Index) for _, job in turn.performed)

    assert indexes(bench.advance(INDEX_AFTER)) == 1, "an earlier run may have left something"
    assert bench.tell(Indexed(INDEX_AT_ONCE)).alarms["index"][0] == 0
    assert indexes(bench.advance(0)) == 1
    (commit,) = commits(bench.tell(append("#a", 0)))
    assert bench.tell(Indexed(INDEX_AT_ONCE)).alarms["index"][0] == INDEX_AFTER, "commits come first"
    assert indexes(bench.advance(INDEX_AFTER)) == 1
    assert "index" not in bench.tell(Indexed(3)).alarms
    bench.tell(Committed(commit.request))
    assert indexes(bench.advance(60)) == 0, "all is indexed"
    (commit,) = commits(bench.tell(append("#a", 1)))
    bench.tell(Committed(commit.request))
    assert indexes(bench.advance(INDEX_AFTER)) == 1
    failed = bench.tell(WriteFailed("disk full", transient=True, request=INDEXING))
    assert failed.sent == []
    (commit,) = commits(bench.tell(append("#a", 2)))
    bench.tell(Committed(commit.request))
    assert indexes(bench.advance(INDEX_AFTER)) == 1, "the next entries try again"


def test_while_the_database_fails_nothing_is_indexed(bench: Bench) -> None:
    (commit,) = commits(bench.tell(append("#a", 0)))
    bench.tell(WriteFailed("disk full", transient=True, request=commit.request))
    assert not any(isinstance(job, Index) for _, job in bench.advance(INDEX_AFTER).performed)


def test_commits_are_tidied_up_behind_once_in_a_while(bench: Bench) -> None:
    (commit,) = commits(bench.tell(append("#a", 0)))
    for number in range(1, 5):
        bench.tell(append("#a", number))
        (commit,) = commits(bench.tell(Committed(commit.request)))
    jobs = [job for service, job in bench.advance(1).performed if service == "checkpointer"]
    assert jobs == [Checkpoint()]


def test_at_the_end_all_that_waits_is_stored(bench: Bench) -> None:
    bench.tell(append("#a", 0))
    bench.tell(append("#a", 1))
    bench.tell(moved("#a", 1))
    (last,) = commits(bench.stop())
    assert (len(last.appends), len(last.cursors)) == (1, 1)


def test_at_the_end_a_commit_that_has_failed_is_tried_once_more(bench: Bench) -> None:
    (commit,) = commits(bench.tell(append("#a", 0)))
    bench.tell(WriteFailed("disk full", transient=True, request=commit.request))
    bench.tell(append("#a", 1))
    assert [c.appends[0].entries[0].number for c in commits(bench.stop())] == [0, 1]


def test_what_was_purged_is_deleted_though_nothing_is_said(bench: Bench) -> None:
    bench.advance(INDEX_AFTER)
    bench.tell(Indexed(0))
    assert list(bench.tell(TidyUp()).alarms) == ["index"]
    assert list(bench.tell(TidyUp()).alarms) == []  # one is set
    turn = bench.advance(INDEX_AFTER)
    assert [job for _, job in turn.performed] == [Index(INDEX_AT_ONCE, INDEXING)]


def test_messages_that_are_too_old_are_looked_for_once_a_day_and_in_portions() -> None:
    """Row CFG-18: what is found is deleted by the jobs that index."""
    bench = Bench(StoreActor, StoreArgs(message_expiry=10.0), path="store")
    bench.tell(Indexed(0))
    (job,) = (job for _, job in bench.advance(60).performed if isinstance(job, ExpireHistory))
    assert (job.before, job.after) == (int((bench.wall() - 10) * 1000), 0)
    turn = bench.tell(HistoryExpired(20, purged=True))
    assert set(turn.alarms) == {"expire", "index"}
    (job,) = (job for _, job in bench.advance(0.5).performed if isinstance(job, ExpireHistory))
    assert job.after == 20
    assert bench.tell(HistoryExpired(None, purged=False)).alarms["expire"][0] == 86_400.0
    assert bench.tell(WriteFailed("busy", transient=True, request=job.request)).alarms["expire"][0] == 86_400.0


def test_nothing_is_too_old_where_that_is_not_wanted() -> None:
    bench = Bench(StoreActor, StoreArgs(), path="store")
    bench.tell(Indexed(0))
    assert not any(isinstance(job, ExpireHistory) for _, job in bench.advance(200_000).performed)
