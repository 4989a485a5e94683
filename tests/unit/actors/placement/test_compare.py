"""What strategies would make of a cluster."""

import msgspec
import pytest

from actors.placement import BUILT_IN, Group, Limits, Node, Peer, Side, Spec, Traffic, View
from actors.placement.compare import busiest, outcome, remote_share
from actors.placement.sample import sample
from tests.support.views import seeded

PEERS = (Peer(Side.CLIENT, "b"),)
SMALL = View(
    (Node("a"), Node("b")),
    (
        Group(Spec("u", peers=PEERS), "a", messages=30.0),
        Group(Spec("v", pinned="a"), "a", messages=10.0),
        Group(Spec("s", sockets=True), "b", messages=20.0),
    ),
    (Traffic("u", "s", 20.0), Traffic("u", "v", 5.0), Traffic("u", "gone", 99.0)),
)


def test_what_crosses_and_what_is_busy_is_measured() -> None:
    assert remote_share(SMALL) == pytest.approx(0.8)
    assert busiest(SMALL) == pytest.approx(40 / 30)


def test_what_can_move_is_placed_anew_and_the_rest_stays() -> None:
    near = outcome(BUILT_IN["zone-aware"], SMALL, seeded(0), Limits())
    assert near.remote == pytest.approx(0.2)
    assert near.busiest == pytest.approx(50 / 30)
    assert (near.moves, near.homeless) == (0, 0)
    assert outcome(BUILT_IN["local"], SMALL, seeded(0), Limits()).remote == pytest.approx(0.8)


def test_plans_are_followed_and_counted() -> None:
    view = View((Node("a"), Node("b")), tuple(Group(Spec(f"u{number}"), "a", messages=1.0) for number in range(10)))
    stay = msgspec.structs.replace(BUILT_IN["local"], propose=BUILT_IN["least-loaded"].propose)
    made = outcome(stay, view, seeded(0), Limits(moves=1))
    assert made.moves == 4
    assert made.busiest == pytest.approx(6 / 5)


def test_those_without_a_node_are_counted() -> None:
    view = View((Node("a", draining=True),), (Group(Spec("u"), "a"),))
    assert outcome(BUILT_IN["random"], view, seeded(0), Limits()).homeless == 1


def test_the_sample_is_what_it_says() -> None:
    view = sample(seeded(1), 4, 50)
    assert msgspec.json.decode(msgspec.json.encode(view), type=View) == view
    assert len(view.nodes) == 4
    assert len([group for group in view.groups if not group.spec.sockets]) == 50
    assert {pair.a for pair in view.traffic} == {group.unit for group in view.groups if not group.spec.sockets}
    assert view == sample(seeded(1), 4, 50) != sample(seeded(2), 4, 50)


def test_on_the_sample_who_looks_at_the_traffic_has_less_of_it_cross() -> None:
    view = sample(seeded(0), 3, 60)
    crossing = {
        name: outcome(BUILT_IN[name], view, seeded(0), Limits()).remote for name in ("random", "zone-aware", "exchange")
    }
    assert crossing["zone-aware"] < 0.8 * crossing["random"]
    assert crossing["exchange"] < 0.8 * crossing["random"]
