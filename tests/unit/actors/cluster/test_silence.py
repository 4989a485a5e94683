"""When a node is lost: within two seconds of its last sign of life, and not because it is busy."""

import random

import pytest

from actors.bases.inline import InlineCluster
from actors.cluster.cluster import BEAT, LAST_LOOK, SILENCE_MOST
from soju_actors.config.clustering import BEATS_OF_SILENCE

PROMISED = 2.0
"""Seconds."""
BUSY = 0.5
"""Seconds for which a loop may do one thing."""
LAG = 0.1
FINE = 0.01


def until_lost(cluster: InlineCluster, by: str, name: str) -> float:
    """Return the virtual seconds until a node has lost another."""
    began = cluster.world.clock.time
    while name in cluster.nodes[by].cluster.sessions:
        assert cluster.world.clock.time - began < 2 * PROMISED
        cluster.advance(FINE)
    return cluster.world.clock.time - began


@pytest.mark.parametrize("phase", [BEAT * part / 10 for part in range(10)])
@pytest.mark.parametrize("lag", [0.0, LAG])
def test_a_node_that_hangs_is_lost_within_two_seconds_whenever_that_began(phase: float, lag: float) -> None:
    cluster = InlineCluster("abc", lag=lambda *_: lag)
    cluster.advance(5.0 + phase)
    cluster.hang("b", 60.0)
    taken = until_lost(cluster, "a", "b")
    assert "c" in cluster.nodes["a"].cluster.sessions
    assert BUSY < taken < PROMISED - LAG


@pytest.mark.parametrize("phase", [BEAT * part / 10 for part in range(10)])
def test_it_is_lost_within_two_seconds_by_a_node_that_is_busy_then(phase: float) -> None:
    cluster = InlineCluster("ab")
    cluster.advance(5.0)
    cluster.hang("b", 60.0)
    cluster.advance(SILENCE_MOST * BEAT - phase)
    cluster.hang("a", BUSY - LAST_LOOK)
    assert until_lost(cluster, "a", "b") + SILENCE_MOST * BEAT - phase < PROMISED + FINE


@pytest.mark.parametrize("phase", [BEAT * part / 10 for part in range(10)])
def test_a_connection_that_is_cut_is_noticed_as_soon(phase: float) -> None:
    cluster = InlineCluster("ab")
    cluster.advance(5.0 + phase)
    cluster.cut("a", "b")
    assert until_lost(cluster, "a", "b") < PROMISED - LAG


@pytest.mark.parametrize("seed", range(10))
def test_nodes_that_are_busy_again_and_again_lose_nobody(seed: int, caplog: pytest.LogCaptureFixture) -> None:
    """Each does one thing for up to twice as long as it should, then has to speak, on a slow network."""
    rng = random.Random(seed)  # noqa: S311 - a test that repeats
    cluster = InlineCluster("abc", seed=seed, lag=lambda _, __, chance: chance.uniform(0.0, LAG))
    free = dict.fromkeys("abc", 0.0)
    for _ in range(300):
        name, now = min(free, key=lambda name: (free[name], rng.random())), cluster.world.clock.time
        busy = rng.uniform(0.0, 2 * BUSY)
        if free[name] <= now:
            cluster.hang(name, busy)
            free[name] = now + busy + FINE
        cluster.advance(rng.uniform(0.0, BUSY))
    assert caplog.messages == []


def test_what_has_come_while_a_node_was_busy_is_read_before_its_sender_is_lost(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A busy node looks at the time before it reads: it must not take its own silence for that of others."""
    cluster = InlineCluster("ab", lag=lambda *_: LAG)
    cluster.advance(10.0 + LAG / 2)
    session = cluster.nodes["a"].cluster.sessions["b"]
    cluster.hang("a", SILENCE_MOST * BEAT - LAG)
    cluster.advance(SILENCE_MOST * BEAT - LAG - FINE)
    assert cluster.world.clock.time + FINE - session.heard > SILENCE_MOST * BEAT
    cluster.advance(1.0)
    assert caplog.messages == []


def test_a_node_ceases_to_act_only_after_all_have_lost_it() -> None:
    """The margin of a lease has room for the silence, the last look and a loop that is busy."""
    assert BEATS_OF_SILENCE * BEAT >= SILENCE_MOST * BEAT + BUSY > SILENCE_MOST * BEAT + LAST_LOOK
