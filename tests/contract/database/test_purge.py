"""Purging history: hidden at once, deleted little by little, numbers go on."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from soju_actors.ports.database import (
    Appended,
    Commit,
    CursorMoved,
    Direction,
    PurgeHistory,
    QueryHistory,
    QueryTargets,
    Reference,
    Saved,
)
from tests.contract.database.storage import EVERYTHING, Storage, line

LATE = 1 << 40


def purge(storage: Storage, network: int, **ends: int) -> None:
    job = PurgeHistory(network, {f"#{name}": end for name, end in ends.items()}, request=7)  # type: ignore[arg-type]
    assert storage.write(job) == Saved(7)


def test_what_is_purged_is_found_by_no_query_from_then_on(storage: Storage) -> None:
    network = storage.network()
    storage.store(network, "#a", line(0, "old", msgid="m0"), line(1, "old words", msgid="m1"))
    storage.index()
    storage.store(network, "#a", line(2, "old recent", msgid="m2"), line(3, "kept words", msgid="m3"))
    storage.store(network, "#b", line(0, "old other"))
    purge(storage, network, a=3)
    for _ in range(2):  # before and after it is deleted
        assert storage.entries(network, "#a") == (line(3, "kept words", msgid="m3"),)
        newest = QueryHistory(network, "#a", 10, Direction.NEWEST)
        assert storage.history(newest) == [3]
        for msgid in ("m0", "m1", "m2"):
            after = QueryHistory(network, "#a", 10, Direction.OLDEST, after=Reference(msgid=msgid))
            assert storage.history(after) == []
        around = QueryHistory(network, "#a", 10, Direction.AROUND, around=Reference(time=1))
        assert storage.history(around) == [3]
        assert storage.search(network, "old", target="#a") == []
        assert storage.search(network, target="#a") == [3]
        assert storage.search(network, "words") == [3]
        assert storage.search(network, "old") == [0]
        storage.index()
    assert storage.count("messages") == 2
    assert storage.count("msgids") == 1
    assert storage.count("recent") == 0


def test_a_target_that_is_purged_altogether_is_no_target_of_history(storage: Storage) -> None:
    network = storage.network()
    storage.store(network, "#a", line(0, time=10), line(1, time=20))
    storage.store(network, "#b", line(0, time=15))
    purge(storage, network, a=2)
    for _ in range(2):
        assert storage.read(QueryTargets(network, -1, LATE, 10)).targets == (("#b", 15),)
        storage.index()


def test_numbers_go_on_and_cursors_hold(storage: Storage) -> None:
    user = storage.user()
    network = storage.network(user)
    storage.store(network, "#a", line(0), line(1), line(2))
    storage.write(Commit((), (CursorMoved(network, "#a", "phone", 1),)))
    purge(storage, network, a=3)
    for _ in range(2):
        (target,) = storage.settings(user).targets
        assert (target.end, target.cursors) == (3, {"phone": 1})
        storage.index()
    fresh = storage.database.writer()  # one that knows nothing, as after a restart
    fresh.perform(Commit((Appended(network, "#a", (line(2, "again"), line(3, "new"))),)))
    fresh.close()
    assert storage.entries(network, "#a") == (line(3, "new"),)
    assert storage.settings(user).targets[0].end == 4


def test_it_is_deleted_in_portions_and_found_again_after_a_restart(storage: Storage) -> None:
    network = storage.network()
    storage.store(network, "#a", *(line(number, msgid=f"m{number}") for number in range(10)))
    storage.index()
    purge(storage, network, a=8)
    assert storage.index(limit=3) == 3
    assert storage.count("messages") == 7
    fresh = storage.database.writer()
    storage.writer.close()
    storage.writer = fresh
    assert storage.index(limit=3) == 3
    assert storage.index() == 2
    assert storage.index() == 0
    assert storage.count("messages") == 2
    assert storage.count("msgids") == 2


def test_a_floor_is_never_lowered_and_unknown_targets_are_none(storage: Storage) -> None:
    network = storage.network()
    storage.store(network, "#a", line(0), line(1))
    purge(storage, network, a=2)
    purge(storage, network, a=1, nowhere=5)
    assert storage.entries(network, "#a") == ()
    assert storage.count("targets") == 1


@given(steps=st.lists(st.tuples(st.sampled_from(["store", "purge", "index", "some"]), st.integers(0, 6)), max_size=25))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_history_is_what_was_stored_from_the_floor_on(steps: list[tuple[str, int]], memory: Storage) -> None:
    """Whatever is filed, indexed or deleted in between."""
    user = memory.user()
    network = memory.network(user)
    end = floor = 0
    for what, amount in steps:
        if what == "store" and amount:
            memory.store(network, "#a", *(line(end + at, "word", msgid=f"m{end + at}") for at in range(amount)))
            end += amount
        elif what == "purge":
            floor = max(floor, min(end, floor + amount))
            purge(memory, network, a=floor)
        elif what != "store":
            memory.index(limit=EVERYTHING if what == "index" else amount)
    numbers = list(range(floor, end))
    assert [entry.number for entry in memory.entries(network, "#a")] == numbers
    assert memory.search(network, "word") == numbers
    assert [target.end for target in memory.settings(user).targets] == ([end] if end else [])
