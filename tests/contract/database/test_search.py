"""Searches find what was said, whether the index knows it or not (row SRC-01)."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from soju_actors.history.hiding import Hidden
from soju_actors.irc.casemap import Casemapping
from soju_actors.model.entry import MULTILINE, Entry
from soju_actors.ports.database import (
    DeleteNetwork,
    DeleteUser,
    Direction,
    Index,
    Indexed,
    QueryHistory,
    QueryTargets,
)
from tests.contract.database.storage import Storage, line

WORDS = ("red", "green", "blue", "größe", "日本", "🎉")
messages = st.tuples(
    st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join),
    st.sampled_from(["bob", "eve"]),
    st.sampled_from(["PRIVMSG", "NOTICE", "TOPIC"]),
    st.integers(0, 9),
)
steps = st.lists(st.lists(messages, max_size=6) | st.integers(0, 8), max_size=8)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=60)
@given(
    steps=steps,
    wanted=st.lists(st.sampled_from(WORDS), max_size=2),
    sender=st.sampled_from(["", "bob", "BOB", "bo"]),
    after=st.none() | st.integers(0, 9),
    before=st.none() | st.integers(0, 9),
    limit=st.integers(0, 5) | st.just(100),
    oldest=st.booleans(),
    below=st.none() | st.integers(0, 20),
)
def test_searches_find_what_the_model_finds(  # noqa: PLR0917
    storage: Storage,
    steps: list[list[tuple[str, str, str, int]] | int],
    wanted: list[str],
    sender: str,
    after: int | None,
    before: int | None,
    limit: int,
    oldest: bool,
    below: int | None,
) -> None:
    network, other = storage.network(), storage.network()
    said: list[tuple[str, str, str, int]] = []
    for step in steps:
        if isinstance(step, int):
            storage.index(step)
            continue
        for one in (network, other):
            new = [
                line(number, text, time=time, sender=nick, command=command)
                for number, (text, nick, command, time) in enumerate(step, len(said))
            ]
            storage.store(one, "#a", *new)
        said += step
    expected = sorted(
        (time, number)
        for number, (text, nick, command, time) in enumerate(said)
        if command != "TOPIC"
        and set(wanted) <= set(text.split())
        and sender.lower() in {"", nick}
        and (after is None or time > after)
        and (before is None or time < before)
        and (below is None or number < below)
    )
    numbers = [number for _, number in expected]
    numbers = numbers[:limit] if oldest else numbers[max(len(numbers) - limit, 0) :]
    for target in ("", "#a"):
        found = storage.search(
            network,
            " ".join(wanted),
            target=target,
            sender=sender,
            after=after,
            before=before,
            limit=limit,
            oldest=oldest,
            below=below,
        )
        assert found == numbers


@pytest.mark.parametrize("indexed", [False, True])
@pytest.mark.parametrize("text", ["", "red"])
def test_what_hidden_senders_say_is_not_found(storage: Storage, text: str, indexed: bool) -> None:
    """Row MET-03."""
    network = storage.network()
    storage.store(network, "#a", line(0, "red"), line(1, "red", sender="Eve"), line(2, "red", sender="bob"))
    if indexed:
        storage.index()
    hidden = Hidden(frozenset({"eve"}), Casemapping.ASCII)
    assert storage.search(network, text, target="#a", hidden=hidden) == [0, 2]
    assert storage.search(network, text, target="#a") == [0, 1, 2]


@pytest.mark.parametrize("indexed", [False, True])
@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("Hello, World!", "world hello"),
        ("a \x02bo\x02ld \x0304,05co\x03lour", "bold colour"),
        ("\x01ACTION waves his hand\x01", "waves"),
        ("GRÖSSE", "größe"),
        ("café", "CAFE"),
        ("see https://example.com/some-path?x=1", "example path"),
        ("日本語のテスト", "本語"),
        ("party 🎉!", "🎉"),
        ("it's o'clock", "it's"),
        ("x" * 100, "x" * 100),
        ("f\udcfc\udcdf bytes that are not UTF-8", "bytes"),
        ('"quoted" * AND NOT ( near : ^', '"quoted" AND not NEAR ('),
        ("ein 'Wort' \\ mit & Zeichen | ! :*", "'wort' & mit"),
    ],
)
def test_a_text_is_found_by_its_words(storage: Storage, said: str, asked: str, indexed: bool) -> None:
    network = storage.network()
    storage.store(network, "#a", line(0, "something else"), line(1, said))
    if indexed:
        storage.index()
    assert storage.search(network, asked) == [1]


@pytest.mark.parametrize("indexed", [False, True])
@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("hello", "hell"),
        ("hello", "hello there"),
        ("\x01VERSION words\x01", "words"),
        ("hello", "?!"),
    ],
)
def test_a_text_is_not_found_by_anything_else(storage: Storage, said: str, asked: str, indexed: bool) -> None:
    network = storage.network()
    storage.store(network, "#a", line(0, said))
    if indexed:
        storage.index()
    assert storage.search(network, asked) == []


def test_a_long_tail_without_index_is_searched_to_its_end(storage: Storage) -> None:
    network = storage.network()
    entries = [line(number, f"word{number % 1500}") for number in range(3000)]
    storage.store(network, "#a", *entries[:2900])
    storage.store(network, "#a", *entries[2900:2910])
    storage.store(network, "#a", *entries[2910:])
    assert storage.search(network, "word1499") == [1499, 2999]


def test_indexing_goes_in_portions_and_says_when_none_is_left(storage: Storage) -> None:
    network = storage.network()
    storage.store(network, "#a", *map(line, range(40)))
    storage.store(network, "#b", *map(line, range(5)))
    assert [storage.index(20) for _ in range(4)] == [20, 20, 5, 0]
    assert storage.write(Index(20)) == Indexed(0)


def test_a_new_process_indexes_what_the_last_one_left(storage: Storage) -> None:
    network = storage.network()
    storage.store(network, "#a", *map(line, range(40)))
    storage.index(10)
    storage.store(network, "#b", line(0))
    storage.writer = storage.database.writer()
    assert storage.index(100) == 31
    assert len(storage.search(network, "hello")) == 41


@pytest.mark.parametrize("indexed", [0, 10, 100])
def test_what_was_deleted_is_found_no_more_and_its_space_is_freed(storage: Storage, indexed: int) -> None:
    """Deleted at once for who asks, and in portions from the disk, so that lines do not wait."""
    user = storage.user()
    gone, kept = storage.network(user, "gone"), storage.network(user, "kept")
    for network in (gone, kept):
        storage.store(network, "#a", *(line(number, msgid=f"m{number}") for number in range(35)))
        storage.store(network, "#b", line(0))
    storage.index(indexed)
    storage.write(DeleteNetwork(gone))
    assert storage.search(gone, "hello") == []
    while storage.index(20) == 20:
        pass
    assert len(storage.search(kept, "hello")) == 36
    assert storage.count("messages") == 36
    assert storage.count("recent") == 0
    assert storage.count("targets") == 2
    assert storage.count("msgids") == 35
    storage.write(DeleteUser(user))
    storage.index()
    assert [storage.count(name) for name in ("messages", "targets", "msgids", "cursors")] == [0, 0, 0, 0]
    condition = "words @@ %s::tsquery" if storage.kind == "postgresql" else "message_words MATCH ?"
    assert storage.count(f"message_words WHERE {condition}", "hello") == 0


@pytest.mark.parametrize("indexed", [False, True])
def test_a_message_of_several_lines_is_found_by_words_of_all_of_them(storage: Storage, indexed: bool) -> None:
    """Spec: https://ircv3.net/specs/extensions/multiline."""
    network = storage.network()
    entry = Entry(0, 5, "bob", MULTILINE, ":bob!b@host PRIVMSG #a :one two\r-\r-three fo\r+ur")
    storage.store(network, "#a", entry)
    if indexed:
        storage.index()
    assert storage.search(network, "two three four", target="#a") == [0]
    assert storage.search(network, "fo") == []
    assert storage.history(QueryHistory(network, "#a", 10, Direction.NEWEST)) == [0]
    assert storage.read(QueryTargets(network, 0, 10, 10)).targets == (("#a", 5),)
    assert list(storage.entries(network, "#a")) == [entry]
