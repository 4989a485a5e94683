"""Counting messages and turns in bounded memory."""

import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.measure import EdgeRow, Histogram, Meter
from actors.measure.edges import FormatError, open_edges
from actors.measure.histogram import BUCKETS, UNIT, bucket_of, start_of
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
        meter.stayed(name, "b")
    sample = meter.take()
    kept = {row.sender: row for row in sample.edges}
    assert len(kept) <= most
    assert sample.local == 1000
    for name, row in kept.items():
        assert row.messages <= truth[name] <= row.messages + row.missed
    assert {name for name, count in truth.items() if count > 2 * 1000 / most} <= set(kept)


def test_each_number_of_a_pair_is_its_own() -> None:
    meter = Meter()
    meter.stayed("a", "b")
    meter.left("a", "b", lambda: 100)
    meter.left("c", "b", lambda: 11)
    sample = meter.take()
    assert sample.edges == (EdgeRow("a", "b", 2, 1, 100, 0), EdgeRow("c", "b", 1, 1, 11, 0))
    assert (sample.local, sample.remote, sample.bytes) == (1, 2, 111)
    assert meter.take().edges == ()


def test_one_message_in_eight_is_measured_and_the_others_are_taken_to_be_like_it() -> None:
    meter, sizes = Meter(), iter((100, 30))
    for _ in range(10):
        meter.left("a", "b", lambda: next(sizes))
    assert meter.take().edges == (EdgeRow("a", "b", 10, 10, 8 * 100 + 2 * 30, 0),)


def test_a_turn_counts_for_those_that_were_not_measured() -> None:
    meter = Meter()
    meter.ran("a", messages=2, seconds=0.1, waiting=3, weight=8)
    (row,) = meter.take().actors
    assert (row.messages, row.deepest) == (16, 3)
    assert row.median == pytest.approx(0.05, rel=0.13)
    assert row.seconds == pytest.approx(0.8)


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
    EdgeRow("user/a", "user/a/b", 4, 0, 0, 0),
    EdgeRow("user/a", "c/1\udcff", 10, 10, 300, 2),
    EdgeRow("", "user/a", 1, 0, 0, 0),
)


def test_an_edge_list_is_a_table(tmp_path: Path) -> None:
    file = tmp_path / "edges.csv"
    with open_edges(file) as edges:
        edges.write(1.5, "n1", ROWS[:2])
        edges.write(2.5, "n2", ROWS[2:])
    assert file.read_text().splitlines() == [
        "time,node,sender,receiver,messages,remote,bytes,missed",
        "1.5,n1,user/a,user/a/b,4,0,0,0",
        "1.5,n1,user/a,c/1�,10,10,300,2",
        "2.5,n2,,user/a,1,0,0,0",
    ]


def test_an_edge_list_in_parquet_needs_a_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(FormatError, match=r"python3 -m pip --python .* install pyarrow"):
        open_edges(tmp_path / "edges.parquet")


def test_an_edge_list_has_a_known_format(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"edges.xls must end in .csv or .parquet"):
        open_edges(tmp_path / "edges.xls")


def group_of(path: str) -> str:
    return "/".join(path.split("/")[:2])


def test_actors_talk_for_their_groups() -> None:
    more = EdgeRow("c/1\udcff", "user/a/b", 10, 10, 100, 0)
    assert traffic((*ROWS, more), group_of, 10.0) == (Traffic("c/1\udcff", "user/a", 2.0, 40.0),)


def test_actors_work_for_their_groups() -> None:
    meter = Meter()
    for path in ("user/a", "user/a/b", ""):
        meter.ran(path, 5, 0.001, 5)
    assert handled(meter.take().actors, group_of, 2.0) == {"user/a": 5.0}
