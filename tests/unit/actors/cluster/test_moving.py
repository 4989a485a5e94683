"""Moves: order, nothing lost, nothing twice, whatever happens on the way."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from actors import Ref
from actors.bases.inline import InlineCluster
from actors.bases.values import Values
from actors.cluster.moving import MoveError
from tests.contract.actors.tellers import PACKAGE, Rest, Teller, TellerArgs, spec

NAMES = ("one", "two", "three")
FAMILY = "two/child"
ALL = (*NAMES, FAMILY, "three/away")


class Moves:
    """Three nodes on which actors tell each other numbers, and a seeded hand that moves them."""

    def __init__(self, seed: int, *, ballast: int = 0) -> None:
        self.rng = random.Random(seed)  # noqa: S311 - a test that repeats
        self.cluster = InlineCluster("abc", seed=seed, lag=lambda _, __, rng: rng.choice(LAGS), packages=(PACKAGE,))
        self.results: list[str] = []
        for node in self.cluster.nodes.values():
            node.cluster.placer = lambda _, __: self.rng.choice("abc")
        for home, name in zip("abc", NAMES, strict=True):
            children = ("child",) if name == "two" else ()
            away = ("away",) if name == "three" else ()
            others = tuple(other for other in ALL if other != name)
            args = TellerArgs(others, 0.004, children, away, ballast)
            self.cluster.nodes[home].spawn(spec(name, args))
        self.cluster.advance(0.5)

    def where(self, path: str) -> str:
        node = self.cluster.node_of(Ref(path))
        return "" if node is None else node.name

    def move(self, path: str, to: str) -> None:
        """Begin a move, if it can be."""
        node = self.cluster.node_of(Ref(path))
        if node is None or node.name == to or not self.cluster.nodes[to].alive:
            return
        try:
            node.cluster.moving.move(path, to, self.results.append)
        except MoveError as error:
            self.results.append(str(error))

    def move_some(self, count: int, between: Callable[[], float]) -> None:
        for _ in range(count):
            self.move(self.rng.choice(NAMES), self.rng.choice("abc"))
            self.cluster.advance(between())

    def teller(self, path: str) -> Teller:
        node = self.cluster.node_of(Ref(path))
        assert node is not None, f"{path} runs nowhere"
        actor = node.actor(Ref(path))
        assert isinstance(actor, Teller)
        return actor

    def settle(self) -> None:
        """Let all moves end, everybody rest, and everything arrive."""
        self.cluster.advance(1.5)
        for path in ALL:
            if (node := self.cluster.node_of(Ref(path))) is not None:
                node.tell(Ref(path), Rest())
        self.cluster.advance(0.5)

    def audit(self, paths: tuple[str, ...] = ALL) -> None:
        """Check that each has heard all that each other has said, once and in order."""
        tellers = {path: self.teller(path) for path in paths}
        for path, teller in tellers.items():
            assert teller.complaints == []
            for other, said in teller.said.items():
                if other in tellers and other != path:
                    assert tellers[other].heard.get(path, 0) == said, f"{path} → {other}"


LAGS = (0.0002, 0.0005, 0.001, 0.02)


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


@pytest.mark.parametrize("seed", range(5))
def test_many_moves_lose_nothing_and_keep_the_order(seed: int) -> None:
    moves = Moves(seed)
    moves.move_some(200, lambda: moves.rng.choice((0.0, 0.0005, 0.003, 0.03)))
    moves.settle()
    moves.audit()
    assert moves.results.count("") >= 15


@pytest.mark.parametrize("seed", range(5))
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
