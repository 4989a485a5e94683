"""A node is lost while actors move between two others, or only the connection of these two breaks."""

from actors.cluster.wire import Go, Installed
from tests.unit.actors.cluster.moves import Moves
from tests.unit.actors.cluster.test_crashes import Watch


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
