"""What the strategies propose to move."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from actors.placement import (
    BUILT_IN,
    Group,
    Limits,
    Load,
    Measure,
    Move,
    Node,
    Peer,
    Request,
    Side,
    Spec,
    Strategy,
    Traffic,
    View,
)
from actors.placement.filters import is_allowed
from actors.placement.strategies.exchange import Graph
from tests.support.views import chatter, seeded, views

PLANNERS = {name: strategy for name, strategy in BUILT_IN.items() if strategy.propose}
each_planner = pytest.mark.parametrize("strategy", PLANNERS.values(), ids=list(PLANNERS))
ANYTIME = Limits(rest=0.0)


def proposals(strategy: Strategy, view: View, limits: Limits = ANYTIME) -> tuple[Move, ...]:
    assert strategy.propose is not None
    return strategy.propose(view, limits, seeded(0))


def after(view: View, moves: tuple[Move, ...]) -> View:
    for move in moves:
        view = view.moved(move.unit, move.target)
    return view


def settled(strategy: Strategy, view: View, limits: Limits = ANYTIME, rounds: int = 100) -> View:
    """The view when a strategy wants nothing any more."""
    for _ in range(rounds):
        moves = proposals(strategy, view, limits)
        if not moves:
            return view
        view = after(view, moves)
    raise AssertionError(f"{strategy.name} still proposes {moves}")


def cut(view: View) -> float:
    """Messages in a second between groups on different nodes."""
    return sum(pair.messages for pair in view.traffic if _node(view, pair.a) != _node(view, pair.b))


def _node(view: View, unit: str) -> str:
    return view.group[unit].node if unit in view.group else ""


@each_planner
@given(view=views)
def test_each_move_may_be_done_in_its_turn(strategy: Strategy, view: View) -> None:
    moves = proposals(strategy, view, Limits(moves=3))
    assert len(moves) <= 3
    assert len({move.unit for move in moves}) == len(moves)
    for move in moves:
        group = view.group[move.unit]
        assert group.node == move.source != move.target
        assert not group.spec.sockets
        assert not group.spec.pinned
        assert group.settled >= 60
        assert is_allowed(Request(group.spec, group.node), view, view.node[move.target])
        view = view.moved(move.unit, move.target)


@each_planner
@given(view=views)
def test_a_plan_that_is_followed_comes_to_an_end(strategy: Strategy, view: View) -> None:
    settled(strategy, view, Limits(rest=0.0, moves=2))


@given(views)
def test_balance_never_makes_the_busiest_node_busier(view: View) -> None:
    def most(view: View) -> float:
        return max(sum(g.spec.weight for g in view.groups_on[n.name]) / n.capacity for n in view.nodes)

    assert most(settled(BUILT_IN["least-loaded"], view)) <= most(view) + 1e-9


def test_balance_ends_when_the_nodes_count_as_balanced() -> None:
    view = View((Node("a"), Node("b", capacity=2000.0)), tuple(Group(Spec(f"u{n:02}"), "a") for n in range(30)))
    counts = Counter(group.node for group in settled(BUILT_IN["power-of-two"], view).groups)
    assert counts == {"a": 12, "b": 18}, "10 and 20 would be even, and 20 % more is even enough"


def test_balance_lets_a_node_alone_whose_one_group_is_heavy() -> None:
    view = View((Node("a"), Node("b")), (Group(Spec("u", weight=500.0), "a"),))
    assert proposals(BUILT_IN["least-loaded"], view) == ()


def test_spread_evens_zones_and_then_nodes() -> None:
    nodes = (Node("a", zone="x"), Node("b", zone="x"), Node("c", zone="y"))
    view = View(nodes, tuple(Group(Spec(f"u{number}"), "a") for number in range(8)))
    counts = Counter(group.node for group in settled(BUILT_IN["spread"], view).groups)
    assert counts == {"a": 2, "b": 2, "c": 4}


def test_pack_empties_the_emptiest_node() -> None:
    groups = (Group(Spec("u", weight=100.0), "a"), Group(Spec("v", weight=30.0), "b"), Group(Spec("w"), "b"))
    view = settled(BUILT_IN["pack"], View((Node("a"), Node("b"), Node("c")), groups))
    assert {group.node for group in view.groups} == {"a"}


@pytest.mark.parametrize(
    "stays", [Spec("w", pinned="b"), Spec("w", weight=700.0), Spec("w", needs={"disk": True})], ids=str
)
def test_pack_does_not_begin_what_it_cannot_end(stays: Spec) -> None:
    groups = (Group(Spec("u", weight=710.0), "a"), Group(Spec("v"), "b"), Group(stays, "b"))
    assert proposals(BUILT_IN["pack"], View((Node("a"), Node("b", capabilities={"disk": True})), groups)) == ()


def test_pack_empties_a_node_of_all_but_its_sockets() -> None:
    groups = (
        Group(Spec("u", weight=100.0), "a"),
        Group(Spec("v"), "b"),
        Group(Spec("here", sockets=True), "b"),
        Group(Spec("there", sockets=True), "c"),
    )
    view = settled(BUILT_IN["pack"], View((Node("a"), Node("b"), Node("c")), groups))
    assert {group.unit: group.node for group in view.groups} == {"u": "a", "v": "a", "here": "b", "there": "c"}


def test_pack_fills_nodes_to_their_capacity_and_no_busy_one() -> None:
    nodes = tuple(Node(name, capacity=10.0) for name in "abc")
    groups = tuple(Group(Spec(f"u{number:02}"), "abc"[number % 3]) for number in range(17))
    places = Counter(group.node for group in settled(BUILT_IN["pack"], View(nodes, groups)).groups)
    assert sorted(places.values()) == [7, 10]
    busy = tuple(replace(node, load=Load(busy=Measure(0.9))) for node in nodes)
    assert proposals(BUILT_IN["pack"], View(busy, groups)) == ()


def test_a_new_node_gets_what_its_hashes_say() -> None:
    old = View((Node("a"), Node("b")), tuple(Group(Spec(f"u{number}"), "a") for number in range(40)))
    old = settled(BUILT_IN["rendezvous"], old)
    moves = proposals(BUILT_IN["rendezvous"], replace(old, nodes=(*old.nodes, Node("c"))), Limits(moves=40, rest=0.0))
    assert {move.target for move in moves} == {"c"}
    assert 5 <= len(moves) <= 22


def test_a_group_follows_its_clients_for_what_is_worth_it() -> None:
    def moves(there: float) -> list[str]:
        peers = (Peer(Side.CLIENT, "a"), Peer(Side.CLIENT, "b", weight=there))
        view = View((Node("a", zone="x"), Node("b", zone="y")), (Group(Spec("u", peers=peers), "a"),))
        return [move.target for move in proposals(BUILT_IN["near-client"], view)]

    assert (moves(1.05), moves(2.0)) == ([], ["b"])


def test_a_group_goes_where_somebody_outside_says() -> None:
    view = View((Node("a"), Node("b")), (Group(Spec("u"), "a"), Group(Spec("v"), "a")), answers={"u": "b"})
    assert [(move.unit, move.target) for move in proposals(BUILT_IN["external"], view)] == [("u", "b")]


@given(chatter, st.sampled_from([1, 2, 5, 16]), st.sampled_from([0.0, 0.2]))
def test_an_exchange_never_raises_the_cut_and_keeps_the_balance(view: View, most: int, tolerance: float) -> None:
    limits = Limits(moves=most, rest=0.0, gain=0.0, least=0.0, tolerance=tolerance)
    moves = proposals(BUILT_IN["exchange"], view, limits)
    new = after(view, moves)
    assert cut(new) <= cut(view) + 1e-6
    for one, other in {frozenset((move.source, move.target)) for move in moves}:
        before, now = _excess(view, one, other), _excess(new, one, other)
        assert now <= max(before, tolerance) + 1e-6


def _excess(view: View, one: str, other: str) -> float:
    """How far the busier of two nodes is above their mean."""
    loads, nodes = Graph(view).loads, view.node
    mean = (loads[one] + loads[other]) / (nodes[one].capacity + nodes[other].capacity)
    return max(loads[name] / nodes[name].capacity for name in (one, other)) / mean - 1 if mean else 0.0


@given(chatter)
def test_what_an_exchange_says_it_saves_is_saved(view: View) -> None:
    moves = proposals(BUILT_IN["exchange"], view)
    assert cut(view) - cut(after(view, moves)) == pytest.approx(sum(move.gain for move in moves), abs=1e-6)


def talk(*pairs: tuple[str, str, float]) -> tuple[Traffic, ...]:
    return tuple(Traffic(*pair) for pair in pairs)


def test_two_pairs_of_friends_find_together() -> None:
    groups = (Group(Spec("u"), "a"), Group(Spec("v"), "b"), Group(Spec("w"), "a"), Group(Spec("x"), "b"))
    view = View((Node("a"), Node("b")), groups, talk(("u", "v", 50), ("w", "x", 50)))
    view = settled(BUILT_IN["exchange"], view)
    assert cut(view) == 0
    assert Counter(group.node for group in view.groups) == {"a": 2, "b": 2}


def test_a_user_follows_its_sockets_which_stay() -> None:
    groups = (Group(Spec("user"), "a"), Group(Spec("client", sockets=True), "b"), Group(Spec("other"), "b"))
    view = View((Node("a"), Node("b")), groups, talk(("client", "user", 50)))
    limits = Limits(rest=0.0, tolerance=1.0)
    assert [(move.unit, move.target) for move in proposals(BUILT_IN["exchange"], view, limits)] == [("user", "b")]


def test_noise_moves_nothing_back() -> None:
    def view(there: float) -> View:
        groups = (Group(Spec("u"), "a"), Group(Spec("s", sockets=True), "a"), Group(Spec("t", sockets=True), "b"))
        return View((Node("a"), Node("b")), groups, talk(("u", "s", 50), ("u", "t", there)))

    limits = Limits(rest=0.0, tolerance=1.0)
    assert proposals(BUILT_IN["exchange"], view(58), limits) == (), "less than a tenth of what it says would be saved"
    assert proposals(BUILT_IN["exchange"], view(65), limits) != ()
