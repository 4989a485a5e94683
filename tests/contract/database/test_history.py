"""Queries of history find what a simple model of it finds (rows HIS-01 to HIS-04).

Spec: https://ircv3.net/specs/extensions/chathistory
"""

from collections.abc import Sequence
from typing import NamedTuple
from unittest.mock import patch

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from soju_actors.adapters.database import reading
from soju_actors.history.hiding import Hidden
from soju_actors.irc.casemap import Casemapping
from soju_actors.model.entry import Entry
from soju_actors.model.records import NetworkId
from soju_actors.ports.database import (
    Direction,
    QueryHistory,
    QuerySpans,
    QueryTargets,
    Reference,
    SpansRead,
    TargetsRead,
)
from tests.contract.database.storage import Storage, line

ONCE_FOR_ALL_KINDS = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
NAMES = ("#a", "#b")
PEST = Hidden(frozenset({"{pest}"}), Casemapping.RFC1459)


class Said(NamedTuple):
    """Something that was said, before it has a number."""

    time: int
    command: str
    msgid: str
    sender: str


said = st.builds(
    Said,
    st.integers(0, 9),
    st.sampled_from(["PRIVMSG", "NOTICE", "JOIN", "MODE"]),
    st.sampled_from(["", "", "one", "two", "three"]),
    st.sampled_from(["bob", "[Pest]", "{pest}"]),
)
# Enough at once to be filed, or so few that they are recent; an integer is a portion of indexing.
steps = st.lists(st.lists(said, max_size=5) | st.lists(said, min_size=32, max_size=40) | st.integers(1, 50), max_size=6)
references = st.builds(Reference, time=st.integers(-1, 10)) | st.builds(
    Reference, msgid=st.sampled_from(["one", "two", "three", "none"])
)
queries = st.builds(
    QueryHistory,
    network_id=st.just(NetworkId(0)),
    target=st.just(NAMES[0]),
    limit=st.integers(0, 8) | st.just(1000),
    direction=st.sampled_from(Direction),
    after=references | st.none(),
    before=references | st.none(),
    around=references | st.none(),
    events=st.booleans(),
    below=st.none() | st.integers(0, 40),
    hidden=st.sampled_from([None, PEST]),
)


@settings(suppress_health_check=ONCE_FOR_ALL_KINDS, max_examples=60)
@given(steps=steps, asked=st.lists(queries, min_size=1, max_size=6))
def test_queries_find_what_the_model_finds(
    storage: Storage, steps: list[list[Said] | int], asked: list[QueryHistory]
) -> None:
    network = storage.network()
    entries: list[Entry] = []
    for step in steps:
        if isinstance(step, int):
            storage.index(step)
            continue
        new = [
            line(number, time=one.time, command=one.command, msgid=one.msgid, sender=one.sender)
            for number, one in enumerate(step, len(entries))
        ]
        entries += new
        for name in NAMES:  # so that what belongs to another target is there to be confused with
            storage.store(network, name, *new)
    for query in asked:
        question = msgspec.structs.replace(query, network_id=network, request=7)
        with patch.multiple(reading, LEAST_ROWS=2, MOST_READS=1000):
            found = storage.read(question)
        assert [entry.number for entry in found.entries] == model(entries, question)
        if found.ended:
            more = msgspec.structs.replace(question, limit=1000)
            assert model(entries, more) == model(entries, question), "there is more"


def model(entries: Sequence[Entry], query: QueryHistory) -> list[int]:
    """Return the numbers that a query should find."""
    points = {
        name: point(entries, getattr(query, name), after=name == "after") for name in ("after", "before", "around")
    }
    shown = sorted(
        (entry.time, entry.number)
        for entry in entries
        if (query.events or entry.command in {"PRIVMSG", "NOTICE"})
        and (query.below is None or entry.number < query.below)
        and not (query.hidden and entry.sender != "bob" and entry.command in {"PRIVMSG", "NOTICE"})
    )
    newest = query.direction is Direction.NEWEST
    if query.direction is Direction.AROUND:
        middle = points["around"]
        if middle is None:
            return []
        half = query.limit // 2
        earlier = [one for one in shown if one < middle]
        later = [one for one in shown if one >= middle]
        found = earlier[max(len(earlier) - half, 0) :] + later[: query.limit - half]
    else:
        if (query.after and points["after"] is None) or (query.before and points["before"] is None):
            return []
        first, last = points["after"], points["before"]
        if first and last and first > last:  # the other way round, from the newest on
            newest = True
            first, last = point(entries, query.before, after=True), point(entries, query.after, after=False)
        found = [one for one in shown if (first is None or one > first) and (last is None or one < last)]
        found = found[max(len(found) - query.limit, 0) :] if newest else found[: query.limit]
    return [number for _, number in found]


