"""Asking a strategy, and what it said as text."""

import msgspec
import pytest
from hypothesis import given

from actors.placement import (
    BUILT_IN,
    Choice,
    Group,
    Limits,
    Move,
    Node,
    Plan,
    Refusal,
    Request,
    Spec,
    Strategy,
    StrategyError,
    View,
    explain,
    make_plan,
    place,
)
from actors.placement.text import explanation_text, plan_text
from tests.support.views import seeded, views

VIEW = View(
    (Node("a", zone="eu"), Node("b", zone="us"), Node("c", draining=True)), (Group(Spec("x/1", group="x"), "c"),)
)
FAILING = {
    "no candidate": lambda *_: Choice("c", "why not"),
    "no Choice": lambda *_: "a",
    "ZeroDivisionError": lambda *_: 1 / 0,
}


def test_a_member_goes_where_its_group_is_even_if_that_is_being_emptied() -> None:
    explanation = place(BUILT_IN["random"], Request(Spec("x/2", group="x")), VIEW, seeded(0))
    assert (explanation.node, explanation.why) == ("c", "x runs there")


def test_a_group_whose_node_is_lost_is_placed_anew() -> None:
    view = View(VIEW.nodes[:2], VIEW.groups)
    assert place(BUILT_IN["random"], Request(Spec("x/2", group="x")), view, seeded(0)).node in {"a", "b"}


def test_where_no_node_does_there_is_none_and_the_reasons_are_told() -> None:
    explanation = place(BUILT_IN["random"], Request(Spec("n", zones=("mars",))), VIEW, seeded(0))
    assert (explanation.node, explanation.why, explanation.candidates) == ("", "no node does", ())
    assert "its zone is eu, not mars" in explanation_text(explanation)


@pytest.mark.parametrize("mistake", FAILING)
def test_a_strategy_that_fails_is_told_of_and_replaced(mistake: str) -> None:
    strategy = Strategy("bad", "", FAILING[mistake])  # type: ignore[arg-type]
    with pytest.raises(StrategyError, match=mistake):
        place(strategy, Request(Spec("n")), VIEW, seeded(0))
    explanation = place(strategy, Request(Spec("n")), VIEW, seeded(0), BUILT_IN["local"].place)
    assert explanation.node in {"a", "b"}
    assert mistake in explanation.failure
    assert "another had to choose: bad" in explanation_text(explanation)


def test_an_explanation_is_a_table() -> None:
    view = View((Node("a", zone="eu"), Node("bb", zone="us"), Node("c", draining=True)))
    explanation = explain(BUILT_IN["local"], Request(Spec("user/x"), "bb"), view, seeded(0))
    assert explanation_text(explanation).splitlines() == [
        "user/x → bb",
        "local: it is asked for there",
        "",
        "   node  score  filters",
        "*  bb    1      all 8 passed",
        "   a     0      all 8 passed",
        "   c            draining: it is being emptied",
    ]


def test_a_plan_as_text() -> None:
    plan = Plan((Move("u", "a", "b", "so"),), (Refusal("v", "no"),), "bad raised")
    said = "u  a  →  b  so\nnot moved: v: no\nThe strategy failed: bad raised"
    assert (plan_text(plan), plan_text(Plan())) == (said, "Nothing is to be moved.")


@given(views)
def test_a_view_survives_being_saved(view: View) -> None:
    assert msgspec.json.decode(msgspec.json.encode(view), type=View) == view


@pytest.mark.parametrize("twice", [{"nodes": (Node("a"), Node("a"))}, {"groups": (Group(Spec("u"), "a"),) * 2}])
def test_a_name_stands_for_one(twice: dict[str, tuple[Node, ...]]) -> None:
    with pytest.raises(ValueError, match="have one name"):
        View(**{"nodes": (), **twice})  # type: ignore[arg-type]


def test_a_plan_empties_a_node_as_the_strategy_says() -> None:
    groups = tuple(Group(Spec(f"u{number}"), "c") for number in range(3))
    view = View(VIEW.nodes, (*groups, Group(Spec("s", sockets=True), "c"), Group(Spec("p", pinned="c"), "c")))
    plan = make_plan(BUILT_IN["round-robin"], view, Limits(), seeded(0))
    assert [(move.unit, move.target) for move in plan.moves] == [("u0", "a"), ("u1", "b"), ("u2", "a")]
    assert {refusal.unit: refusal.why for refusal in plan.refusals} == {
        "p": "it is being emptied, but no other node does",
        "s": "it is being emptied, but it owns sockets",
    }


def test_a_plan_has_no_more_moves_than_it_may() -> None:
    view = View(VIEW.nodes, tuple(Group(Spec(f"u{number}"), "c") for number in range(9)))
    assert len(make_plan(BUILT_IN["random"], view, Limits(moves=4), seeded(0)).moves) == 4


def test_what_follows_another_moves_after_it() -> None:
    groups = (Group(Spec("x", together=("y",)), "a"), Group(Spec("y"), "b", settled=0.0))
    plan = make_plan(BUILT_IN["local"], View(VIEW.nodes, groups), Limits(), seeded(0))
    assert plan.moves == (Move("x", "a", "b", "y runs on b"),)


WRONG = {
    "there is no such group": Move("w", "a", "b", ""),
    "there is no node z": Move("u", "a", "z", ""),
    "it runs on a": Move("u", "b", "a", ""),
    "it is being emptied": Move("u", "a", "c", ""),
    "it must stay where it is": Move("s", "a", "b", ""),
}


@pytest.mark.parametrize("why", WRONG)
def test_a_proposal_is_not_followed_when(why: str) -> None:
    view = View(VIEW.nodes, (Group(Spec("u"), "a"), Group(Spec("s"), "a", settled=1.0)))
    strategy = Strategy("s", "", BUILT_IN["local"].place, lambda *_: (WRONG[why],))
    plan = make_plan(strategy, view, Limits(), seeded(0))
    assert (plan.moves, plan.refusals) == ((), (Refusal(WRONG[why].unit, why),))


@pytest.mark.parametrize("answer", [lambda *_: ("move",), lambda *_: 1 / 0])
def test_a_strategy_that_fails_to_propose_is_told_of(answer: object) -> None:
    strategy = Strategy("bad", "", BUILT_IN["local"].place, answer)  # type: ignore[arg-type]
    assert make_plan(strategy, VIEW, Limits(), seeded(0)).failure.startswith("bad ")
