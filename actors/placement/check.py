"""Does a strategy keep the rules? Tries it on many clusters, small ones first, and keeps what shows that it does not.

The rules are those of :mod:`actors.placement.strategy`. A strategy that keeps them may still be a bad one: nothing
here judges where it puts things, or how long it takes; that is only told.
"""

import math
import random
import statistics
from collections.abc import Callable, Generator, Iterator, Sequence
from functools import partial
from random import Random
from time import perf_counter
from typing import Any

import msgspec

from actors.placement.cases import any_request, any_view, chatting
from actors.placement.filters import candidates
from actors.placement.move import Limits, Move
from actors.placement.node import Node
from actors.placement.plan import proposed, why_not
from actors.placement.spec import Request, Spec
from actors.placement.strategy import Choice, Strategy, StrategyError, choose
from actors.placement.view import View
from actors.placement.watch import watched

RULES = {
    "answers": "it has an answer to everything",
    "allowed": "it chooses a candidate, and tells why",
    "same": "it answers the same again, whatever was asked before",
    "changes nothing": "it leaves alone what it is given",
    "pure": "it looks at no clock, does no IO, and uses the chance that it is given",
    "everywhere": "it answers the same in another process",
    "moves": "it proposes what may be done",
    "rests": "it comes to rest when its proposals are followed",
}
CASES = 200
LIMITS = Limits(moves=4)


class Case(msgspec.Struct, frozen=True):
    """What a strategy is tried on."""

    number: int
    """Also the seed of its chance."""
    request: Request
    view: View

    def chance(self) -> Random:
        """The chance that the strategy is given."""
        return Random(self.number)  # noqa: S311 - it must be repeated

    @property
    def allowed(self) -> tuple[Node, ...]:
        """The candidates."""
        return candidates(self.request, self.view)


class Failure(msgspec.Struct, frozen=True):
    """A rule that is broken, and the smallest case that shows it."""

    rule: str
    what: str
    case: Case


class Report(msgspec.Struct, frozen=True):
    """What has been found."""

    failures: tuple[Failure, ...]
    """At most one for each rule."""
    speeds: dict[str, float]
    """Seconds, by what was done."""


def cases(count: int = CASES) -> Iterator[Case]:
    """Clusters of any kind, the small ones first."""
    for number in range(count):
        chance = Random(f"case {number}")  # noqa: S311 - as above
        nodes, groups = 1 + 7 * number // count, 14 * number // count
        view = chatting(chance, nodes, 2 + groups) if number % 4 == 3 else any_view(chance, nodes, groups)  # noqa: PLR2004
        yield Case(number, any_request(chance, view), view)


def check(strategy: Strategy, elsewhere: Sequence[str] | None = None, count: int = CASES) -> Report:
    """Try a strategy; ``elsewhere`` is what :func:`answers` has said in a process with other hashes of text."""
    found: dict[str, Failure] = {}
    tried = list(cases(count))
    first = answers(strategy, count)
    for case in tried:
        for rule, what in _broken(strategy, case):
            found.setdefault(rule, Failure(rule, what, case))
    if not found:
        backwards = [_answer(strategy, case) for case in reversed(tried)]
        for case, what in _changed(first, backwards[::-1], tried, "after other questions"):
            found.setdefault("same", Failure("same", what, case))
    if not found and elsewhere is not None:
        for case, what in _changed(first, elsewhere, tried, "in another process"):
            found.setdefault("everywhere", Failure("everywhere", what, case))
    return Report(tuple(found[rule] for rule in RULES if rule in found), {} if found else speeds(strategy))


def answers(strategy: Strategy, count: int = CASES) -> list[str]:
    """What it says to each case, as one text each."""
    return [_answer(strategy, case) for case in cases(count)]


def _changed(first: Sequence[str], then: Sequence[str], tried: Sequence[Case], when: str) -> Iterator[tuple[Case, str]]:
    for before, after, case in zip(first, then, tried, strict=True):
        if before != after:
            yield case, f"{before}, and {when} {after}"


def _answer(strategy: Strategy, case: Case) -> str:
    return f"{_placed(strategy, case)} {_moved(strategy, case)}".strip()


def _placed(strategy: Strategy, case: Case) -> str:
    if not case.allowed:
        return ""
    try:
        return choose(strategy, case.request, case.allowed, case.view, case.chance()).node
    except StrategyError as error:
        return str(error)


def _moved(strategy: Strategy, case: Case) -> str:
    try:
        return " ".join(f"{m.unit}→{m.target}" for m in proposed(strategy, case.view, LIMITS, case.chance()))
    except StrategyError as error:
        return str(error)


