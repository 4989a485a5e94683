"""Token buckets (row LIM-01)."""

from hypothesis import given
from hypothesis import strategies as st

from soju_actors.policy.rate import TokenBucket


def test_a_burst_then_one_in_each_interval() -> None:
    bucket = TokenBucket(burst=10, every=2.0)
    assert sum(bucket.take(100.0) for _ in range(50)) == 10
    assert bucket.wait(100.0) == 2.0
    assert [bucket.take(now) for now in (101.9, 102.0, 102.1, 103.9, 104.0)] == [False, True, False, False, True]


def test_an_idle_bucket_fills_up_but_no_further() -> None:
    bucket = TokenBucket(burst=3, every=1.0)
    assert sum(bucket.take(0.0) for _ in range(5)) == 3
    assert bucket.until_full(0.0) == 3.0
    assert bucket.until_full(1000.0) == 0.0
    assert sum(bucket.take(1000.0) for _ in range(5)) == 3


def test_without_an_interval_there_is_no_limit() -> None:
    bucket = TokenBucket(burst=1, every=0.0)
    assert all(bucket.take(0.0) for _ in range(1000))


@given(st.lists(st.floats(0, 30), max_size=60), st.integers(1, 5), st.floats(0.01, 10))
def test_no_interval_has_more_than_the_burst_and_its_share(steps: list[float], burst: int, every: float) -> None:
    bucket = TokenBucket(burst, every)
    now = 1000.0
    taken: list[float] = []
    for step in steps:
        now += step
        while bucket.take(now):
            taken.append(now)
    for i, first in enumerate(taken):
        for n, last in enumerate(taken[i:], start=1):
            assert n <= burst + (last - first) / every + 0.01


@given(st.lists(st.floats(0, 5), max_size=30), st.floats(0.01, 10))
def test_after_the_wait_there_is_a_token(steps: list[float], every: float) -> None:
    bucket = TokenBucket(2, every)
    now = 1e6
    for step in steps:
        now += step
        bucket.take(now)
    now += bucket.wait(now)
    assert bucket.take(now)
