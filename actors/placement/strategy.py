"""What a strategy is, and how it is asked.

A strategy is a pure function: the same question, view and chance give the same answer on every node and at every time.
It looks at no clock, does no IO and remembers nothing.
"""

from collections.abc import Callable
from random import Random

import msgspec

from actors.placement import filters
from actors.placement.filters import Verdict
from actors.placement.move import Limits, Move
from actors.placement.node import Node
from actors.placement.spec import Request
from actors.placement.view import View


class Choice(msgspec.Struct, frozen=True):
    """The answer of a strategy."""

    node: str
    why: str
    """One sentence for people, without a full stop."""
    scores: dict[str, float] = {}
    """How good the candidates are that were compared, the best highest. Empty where nothing was compared."""


Place = Callable[[Request, tuple[Node, ...], View, Random], Choice]
"""Chooses one of the candidates: at least one node, by name, none of which a filter refused."""
Propose = Callable[[View, Limits, Random], tuple[Move, ...]]
"""Proposes what to move now, the most worthwhile first; nothing where all is well."""


class Strategy(msgspec.Struct, frozen=True):
    """A way to place actors, with a name."""

    name: str
    about: str
    """One line for people."""
    place: Place
    propose: Propose | None = None
    """Without it nothing is moved but what must be: from a node that is being emptied, for example."""


class Explanation(msgspec.Struct, frozen=True):
    """Where something shall run, and how that came about."""

    request: Request
    strategy: str
    node: str
    """The node; empty if there is none that does."""
    why: str
    candidates: tuple[str, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    scores: dict[str, float] = {}
    failure: str = ""
    """What is wrong with the strategy, so that another one had to choose."""


class StrategyError(Exception):
    """A strategy has answered what it must not."""


def place(
    strategy: Strategy, request: Request, view: View, chance: Random, fallback: Place | None = None
) -> Explanation:
    """Choose the node for something new.

    What belongs to a group that runs goes where that is, whatever filters and strategy say. Where the strategy fails,
    whatever its mistake is, the fallback chooses.

    Raises:
        StrategyError: the strategy has chosen what is no candidate, or has raised, and there is no fallback.
    """
    running = view.group.get(request.spec.unit)
    if running is not None and running.node in view.node:
        return Explanation(request, strategy.name, running.node, f"{running.unit} runs there", (running.node,))
    return explain(strategy, request, view, chance, fallback)


def explain(
    strategy: Strategy, request: Request, view: View, chance: Random, fallback: Place | None = None
) -> Explanation:
    """Choose the node for something as if it did not run yet; arguments and errors are those of :func:`place`."""
    verdicts = filters.verdicts(request, view)
    refused = {verdict.node for verdict in verdicts if verdict.refusal}
    allowed = tuple(sorted((node for node in view.nodes if node.name not in refused), key=lambda node: node.name))
    names = tuple(node.name for node in allowed)
    if not allowed:
        return Explanation(request, strategy.name, "", "no node does", names, verdicts)
    failure = ""
    try:
        choice = choose(strategy, request, allowed, view, chance)
    except StrategyError as error:
        if fallback is None:
            raise
        failure = str(error)
        choice = fallback(request, allowed, view, chance)
    return Explanation(request, strategy.name, choice.node, choice.why, names, verdicts, choice.scores, failure)


def choose(strategy: Strategy, request: Request, allowed: tuple[Node, ...], view: View, chance: Random) -> Choice:
    """Ask a strategy for one of the candidates.

    Raises:
        StrategyError: it has chosen none of them, or has raised.
    """
    try:
        choice = strategy.place(request, allowed, view, chance)
    except Exception as error:
        raise StrategyError(f"{strategy.name} raised {type(error).__name__}: {error}") from error
    if not isinstance(choice, Choice):
        raise StrategyError(f"{strategy.name} answered {choice!r}, which is no Choice")
    if all(node.name != choice.node for node in allowed):
        raise StrategyError(f"{strategy.name} chose {choice.node!r}, which is no candidate")
    return choice
