"""Counting messages and turns in bounded memory."""

import csv
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from actors.measure import ActorRow, EdgeRow, Histogram, Meter
from actors.measure.edges import Edges, FormatError
from actors.measure.histogram import BUCKETS, UNIT, bucket_of, start_of
from actors.measure.meter import SIZED
from actors.placement import Traffic
from actors.placement.measured import handled, traffic
from tests.support.views import seeded


def test_buckets_follow_each_other() -> None:
    starts = [start_of(bucket) for bucket in range(BUCKETS + 1)]
    assert starts == sorted(set(starts))
    assert [bucket_of(start) for start in starts[:-1]] == list(range(BUCKETS))
    assert (bucket_of(0.0), bucket_of(-1.0), bucket_of(1e9)) == (0, 0, BUCKETS - 1)
    assert 100 < starts[-2] < 130


@given(st.floats(4 * UNIT, 100))
def test_a_bucket_is_at_most_a_quarter_wide(seconds: float) -> None:
    bucket = bucket_of(seconds)
    assert start_of(bucket) <= seconds < start_of(bucket + 1) <= 1.2500001 * start_of(bucket)


@given(st.lists(st.floats(1e-5, 50), min_size=1, max_size=50), st.sampled_from([0.1, 0.5, 0.99, 1.0]))
def test_a_quantile_is_right_but_for_an_eighth(durations: list[float], share: float) -> None:
    one, other = Histogram(), Histogram()
    for index, seconds in enumerate(durations):
        (one, other)[index % 2].add(seconds)
    one.merge(other)
    true = sorted(durations)[max(0, -int(-share * len(durations) // 1) - 1)]
    assert one.total == len(durations)
    assert true / 1.13 <= one.quantile(share) <= true * 1.13


def test_of_nothing_there_is_no_quantile() -> None:
    assert Histogram().quantile(0.5) == 0


@given(st.integers(0, 2**32), st.integers(2, 30), st.floats(1.01, 3.0))
def test_heavy_pairs_are_kept_and_their_counts_bounded(seed: int, most: int, skew: float) -> None:
    """Misra and Gries 1982: nothing is overstated, nothing understated by more than is told, nothing heavy lost."""
    chance = seeded(seed)
    meter = Meter(most_edges=most)
    truth: Counter[str] = Counter()
    for _ in range(1000):
        name = f"a{int(chance.paretovariate(skew))}"
        truth[name] += 1
        meter.said(name, "b", 1, nothing, remote=False)
    sample = meter.take()
    kept = {row.sender: row for row in sample.edges}
    assert len(kept) <= most
    assert sample.local == 1000
    for name, row in kept.items():
        assert row.messages <= truth[name] <= row.messages + row.missed
    assert {name for name, count in truth.items() if count > 2 * 1000 / most} <= set(kept)


def nothing() -> int:
    return 0


def test_each_number_of_a_pair_is_its_own() -> None:
    meter = Meter()
    meter.said("a", "b", 2, lambda: 10, remote=False)
    meter.said("a", "b", 3, lambda: 100, remote=True)
    meter.said("c", "b", 1, lambda: 11, remote=True)
    sample = meter.take()
    assert sample.edges == (EdgeRow("a", "b", 5, 3, 2 * 10 + 3 * 100, 0, 300), EdgeRow("c", "b", 1, 1, 11, 0, 11))
    assert (sample.local, sample.remote, sample.bytes) == (2, 4, 311)
    assert meter.take().edges == ()


def test_of_the_messages_of_a_pair_few_are_measured_and_the_others_are_taken_to_be_like_them() -> None:
    meter, sizes = Meter(), iter((70, 60, 50, 40, 30, 20, 10))
    for _ in range(SIZED + 1):
        meter.said("a", "b", 1, lambda: next(sizes), remote=True)
    (row,) = meter.take().edges
    assert list(sizes) == [], "the more there are, the fewer are measured"
    assert row.messages == SIZED + 1
    assert row.bytes == 70 + 2 * 60 + 4 * 50 + 8 * 40 + 16 * 30 + 32 * 20 + 2 * 10


@given(st.integers(0, 2**32))
@settings(max_examples=20)
def test_the_size_of_many_messages_is_about_what_it_is(seed: int) -> None:
    """Sizes that alternate between little and much, told in groups as an instrument does."""
    chance = seeded(seed)
    meter, truth = Meter(), 0
    for _ in range(2000):
        group = [chance.choice((50, 1000)) for _ in range(chance.randint(1, 20))]
        truth += sum(group)
        meter.said("a", "b", len(group), lambda group=group: chance.choice(group), remote=False)  # type: ignore[misc]
    assert meter.take().edges[0].bytes == pytest.approx(truth, rel=0.25)


def test_a_turn_counts_for_those_that_were_not_measured() -> None:
    meter = Meter()
    meter.ran("a", messages=2, seconds=0.1, waiting=3, weight=8)
    (row,) = meter.take().actors
    assert (row.messages, row.waiting, row.deepest) == (16, 3.0, 3)
    assert row.median == pytest.approx(0.05, rel=0.13)
    assert row.seconds == pytest.approx(0.8)


def test_how_many_messages_waited_is_a_mean_and_a_most() -> None:
    meter = Meter()
    for waiting in (1, 1, 10):
        meter.ran("a", messages=1, seconds=0.1, waiting=waiting, weight=16)
    (row,) = meter.take().actors
    assert (row.waiting, row.deepest) == (4.0, 10)


def test_turns_are_counted_by_actor() -> None:
    meter = Meter()
    meter.ran("a", messages=10, seconds=0.1, waiting=12)
    meter.ran("a", messages=1, seconds=0.2, waiting=1)
    meter.ran("b", messages=1, seconds=0.0001, waiting=1)
    sample = meter.take()
    a, b = sample.actors
    assert (a.path, a.messages, a.deepest, b.path) == ("a", 11, 12, "b")
    assert a.seconds == pytest.approx(0.3)
    assert a.median == pytest.approx(0.01, rel=0.13)
    assert a.p99 == pytest.approx(0.2, rel=0.13)
    assert (sample.median, sample.p99) == (a.median, a.p99)


def test_no_more_actors_are_kept_than_may_be() -> None:
    meter = Meter(most_actors=8)
    for number in range(100):
        meter.ran(f"a{number}", 1, 0.001, 1)
        meter.ran("busy", 1, 0.001, 1)
    actors = meter.take().actors
    assert len(actors) <= 8
    assert (actors[0].path, actors[0].messages) == ("busy", 100)


ROWS = (
    EdgeRow("user/a", "user/a/b", 4, 0, 80, 0),
    EdgeRow("user/a", "c/1\udcff", 10, 9, 330, 2, 300),
    EdgeRow("", "user/a", 1, 0, 0, 0),
)
ACTORS = (ActorRow("user/a", 16, 1, 0.25, 1.5, 3, 0.01, 0.02), ActorRow("c/1\udcff", 32, 0, 0.5, 1.0, 1, 0.01, 0.03))


def test_an_edge_list_is_two_tables(tmp_path: Path) -> None:
    file = tmp_path / "edges.csv"
    with Edges(file) as edges:
        edges.write(1.5, "n1", ROWS[:2], ACTORS[:1])
        edges.write(2.5, "n2", ROWS[2:], ACTORS[1:])
    assert file.read_text().splitlines() == [
        "time,node,sender,receiver,messages,remote,bytes,missed,remote_bytes",
        "1.5,n1,user/a,user/a/b,4,0,80,0,0",
        "1.5,n1,user/a,c/1�,10,9,330,2,300",
        "2.5,n2,,user/a,1,0,0,0,0",
    ]
    assert (tmp_path / "edges-actors.csv").read_text().splitlines() == [
        "time,node,actor,messages,missed,seconds,waiting,deepest,p50,p99",
        "1.5,n1,user/a,16,1,0.25,1.5,3,0.01,0.02",
        "2.5,n2,c/1�,32,0,0.5,1.0,1,0.01,0.03",
    ]


def test_an_edge_list_in_parquet_has_the_same_columns(tmp_path: Path) -> None:
    for suffix in (".csv", ".parquet"):
        with Edges(tmp_path / f"edges{suffix}") as edges:
            edges.write(1.5, "n1", ROWS, ACTORS)
            edges.write(2.5, "n2", (), ())
    for name in ("edges", "edges-actors"):
        table = parquet.read_table(tmp_path / f"{name}.parquet").to_pylist()
        with (tmp_path / f"{name}.csv").open(newline="") as file:
            assert [{key: str(value) for key, value in row.items()} for row in table] == list(csv.DictReader(file))
        assert type(table[0]["messages"]) is int


def test_an_edge_list_in_parquet_needs_a_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(FormatError, match=r"python3 -m pip --python .* install pyarrow"):
        Edges(tmp_path / "edges.parquet")


def test_an_edge_list_has_a_known_format(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"edges.xls must end in .csv or .parquet"):
        Edges(tmp_path / "edges.xls")


def group_of(path: str) -> str:
    return "/".join(path.split("/")[:2])


def test_actors_talk_for_their_groups() -> None:
    more = EdgeRow("c/1\udcff", "user/a/b", 10, 10, 100, 0)
    assert traffic((*ROWS, more), group_of, 10.0) == (Traffic("c/1\udcff", "user/a", 2.0, 43.0),)


def test_actors_work_for_their_groups() -> None:
    meter = Meter()
    for path in ("user/a", "user/a/b", ""):
        meter.ran(path, 5, 0.001, 5)
    assert handled(meter.take().actors, group_of, 2.0) == {"user/a": 5.0}
