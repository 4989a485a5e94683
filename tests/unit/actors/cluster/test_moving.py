"""Moves: order, nothing lost, nothing twice, whatever happens on the way."""

from typing import Any

import pytest

from actors import Ref
from actors.bases.values import Values
from actors.cluster.moving import MoveError
from tests.support.fast import fast_first
from tests.unit.actors.cluster.moves import FAMILY, Moves


def test_an_actor_moves_with_its_state_and_its_children_and_goes_on() -> None:
    moves = Moves(0)
    before = moves.teller("two").turns
    moves.move("two", "c")
    moves.cluster.advance(1.0)
    assert moves.results == [""]
    assert (moves.where("two"), moves.where(FAMILY)) == ("c", "c")
    assert moves.teller("two").turns > before + 50
    assert moves.teller("two").moves == moves.teller(FAMILY).moves == 1
    moves.settle()
    moves.audit()


def test_a_child_that_was_placed_for_itself_stays_and_is_still_a_child() -> None:
    moves = Moves(0)
    away = moves.where("three/away")
    moves.move("three", "a")
    moves.cluster.advance(1.0)
    assert moves.where("three") == "a"
    assert moves.where("three/away") == away
    moves.settle()
    moves.audit()
    node = moves.cluster.node_of(Ref("three"))
    assert node is not None
    node.stop(Ref("three"))
    moves.cluster.advance(1.0)
    assert moves.where("three") == moves.where("three/away") == ""


@pytest.mark.parametrize("seed", fast_first(range(5)))
def test_many_moves_lose_nothing_and_keep_the_order(seed: int) -> None:
    moves = Moves(seed)
    moves.move_some(200, lambda: moves.rng.choice((0.0, 0.0005, 0.003, 0.03)))
    moves.settle()
    moves.audit()
    assert moves.results.count("") >= 15


@pytest.mark.parametrize("seed", fast_first(range(5)))
def test_connections_that_break_meanwhile_change_nothing(seed: int) -> None:
    moves = Moves(seed)
    for _ in range(40):
        moves.move_some(2, lambda: moves.rng.choice((0.0, 0.001)))
        one, other = sorted(moves.rng.sample("abc", 2))
        moves.cluster.cut(one, other)
        moves.cluster.advance(moves.rng.choice((0.0, 0.001, 0.4)))
        moves.cluster.connect(one, other)
        moves.cluster.advance(0.01)
    moves.settle()
    moves.audit()
    assert moves.results.count("") >= 10


def test_what_cannot_move_says_why() -> None:
    moves = Moves(0)
    mover = moves.cluster.nodes["a"].cluster.moving
    with pytest.raises(MoveError, match="node z is not connected"):
        mover.move("one", "z")
    with pytest.raises(MoveError, match="nobody does not run on node a"):
        mover.move("nobody", "b")
    moves.move("one", "b")
    with pytest.raises(MoveError, match="one does not run on node a"):
        mover.move("one", "c")


def test_a_state_that_cannot_travel_stays() -> None:
    moves = Moves(0)
    teller: Any = moves.teller("one")
    teller.ballast = lambda: None
    moves.move("one", "b")
    assert moves.results[0].startswith("one.ballast: ")
    moves.cluster.advance(1.0)
    assert moves.where("one") == "a"


def test_an_actor_whose_class_is_not_allowed_there_goes_on_here() -> None:
    moves = Moves(0)
    there = moves.cluster.nodes["b"].cluster.moving.arrivals
    there._states = Values()
    moves.move("one", "b")
    moves.cluster.advance(1.0)
    assert "may not" in moves.results[0] or "not allowed" in moves.results[0], moves.results
    assert moves.where("one") == "a"
    moves.settle()
    moves.audit()
