"""The conformance suite finds what it says it finds."""

import datetime as dt
import gc
import random
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from actors.placement import BUILT_IN, Choice, Limits, Move, Node, Request, Strategy, View, movable
from actors.placement.check import RULES, Case, answers, cases, check
from actors.placement.filters import candidates
from actors.placement.watch import watched
from tests.support.fast import fast_first

OTHER = BUILT_IN["rendezvous"]
REMEMBERED: list[int] = []


def rules_broken(place: Any = OTHER.place, propose: Any = None) -> dict[str, str]:  # noqa: ANN401 - also what is wrong
    report = check(Strategy("bad", "", place, propose), count=60)
    return {failure.rule: failure.what for failure in report.failures}


@pytest.mark.parametrize("name", fast_first(BUILT_IN))
def test_the_built_in_strategies_keep_all_rules(name: str) -> None:
    report = check(BUILT_IN[name], answers(BUILT_IN[name], 100), 100)
    assert report.failures == ()
    assert "a choice among 64 nodes" in report.speeds


def first(name: str, *, why: str = "so", scores: dict[str, float] | None = None) -> Choice:
    return Choice(name, why, scores or {})


WRONG_CHOICES: dict[str, tuple[str, Callable[..., object]]] = {
    "chooses what was refused": ("allowed", lambda _r, _n, view, _c: first(view.nodes[-1].name)),
    "chooses what is not there": ("allowed", lambda *_: first("z")),
    "answers nothing": ("allowed", lambda *_: None),
    "answers a name": ("allowed", lambda _r, nodes, *_: nodes[0].name),
    "does not say why": ("allowed", lambda _r, nodes, *_: first(nodes[0].name, why="")),
    "scores others": ("allowed", lambda _r, nodes, *_: first(nodes[0].name, scores={"z": 1.0})),
    "scores with no number": ("allowed", lambda _r, n, *_: first(n[0].name, scores={n[0].name: float("nan")})),
    "divides by load": ("answers", lambda _r, nodes, *_: first(max(nodes, key=lambda n: 1 / n.load.busy.value).name)),
    "takes the clock": ("pure", lambda _r, nodes, *_: first(nodes[int(time.time()) % len(nodes)].name)),
    "takes the date": ("pure", lambda _r, n, *_: first(n[dt.datetime.now().year % len(n)].name)),  # noqa: DTZ005
    "opens a file": ("pure", lambda _r, nodes, *_: Path(__file__).read_text() and first(nodes[0].name)),
    "opens a socket": ("pure", lambda _r, nodes, *_: socket.gethostname() and first(nodes[0].name)),
    "has dice of its own": ("pure", lambda _r, nodes, *_: first(random.choice(nodes).name)),  # noqa: S311
    "counts": ("same", lambda _r, nodes, *_: first(nodes[_count() % len(nodes)].name)),
    "changes the view": ("changes nothing", lambda _r, n, view, _c: view.answers.update(x="y") or first(n[0].name)),
    "changes what is kept": ("answers", lambda _r, n, view, _c: view.pressures.clear() or first(n[0].name)),
}


def _count() -> int:
    REMEMBERED.append(1)
    return len(REMEMBERED)


@pytest.mark.parametrize("mistake", WRONG_CHOICES)
def test_a_choice_is_wrong_that(mistake: str) -> None:
    rule, place = WRONG_CHOICES[mistake]
    assert rule in rules_broken(place)


def test_what_is_remembered_from_other_questions_is_found() -> None:
    seen: list[int] = []

    def place(request: Any, nodes: tuple[Node, ...], *_: object) -> Choice:  # noqa: ANN401
        if request.number not in seen:
            seen.append(request.number)
        return first(nodes[(seen.index(request.number) + len(seen)) % len(nodes)].name)

    assert "after other questions" in rules_broken(place)["same"]


def group_at(view: View, condition: Callable[[Any], bool]) -> tuple[Move, ...]:
    """A move of the first such group to the first other node."""
    for group in view.groups:
        for node in view.nodes:
            if condition(group) and node.name != group.node:
                return (Move(group.unit, group.node, node.name, "so"),)
    return ()


def everywhere(view: View, limits: Limits, _: random.Random) -> tuple[Move, ...]:
    """Every move that may be done."""
    return tuple(
        Move(group.unit, group.node, node.name, "so")
        for group in movable(view, limits)
        for node in candidates(Request(group.spec), view)
        if node.name != group.node
    )


WRONG_PLANS: dict[str, tuple[str, Callable[..., object]]] = {
    "moves owners of sockets": ("moves", lambda view, *_: group_at(view, lambda group: group.spec.sockets)),
    "moves what is pinned": ("moves", lambda view, *_: group_at(view, lambda group: bool(group.spec.pinned))),
    "moves what has just come": ("moves", lambda view, *_: group_at(view, lambda group: group.settled < 60)),
    "moves to a node that does not do": ("moves", lambda view, *_: group_at(view, lambda _: True)),
    "moves too much": ("moves", everywhere),
    "answers a list": ("moves", lambda *_: []),
    "never rests": ("rests", lambda *given: everywhere(*given)[:1]),
    "raises": ("answers", lambda view, *_: view.groups[0] and ()),
}


@pytest.mark.parametrize("mistake", WRONG_PLANS)
def test_a_plan_is_wrong_that(mistake: str) -> None:
    rule, propose = WRONG_PLANS[mistake]
    assert rule in rules_broken(propose=propose)


def test_what_is_told_is_the_smallest_case() -> None:
    report = check(Strategy("bad", "", lambda *_: Choice("z", "so")))
    (failure,) = report.failures
    assert failure.case == next(case for case in cases() if case.allowed)
    assert msgspec.json.decode(msgspec.json.encode(failure.case), type=Case) == failure.case


def test_another_answer_in_another_process_is_found() -> None:
    there = answers(BUILT_IN["local"])
    (failure,) = check(BUILT_IN["rendezvous"], there).failures
    assert failure.rule == "everywhere"


def test_a_broken_strategy_is_not_measured() -> None:
    assert check(Strategy("bad", "", lambda *_: 1 / 0)).speeds == {}  # type: ignore[arg-type]


def test_all_rules_are_about_something_that_can_be_broken() -> None:
    shown = {rule for rule, _ in (*WRONG_CHOICES.values(), *WRONG_PLANS.values())} | {"everywhere"}
    assert shown == set(RULES)


def test_watching_ends() -> None:
    before = sys.getprofile()
    with watched() as seen:
        time.monotonic()
    time.monotonic()
    assert (seen, sys.getprofile()) == (["it looks at the clock: time.monotonic"], before)


def test_what_others_have_the_garbage_collector_do_is_not_seen() -> None:
    def look_at_the_clock(phase: str, info: dict[str, int]) -> None:
        del phase, info
        time.monotonic()

    gc.callbacks.append(look_at_the_clock)
    try:
        with watched() as seen:
            assert len([[number] for number in range(50_000)]) == 50_000
    finally:
        gc.callbacks.remove(look_at_the_clock)
    assert (seen, gc.isenabled()) == ([], True)


def test_the_cases_are_always_the_same() -> None:
    assert msgspec.json.encode(list(cases(20))) == msgspec.json.encode(list(cases(20)))
