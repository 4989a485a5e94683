"""Nodes that die while actors move: nobody runs twice, and those that live have missed nothing."""

from collections.abc import Callable
from typing import Any

import pytest

from actors.bases.inline import InlineNode
from actors.bases.values import Values
from actors.cluster.wire import Declined, Drop, Flush, Flushed, Go, Install, Installed, Moved, Settled, Switched, Waits
from tests.support.fast import fast_first
from tests.unit.actors.cluster.moves import Moves

STEPS = (Install, Installed, Declined, Drop, Waits, Go, Moved, Switched, Settled, Flush, Flushed)
TIMES = ("before it is sent", "after it is sent", "before it is taken", "after it is taken")


class Watch:
    """Waits for a step of a move, and has something done at that moment."""

    def __init__(self, moves: Moves, step: type, time: str, then: Callable[[], None]) -> None:
        self.sent: set[type] = set()
        self.taken: set[type] = set()
        self.fired = False
        self._step, self._time, self._then = step, time, then
        for node in moves.cluster.nodes.values():
            self._look_at(node)

    def _look_at(self, node: InlineNode) -> None:
        send, deliver = node.cluster.send, node.cluster.deliver

        def sending(session: Any, sender: Any, to: Any, msg: Any, *rest: Any) -> None:  # noqa: ANN401
            self.sent.add(type(msg))
            self._now(msg, "before it is sent")
            send(session, sender, to, msg, *rest)
            session.flush()  # so that it is under way, and not only about to be
            self._now(msg, "after it is sent")

        def delivering(session: Any, number: int, envelope: Any) -> None:  # noqa: ANN401
            self._now(envelope.message, "before it is taken")
            if node.alive:
                deliver(session, number, envelope)
                self.taken.add(type(envelope.message))
                self._now(envelope.message, "after it is taken")

        node.cluster.send = sending  # type: ignore[method-assign, assignment]
        node.cluster.deliver = delivering  # type: ignore[method-assign]
        for session in node.cluster.sessions.values():
            session._deliver = delivering

    def _now(self, msg: Any, time: str) -> None:  # noqa: ANN401 - any message
        if type(msg) is self._step and time == self._time and not self.fired:
            self.fired = True
            self._then()


EDGES = {
    (Go, "source"),
    (Go, "target"),
    (Moved, "source"),
    (Flushed, "target"),
}
"""Where most can go wrong: these are among the fast tests."""
CASES = [
    pytest.param(step, time, victim, arrives, marks=[] if (step, who) in EDGES else [pytest.mark.e2e])
    for step in STEPS
    for time in TIMES
    for who, victim in (("source", "a"), ("target", "b"), ("neither", "c"))
    for arrives in (False, True)
]


@pytest.mark.parametrize(("step", "time", "victim", "arrives"), CASES)
def test_a_node_that_dies_at_a_step_of_a_move(step: type, time: str, victim: str, arrives: bool) -> None:
    """What the dying node had sent is lost, or arrives; others tell numbers meanwhile."""
    moves = Moves(1, every=0.05)
    if step in {Declined, Drop}:
        moves.cluster.nodes["b"].cluster.moving.arrivals._states = Values()
    watch = Watch(moves, step, time, lambda: moves.kill(victim, arrives=arrives))
    moves.move("one", "b")
    moves.cluster.advance(4.5)
    assert watch.fired
    runs_there = Go in watch.taken
    if (victim == "a" and runs_there) or (victim == "b" and not watch.sent & {Waits, Go}) or victim == "c":
        moves.dead.discard("one")
    moves.settle()
    moves.audit_survivors()


BRIEF = (0.0, 0.0005, 0.003, 0.03)
"""Seconds between moves: many are refused, because an actor is moving already."""
LONG = (0.0, 0.03, 0.1)


MOVES_EACH = 335
"""So many come to their end."""


def moves_and_crashes(seed: int, rounds: int, moves_each: int = 25, pauses: tuple[float, ...] = BRIEF) -> Moves:
    """Move at random; again and again a node dies in the midst, is missed, and comes back with nothing."""
    moves = Moves(seed, every=0.02)
    for _ in range(rounds):
        moves.move_some(moves_each, lambda: moves.rng.choice(pauses))
        victim = moves.rng.choice("abc")
        moves.kill(victim, arrives=moves.rng.random() < 0.5)
        moves.cluster.advance(moves.rng.choice((3.8, 4.5)))
        moves.settle()
        moves.dead |= {path for path in moves.dead if not moves.places(path)}
        moves.audit_survivors()
        moves.begin_anew(victim)
    return moves


@pytest.mark.parametrize("seed", fast_first(range(3)))
def test_nodes_that_die_among_random_moves(seed: int) -> None:
    moves_and_crashes(seed, 2)


@pytest.mark.e2e
@pytest.mark.parametrize("seed", range(100, 130))
def test_ten_thousand_moves_among_which_nodes_die(seed: int) -> None:
    """So many come to their end, with all seeds; others are refused, or their nodes die."""
    moves = moves_and_crashes(seed, 5, 160, LONG)
    assert moves.results.count("") >= MOVES_EACH


@pytest.mark.parametrize("seed", fast_first(range(0, 12, 3)))
def test_what_a_dying_node_had_in_hand_for_one_that_has_left_arrives_once(seed: int) -> None:
    """Others sent it by way of its old place, which had passed some of it on, and had not said so."""
    moves = Moves(seed, every=0.002)
    moves.move("one", "b")
    moves.cluster.advance(0.03 + 0.005 * seed)
    moves.kill("a", arrives=True)
    moves.cluster.advance(0.05)
    moves.rest()
    moves.cluster.advance(4.5)
    moves.settle()
    moves.audit_survivors()
