"""A node is lost while actors move between two others, or only the connection of these two breaks."""

import pytest

from actors import Ref
from actors.cluster.moving import Done
from actors.cluster.wire import Flush, Flushed, Go, Install, Installed, Moved, Settled, Switched, Waits
from tests.contract.actors.tellers import Rest
from tests.support.fast import fast_first
from tests.unit.actors.cluster.moves import ALL, FAMILY, NAMES, Moves
from tests.unit.actors.cluster.test_crashes import TIMES, Watch


def test_who_moves_while_a_node_is_lost_is_told_who_has_ended_there() -> None:
    """The end is told where it was watched from, and the watcher is on its way."""
    moves = Moves(1, every=0.05)
    nodes = moves.cluster.nodes

    def lose_the_third() -> None:
        moves.kill("c", arrives=False)
        for name in "ba":
            nodes[name].cluster.lose("c", "it has been killed")

    watch = Watch(moves, Installed, "before it is taken", lose_the_third)
    moves.move("one", "b")
    moves.cluster.advance(1.0)
    assert watch.fired
    assert moves.results == [""]
    moves.dead.discard("one")
    moves.settle()
    moves.audit_survivors()


def test_who_is_expected_is_known_from_the_beginning_until_it_is_found() -> None:
    moves = Moves(1, every=0.05)
    arrivals = moves.cluster.nodes["b"].cluster.moving.arrivals
    seen: list[bool] = []
    watch = Watch(moves, Go, "before it is taken", lambda: seen.append(arrivals.expects("one")))
    assert not arrivals.expects("one")
    moves.move("one", "b")
    moves.cluster.advance(1.0)
    assert watch.fired
    assert seen == [True]
    assert not arrivals.expects("one")
    assert moves.where("one") == "b"


STEPS = (Install, Installed, Waits, Go, Moved, Switched, Settled, Flush, Flushed)
CASES = [
    pytest.param(step, time, *move, marks=[] if step is Go else [pytest.mark.e2e])
    for step in STEPS
    for time in TIMES
    for move in (("one", "a", "b"), ("two", "b", "c"), ("three", "c", "a"))
]


@pytest.mark.parametrize(("step", "time", "path", "source", "target"), CASES)
def test_only_the_connection_of_the_two_breaks_for_good(
    step: type, time: str, path: str, source: str, target: str
) -> None:
    """The actor runs on one of them, as the third node hears of it, and who has never been cut off misses nothing."""
    moves = Moves(1, every=0.05)
    watch = Watch(moves, step, time, lambda: moves.cluster.cut(source, target))
    moves.move(path, target)
    moves.cluster.advance(5.0)
    assert watch.fired
    places = moves.places(path)
    assert places == ([target] if Go in watch.taken else [source])
    cut_off = {source, target} - set(places)
    together = [one for one in ALL if one != "three/away" and not set(moves.places(one)) & cut_off]
    for one in together:
        moves.cluster.nodes[moves.where(one)].tell(Ref(one), Rest())
    moves.cluster.advance(0.5)
    moves.audit(together)
    moves.cluster.connect(source, target)
    moves.cluster.advance(1.0)
    assert [len(moves.places(one)) for one in ALL] == [1] * len(ALL)


@pytest.mark.parametrize("why", ["it must not come back", "the other node has died, and its name is in use again"])
def test_who_does_not_come_back_has_ended_and_that_is_told(why: str) -> None:
    moves = Moves(1, every=0.05)
    if why == "it must not come back":  # its lease is the other node's already, for example
        moves.cluster.nodes["a"].cluster.moving.departures.may_return = lambda _: False
    else:
        moves.cluster.nodes["b"].cluster.moving.doubts.lost = lambda _: None  # type: ignore[method-assign, assignment]
    watch = Watch(moves, Go, "before it is sent", lambda: moves.cluster.cut("a", "b"))
    moves.move("one", "b")
    moves.cluster.advance(5.0)
    assert watch.fired
    assert moves.places("one") == []
    assert moves.teller("two").downs.count("one") == 1
    assert moves.teller("three").downs.count("one") == 1


def test_what_is_let_go_where_it_was_refused_does_not_run(caplog: pytest.LogCaptureFixture) -> None:
    moves = Moves(1, every=0.05)
    arrivals = moves.cluster.nodes["b"].cluster.moving.arrivals
    watch = Watch(moves, Go, "before it is taken", lambda: arrivals.refuse("a", arrivals.groups[0].number))
    moves.move("one", "b")
    moves.cluster.advance(0.1)
    assert watch.fired
    assert moves.places("one") == []
    assert "node a lets go what was not installed here" in caplog.messages


