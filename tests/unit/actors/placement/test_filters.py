"""Which nodes do, and why others do not."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.placement import FILTERS, Group, Load, Measure, Node, Request, Role, Spec, View
from actors.placement.filters import candidates, is_allowed, verdicts
from tests.support.views import questions, seeded

DE = Node("de", zone="eu/de", role=Role.CORE, capabilities={"disk": "ssd", "tor": True}, limit=100.0)
FR = Node("fr", zone="eu/fr", draining=True)
US = Node("us", zone="us", role=Role.EDGE)
RUNNING = (Group(Spec("user/x"), "de"), Group(Spec("user/y", apart=("user/z",)), "us"))

CASES = {
    "an actor without sockets is not for the edge": (Spec("n"), {"de"}),
    "an owner of sockets is not for the core": (Spec("n", sockets=True), {"us"}),
    "a capability must have its value": (Spec("n", needs={"disk": "ssd"}), {"de"}),
    "another value is not enough": (Spec("n", needs={"disk": "hdd"}), set()),
    "what is not there is false": (Spec("n", sockets=True, needs={"tor": False}), {"us"}),
    "a zone has its parts": (Spec("n", zones=("us", "eu")), {"de"}),
    "a part is not the whole": (Spec("n", zones=("eu/de/1",)), set()),
    "the beginning of a name is not a zone": (Spec("n", zones=("e",)), set()),
    "a node is not filled beyond its limit": (Spec("n", weight=100.5), set()),
    "a node is filled up to its limit": (Spec("n", weight=100.0), {"de"}),
    "it runs with those it must be together with": (Spec("n", sockets=True, together=("user/x",)), set()),
    "those that do not run are not waited for": (Spec("n", together=("user/w",)), {"de"}),
    "it does not run with those it must be apart from": (Spec("n", apart=("user/x",)), set()),
    "it does not run with those that must be apart from it": (Spec("user/z", sockets=True), set()),
    "pinned is pinned": (Spec("n", pinned="us"), set()),
    "pinned to where it may run": (Spec("n", pinned="de"), {"de"}),
}


@pytest.mark.parametrize("case", CASES)
def test_of_three_nodes(case: str) -> None:
    spec, expected = CASES[case]
    view = View((DE, FR, US), RUNNING)
    assert {node.name for node in candidates(Request(spec), view)} == expected


def test_what_was_promised_to_a_node_counts() -> None:
    full = Node("a", limit=10.0, load=Load(weight=Measure(6.0)), promised=4.0)
    assert not candidates(Request(Spec("n")), View((full,)))


def test_a_full_node_has_room_for_what_it_runs() -> None:
    full = Node("a", limit=10.0, load=Load(weight=Measure(10.0)))
    assert candidates(Request(Spec("n")), View((full,), (Group(Spec("n"), "a"),)))


def test_each_filter_says_its_opinion_of_each_node() -> None:
    said = verdicts(Request(Spec("n", pinned="de")), View((DE, FR, US)))
    assert len(said) == 3 * len(FILTERS)
    assert {(v.node, v.filter, v.refusal) for v in said if v.refusal} == {
        ("fr", "draining", "it is being emptied"),
        ("fr", "pinned", "it is pinned to de"),
        ("us", "role", "it is for owners of sockets"),
        ("us", "pinned", "it is pinned to de"),
    }


@given(questions, st.integers(0, 100))
def test_filters_commute(question: tuple[Request, View], seed: int) -> None:
    request, view = question
    shuffled = seeded(seed).sample(list(FILTERS.values()), len(FILTERS))
    left = list(view.nodes)
    for says in shuffled:
        left = [node for node in left if not says(request, view, node)]
    assert {node.name for node in left} == {node.name for node in candidates(request, view)}


@given(questions)
def test_the_order_of_nodes_is_without_meaning(question: tuple[Request, View]) -> None:
    request, view = question
    expected = candidates(request, view)
    for nodes in list(permutations(view.nodes))[:24]:
        assert candidates(request, View(nodes, view.groups, view.traffic)) == expected


@given(questions)
def test_verdicts_and_candidates_agree(question: tuple[Request, View]) -> None:
    request, view = question
    refused = {verdict.node for verdict in verdicts(request, view) if verdict.refusal}
    assert refused == {node.name for node in view.nodes if not is_allowed(request, view, node)}