def point(entries: Sequence[Entry], reference: Reference | None, *, after: bool) -> tuple[int, float] | None:
    """Return the place in the order that a reference means."""
    if reference is None:
        return None
    if reference.time is not None:
        return (reference.time, float("inf") if after else -1)
    return next(((entry.time, entry.number) for entry in entries if entry.msgid == reference.msgid), None)


def test_the_entries_themselves_come_oldest_first(storage: Storage) -> None:
    network = storage.network()
    entries = (line(0, time=5), line(1, time=3), line(2, time=5))
    storage.store(network, "#a", *entries)
    found = storage.read(QueryHistory(network, "#a", 2, Direction.NEWEST, request=4))
    assert (found.request, found.entries) == (4, (entries[0], entries[2]))


def test_a_target_without_history_gives_an_empty_answer(storage: Storage) -> None:
    assert storage.history(QueryHistory(storage.network(), "#none", 10, Direction.NEWEST)) == []


def test_targets_are_found_by_their_newest_message(storage: Storage) -> None:
    """Joins and the like do not make a conversation."""
    network = storage.network()
    storage.store(network, "#filed", line(0, time=30), line(1, time=10))
    storage.store(network, "#joined", line(0, time=20, command="NOTICE"), line(1, time=99, command="JOIN"))
    storage.index()
    storage.store(network, "#both", line(0, time=25))
    storage.index()
    storage.store(network, "#both", line(1, time=40))
    storage.store(network, "caf\udce9", line(0, time=50))
    storage.store(network, "#silent", line(0, time=35, command="JOIN"))
    storage.store(storage.network(), "#foreign", line(0, time=35))
    everything = (("#joined", 20), ("#filed", 30), ("#both", 40), ("caf\udce9", 50))
    assert storage.read(QueryTargets(network, 0, 100, 10, 5)) == TargetsRead(everything, 5, ended=True)
    assert storage.read(QueryTargets(network, 20, 50, 10)).targets == everything[1:3]
    assert storage.read(QueryTargets(network, 0, 100, 4)).ended
    assert storage.read(QueryTargets(network, 0, 100, 2)) == TargetsRead(everything[:2])
    assert storage.read(QueryTargets(network, 0, 100, 2, newest=True)) == TargetsRead(everything[2:])
    assert storage.read(QueryTargets(network, 0, 100, 0)).targets == ()
    without = ("#filed", "caf\udce9", "#nowhere")
    assert storage.read(QueryTargets(network, 0, 100, 10, without=without)).targets == everything[::2]


def test_there_is_an_end_to_looking_behind_what_is_hidden(storage: Storage) -> None:
    """Row MET-03: who is blocked and says a lot costs what a long answer does, and the client may ask on."""
    network = storage.network()
    spam = [line(number, sender="{PEST}") for number in range(1, 30)]
    storage.store(network, "#a", line(0), *spam, line(30))
    query = QueryHistory(network, "#a", 2, Direction.NEWEST, hidden=PEST)
    with patch.multiple(reading, LEAST_ROWS=5, MOST_READS=3):
        found = storage.read(query)
        assert ([entry.number for entry in found.entries], found.ended) == ([30], False)
    found = storage.read(query)
    assert ([entry.number for entry in found.entries], found.ended) == ([0, 30], True)


def test_the_last_part_of_history_is_marked_as_such(storage: Storage) -> None:
    network = storage.network()
    storage.store(network, "#a", line(0), line(1), line(2, command="JOIN"))
    for direction in (Direction.NEWEST, Direction.OLDEST):
        assert [storage.read(QueryHistory(network, "#a", n, direction)).ended for n in (1, 2)] == [False, True]
    around = QueryHistory(network, "#a", 2, Direction.AROUND, around=Reference(time=1))
    assert storage.read(around).ended
    assert not storage.read(msgspec.structs.replace(around, around=Reference(time=0))).ended


def test_from_when_to_when_something_was_said_is_told(storage: Storage) -> None:
    """Spec: https://wiki.znc.in/Playback."""
    network, other = storage.network(), storage.network()
    storage.store(network, "#filed", line(0, time=30), line(1, time=10), line(2, time=5, command="JOIN"))
    storage.store(network, "#both", line(0, time=25))
    storage.index()
    storage.store(network, "#both", line(1, time=40))
    storage.store(network, "#silent", line(0, time=35, command="JOIN"))
    storage.store(other, "#filed", line(0, time=1))
    asked = QuerySpans(network, ("#silent", "#both", "#none", "#filed"), 3)
    assert storage.read(asked) == SpansRead((("#both", 25, 40), ("#filed", 10, 30)), 3)


def test_what_is_below_the_first_number_is_left_out(storage: Storage) -> None:
    network = storage.network()
    storage.store(network, "#a", *map(line, range(5)))
    assert storage.history(QueryHistory(network, "#a", 10, Direction.NEWEST, first=3)) == [3, 4]
