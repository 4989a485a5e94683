"""When a child is started again."""

import random

from hypothesis import given
from hypothesis import strategies as st

from actors import ChildSpec, Restart
from actors.restarts import Restarts, wants_restart

SPEC = ChildSpec("child", "module:Actor")


@given(st.integers(0, 20), st.floats(0.001, 10.0), st.floats(1.0, 100.0), st.randoms(use_true_random=False))
def test_pauses_are_within_their_bounds_and_counted(
    intensity: int, first: float, factor: float, rng: random.Random
) -> None:
    most = first * factor
    spec = ChildSpec("child", "module:Actor", intensity=intensity, backoff=(first, most))
    restarts = Restarts()
    for number in range(intensity):
        delay = restarts.delay(spec, 1.0, rng)
        whole = min(first * 2.0**number, most)
        assert delay is not None
        assert whole / 2 <= delay <= whole
    assert restarts.delay(spec, 1.0, rng) is None


def test_what_lies_further_back_than_the_period_is_forgotten() -> None:
    spec = ChildSpec("child", "module:Actor", intensity=2, period=10.0)
    restarts, rng = Restarts(), random.Random(0)  # noqa: S311
    delays = [restarts.delay(spec, now, rng) for now in (0.0, 5.0, 9.9, 10.1, 16.0)]
    assert [delay is None for delay in delays] == [False, False, True, False, False]


def test_permanent_always_transient_after_failure_temporary_never() -> None:
    table = {(kind, failed): wants_restart(_spec(kind), failed=failed) for kind in Restart for failed in (True, False)}
    assert {pair for pair, wanted in table.items() if wanted} == {
        (Restart.PERMANENT, True),
        (Restart.PERMANENT, False),
        (Restart.TRANSIENT, True),
    }


def _spec(restart: Restart) -> ChildSpec:
    return ChildSpec("child", "module:Actor", restart=restart)