def _broken(strategy: Strategy, case: Case) -> Iterator[tuple[str, str]]:
    """Yield each rule that is broken in a case, and how."""
    allowed = case.allowed
    if allowed:
        names = {node.name for node in allowed}
        choices = yield from _asked(lambda: strategy.place(case.request, allowed, case.view, case.chance()), case)
        for choice in choices:
            yield from (("allowed", what) for what in _wrong_choice(choice, names))
    if strategy.propose is not None:
        propose = strategy.propose
        plans = yield from _asked(lambda: propose(case.view, LIMITS, case.chance()), case)
        for moves in plans:
            wrong = list(_wrong_moves(moves, case.view))
            yield from (("moves", what) for what in wrong)
            if not wrong:
                yield from _restless(strategy, case)


def _asked(ask: Callable[[], Any], case: Case) -> Generator[tuple[str, str], None, tuple[Any, ...]]:
    """Ask twice, the second time watched; yield what was wrong and return the answer, if there is one."""
    before = msgspec.json.encode(case)
    try:
        first = ask()
        state = random.getstate()
        random.seed(f"another {case.number}")
        try:
            with watched() as seen:
                second = ask()
        finally:
            random.setstate(state)
    except Exception as error:  # noqa: BLE001 - whatever it raises is what is told
        yield "answers", f"{type(error).__name__}: {error}"
        return ()
    yield from (("pure", offence) for offence in seen)
    if first != second:
        yield "same", f"{first!r}, and then {second!r}"
    if msgspec.json.encode(case) != before:
        yield "changes nothing", "the request or the view is another one afterwards"
    return (first,)


def _wrong_choice(choice: object, names: set[str]) -> Iterator[str]:
    if not isinstance(choice, Choice):
        yield f"it answered {choice!r}, which is no Choice"
    elif choice.node not in names:
        yield f"it chose {choice.node!r}, and the candidates are {', '.join(sorted(names))}"
    elif not choice.why or not isinstance(choice.why, str):
        yield "it does not tell why"
    elif not set(choice.scores) <= names:
        yield f"it scored {', '.join(sorted(set(choice.scores) - names))}, which are no candidates"
    elif not all(math.isfinite(score) for score in choice.scores.values()):
        yield f"a score is no number: {choice.scores}"


def _wrong_moves(moves: object, view: View) -> Iterator[str]:
    if not isinstance(moves, tuple) or not all(isinstance(move, Move) for move in moves):
        yield f"it answered {moves!r}, which is no tuple of Moves"
        return
    if len(moves) > LIMITS.moves:
        yield f"it proposed {len(moves)} moves, of at most {LIMITS.moves}"
    if len({move.unit for move in moves}) < len(moves):
        yield f"it moves a group twice: {', '.join(move.unit for move in moves)}"
        return
    for move in moves:
        why = why_not(move, view, LIMITS)
        if why:
            yield f"it moves {move.unit} from {move.source} to {move.target}, but {why}"
            return
        view = view.moved(move.unit, move.target)


def _restless(strategy: Strategy, case: Case) -> Iterator[tuple[str, str]]:
    """Follow the proposals until there are none; yield the rule that is broken on the way."""
    view = case.view.rested()
    rounds = 10 + len(view.groups) * len(view.nodes)
    said = ""
    for number in range(rounds):
        try:
            moves = proposed(strategy, view, LIMITS, Random(f"{case.number}/{number}"))  # noqa: S311 - as above
        except StrategyError as error:
            yield "answers", f"in round {number + 1}: {error}"
            return
        if not moves:
            return
        for wrong in _wrong_moves(moves, view):
            yield "moves", f"in round {number + 1}, {wrong}"
            return
        said = ", ".join(f"{move.unit} from {move.source} to {move.target}" for move in moves)
        for move in moves:
            view = view.moved(move.unit, move.target)
        view = view.rested()
    yield "rests", f"after {rounds} rounds it still moves {said}"


def speeds(strategy: Strategy) -> dict[str, float]:
    """How long a choice and a plan take, in seconds: the median of a few."""
    found: dict[str, float] = {}
    for nodes, groups in ((3, 100), (64, 1000)):
        view = _calm(nodes, groups)
        request = Request(Spec("new"), "n0")
        place = partial(strategy.place, request, candidates(request, view), view)
        found[f"a choice among {nodes} nodes"] = _median(place, 25)
        if strategy.propose is not None:
            propose = partial(strategy.propose, view, LIMITS)
            found[f"a plan for {groups} groups on {nodes} nodes"] = _median(propose, 3)
    return found


def _calm(nodes: int, groups: int) -> View:
    """A cluster without wishes, of any size."""
    chance = Random(nodes)  # noqa: S311 - as above
    view = chatting(chance, 3, groups)
    names = [f"n{number}" for number in range(nodes)]
    running = tuple(msgspec.structs.replace(group, node=chance.choice(names)) for group in view.groups)
    return View(tuple(map(Node, names)), running, view.traffic)


def _median(do: Callable[[Random], object], times: int) -> float:
    chance = Random(0)  # noqa: S311 - as above
    taken = []
    for _ in range(times):
        start = perf_counter()
        do(chance)
        taken.append(perf_counter() - start)
    return statistics.median(taken)
