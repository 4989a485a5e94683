"""When to connect again (better than row LIF-08)."""

import random

import pytest

from soju_actors.policy.backoff import Backoff


class NoChance(random.Random):
    """Adds no jitter."""

    def random(self) -> float:
        return 0.0


class MostChance(random.Random):
    """Adds all of the jitter."""

    def random(self) -> float:
        return 1.0


def delays(backoff: Backoff, *ends: tuple[float | None, bool]) -> list[float]:
    return [backoff.delay(up, clean=clean, rng=NoChance()) for up, clean in ends]


def test_failures_in_a_row_wait_longer_and_longer() -> None:
    assert delays(Backoff(), *[(None, False)] * 9) == [5, 15, 30, 60, 120, 240, 600, 600, 600]


def test_the_first_retry_after_a_clean_end_is_immediate() -> None:
    assert delays(Backoff(), (10.0, True), (10.0, True), (10.0, True)) == [0, 5, 15]


def test_a_read_error_is_not_retried_at_once() -> None:
    assert delays(Backoff(), (10.0, False), (10.0, False)) == [5, 15]


@pytest.mark.parametrize(
    ("up", "clean", "after"),
    [
        (3600.0, True, 0),
        (60.0, True, 0),
        (59.0, True, 60),
        (3600.0, False, 5),
        (3599.0, False, 60),
        (None, True, 60),
    ],
)
def test_a_stable_connection_starts_the_delays_anew(up: float | None, clean: bool, after: float) -> None:
    backoff = Backoff()
    delays(backoff, *[(None, False)] * 3)
    assert delays(backoff, (up, clean)) == [after]


def test_a_person_starts_the_delays_anew() -> None:
    backoff = Backoff()
    delays(backoff, *[(None, False)] * 5)
    backoff.reset()
    assert delays(backoff, (None, False)) == [5]


def test_chance_adds_up_to_a_quarter_but_never_to_the_immediate_retry() -> None:
    backoff = Backoff()
    assert [backoff.delay(10.0, clean=True, rng=MostChance()) for _ in range(3)] == [0, 6.25, 18.75]