@pytest.mark.parametrize("seed", fast_first(range(4)))
def test_connections_that_break_for_good_among_random_moves(seed: int) -> None:
    """Nobody who has no parent on another node is anywhere but on one node, whatever happens to connections."""
    moves = Moves(seed, every=0.05)
    for _ in range(6):
        moves.move_some(10, lambda: moves.rng.choice((0.0, 0.0005, 0.003, 0.03)))
        one, other = sorted(moves.rng.sample("abc", 2))
        moves.cluster.cut(one, other)
        moves.move_some(10, lambda: moves.rng.choice((0.0, 0.003, 0.03)))
        moves.cluster.advance(5.0)
        assert [len(moves.places(path)) for path in (*NAMES, FAMILY)] == [1] * 4
        moves.cluster.connect(one, other)
        moves.cluster.advance(1.0)
        assert [len(moves.places(path)) for path in (*NAMES, FAMILY)] == [1] * 4
    assert moves.results.count("") >= 10


def test_who_is_taken_back_is_told_of_the_end_of_who_has_left_meanwhile() -> None:
    """It watched an actor of the same node, which moved away while it was frozen itself."""
    moves = Moves(1, every=0.05)
    moves.move("one", "b")
    moves.cluster.advance(0.5)
    moves.cluster.nodes["a"].cluster.for_node[Install] = lambda *_: None
    moves.move("one", "a")
    moves.move("two", "c")
    moves.cluster.advance(1.5)
    assert (moves.where("one"), moves.where("two")) == ("b", "c")
    assert moves.results[-1] == "node a was not ready within 1 s"
    moves.kill("c", arrives=False)
    moves.cluster.advance(4.5)
    assert "two" in moves.teller("one").downs


def test_what_has_died_with_a_node_that_is_back_at_once_has_ended() -> None:
    """It had come there just before, and a third node hears of that when the new process is its neighbour already."""
    moves = Moves(1, every=0.05)
    watch = Watch(moves, Go, "after it is taken", lambda: moves.kill("c", arrives=False))
    moves.move("one", "c")
    moves.cluster.advance(0.1)
    assert watch.fired
    moves.cluster.restart("c")
    moves.cluster.advance(0.1)
    assert moves.places("one") == []
    assert "one" in moves.teller("two").downs
    moves.kill("c", arrives=False)
    there = moves.cluster.nodes["b"].cluster
    there.lose("c", "it has been killed again")
    assert there.losses.open, "the other node has said that of the first process"


def test_whose_lease_was_given_to_a_node_that_is_lost_has_ended_and_that_is_told() -> None:
    moves = Moves(1, every=0.05)
    asked: list[Done] = []
    moves.cluster.nodes["c"].cluster.moving.departures.confirm = lambda _, __, done: asked.append(done)
    moves.move("three", "b")
    moves.cluster.advance(0.5)
    moves.kill("b", arrives=False)
    moves.cluster.advance(3.0)
    assert moves.teller("one").downs.count("three") == 0
    (done,) = asked
    done("")
    moves.cluster.advance(0.5)
    assert moves.places("three") == []
    assert moves.teller("one").downs.count("three") == 1


def test_who_comes_to_where_an_end_was_told_already_is_told_of_it() -> None:
    """One node hears of a third that has died for a moment longer than the other, to which it lets a watcher go."""
    moves = Moves(1, every=0.05)
    moves.rest()
    moves.cluster.advance(0.5)
    moves.kill("c", arrives=False)
    here, there = (moves.cluster.nodes[name].cluster for name in "ab")
    here.lose("c", "it has been killed")
    here.losses.hears("c", here.sessions["b"])
    assert not here.losses.open
    moves.move("two", "a")
    moves.cluster.advance(0.2)
    assert moves.where("two") == "a"
    assert "c" in there.sessions
    moves.cluster.advance(3.0)
    assert moves.teller("two").downs.count("three") == 1


def test_a_move_has_come_to_its_end_when_the_other_node_has_the_actor() -> None:
    """Not when it is let go: the node that lets it go may end together with what it has not sent."""
    moves = Moves(1, every=0.05)
    seen: list[list[str]] = []
    watch = Watch(moves, Go, "before it is taken", lambda: seen.append(list(moves.results)))
    moves.move("one", "b")
    moves.cluster.advance(1.0)
    assert watch.fired
    assert seen == [[]]
    assert moves.results == [""]
