"""What is committed is there, as it was given, once (rows DBT-10, DBX-03, DBX-07)."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from soju_actors.model.entry import Entry
from soju_actors.model.records import NetworkId, Target
from soju_actors.ports.database import Appended, Commit, Committed, CursorMoved, RangeRead, ReadRange
from tests.contract.database.storage import Storage, line

texts = st.binary(max_size=30).map(lambda raw: raw.translate(None, b"\0\r\n").decode("utf-8", "surrogateescape"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(sender=texts, command=texts, raw=texts, msgid=texts, target=texts, time=st.integers(0, 1 << 52))
def test_any_bytes_come_back_as_they_were(  # noqa: PLR0917
    storage: Storage, sender: str, command: str, raw: str, msgid: str, target: str, time: int
) -> None:
    """Bytes that are not UTF-8 pass through unharmed, in lines, nicks and names of channels."""
    network = storage.network()
    entry = Entry(0, time, sender, command, raw, msgid)
    storage.store(network, target, entry)
    assert storage.entries(network, target) == (entry,)
    storage.index()
    assert storage.entries(network, target) == (entry,)


def test_a_line_cannot_carry_a_line_break_into_a_page(storage: Storage) -> None:
    network = storage.network()
    storage.store(network, "#a", Entry(0, 1, "x", "PRIVMSG", "one\ntwo\0three"), line(1))
    assert [entry.line for entry in storage.entries(network, "#a")] == ["one two three", line(1).line]


def test_a_range_is_half_open_and_limited(storage: Storage) -> None:
    network = storage.network()
    entries = tuple(line(number) for number in range(50))
    storage.store(network, "#a", *entries[:40])  # enough to be filed at once
    storage.store(network, "#a", *entries[40:])  # few enough to be recent
    assert storage.entries(network, "#a", 38, 43) == entries[38:43]
    assert storage.read(ReadRange(network, "#a", 35, 100, 10, 3)) == RangeRead(entries[35:45], 3)
    assert storage.read(ReadRange(network, "#a", 0, 100, 0)).entries == ()
    assert storage.entries(network, "#a", 7, 7) == ()
    assert storage.entries(network, "#a", 50) == ()
    assert storage.entries(network, "#b") == ()


def test_targets_do_not_touch_each_other(storage: Storage) -> None:
    network, other = storage.network(), storage.network()
    appends = [Appended(one, name, (line(0, name),)) for one in (network, other) for name in ("#a", "#A", "b")]
    assert storage.write(Commit(tuple(appends), request=3)) == Committed(3)
    for append in appends:
        assert storage.entries(append.network_id, append.target) == append.entries


def test_a_commit_that_is_given_again_changes_nothing(storage: Storage) -> None:
    """Its COMMIT may have succeeded although the connection was lost before the answer."""
    network = storage.network()
    few, many = tuple(map(line, range(5))), tuple(map(line, range(100)))
    job = Commit((Appended(network, "#few", few), Appended(network, "#many", many)))
    for _ in range(2):
        assert storage.write(job) == Committed()
    # A new process knows only what is stored.
    storage.writer = storage.database.writer()
    assert storage.write(job) == Committed()
    storage.index()
    assert storage.write(job) == Committed()
    storage.index()
    assert storage.entries(network, "#few") == few
    assert storage.entries(network, "#many") == many
    assert storage.search(network, "hello", target="#few") == [0, 1, 2, 3, 4]


def test_an_entry_that_is_stored_is_left_as_it_is(storage: Storage) -> None:
    network = storage.network()
    storage.store(network, "#a", line(0, "first"), line(1, "second"))
    storage.store(network, "#a", line(1, "other"), line(2, "third"))
    assert storage.entries(network, "#a") == (line(0, "first"), line(1, "second"), line(2, "third"))


def test_entries_of_networks_that_do_not_exist_are_dropped(storage: Storage) -> None:
    network = storage.network()
    gone = NetworkId(network + 100)
    job = Commit(
        (Appended(gone, "#a", (line(0),)), Appended(network, "#a", (line(0),))),
        (CursorMoved(gone, "#a", "phone", 1), CursorMoved(network, "#a", "phone", 1)),
    )
    assert storage.write(job) == Committed()
    assert storage.entries(gone, "#a") == ()
    assert storage.entries(network, "#a") == (line(0),)


def test_the_newest_place_of_a_cursor_counts(storage: Storage) -> None:
    user = storage.user()
    network = storage.network(user)
    moved = [CursorMoved(network, "#a", client, number) for client, number in (("", 1), ("é\udce9", 2), ("", 3))]
    storage.write(Commit((), tuple(moved)))
    assert storage.settings(user).targets == (Target(network, "#a", 0, {"": 3, "é\udce9": 2}),)
    storage.write(Commit((), (CursorMoved(network, "#a", "", 2),)))
    assert storage.settings(user).targets[0].cursors == {"": 2, "é\udce9": 2}


def test_an_empty_commit_is_a_commit(storage: Storage) -> None:
    network = storage.network()
    assert storage.write(Commit((Appended(network, "#a", ()),))) == Committed()


def test_many_targets_are_stored_in_one_commit(storage: Storage) -> None:
    user = storage.user()
    network = storage.network(user)
    for first in (0, 3):
        appends = [Appended(network, f"#{n}", tuple(map(line, range(first, first + 3)))) for n in range(300)]
        assert storage.write(Commit(tuple(appends))) == Committed()
        storage.index(10)
    assert {target.end for target in storage.settings(user).targets} == {6}
    assert all(len(storage.entries(network, f"#{n}")) == 6 for n in range(300))
