"""Plans: what must move, what a strategy wants to move, and what of that may."""

from random import Random

import msgspec

from actors.placement import filters
from actors.placement.filters import FILTERS
from actors.placement.move import Limits, Move, may_move
from actors.placement.node import Node
from actors.placement.spec import Request
from actors.placement.strategy import Strategy, StrategyError, choose
from actors.placement.view import Group, View

BINDING = {name: says for name, says in FILTERS.items() if name != "capacity"}
"""The filters that drive something away that runs. A node that is too full is for strategies to relieve."""


class Refusal(msgspec.Struct, frozen=True):
    """A proposal that is not followed, or something that should move and cannot."""

    unit: str
    why: str


class Plan(msgspec.Struct, frozen=True):
    """What to move, in this order, and what is left as it is."""

    moves: tuple[Move, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    failure: str = ""
    """What is wrong with the strategy."""


def make_plan(strategy: Strategy, view: View, limits: Limits, chance: Random) -> Plan:
    """Decide what to move now.

    First what may not stay where it is: its node is being emptied, or does not do any more. Then, within the limits,
    what the strategy proposes. It takes time in proportion to groups and nodes, so it is nothing for the turn of an
    actor that others wait for.
    """
    draft = _Draft(strategy, view, limits)
    draft.evacuate(chance)
    draft.follow(chance)
    return Plan(tuple(draft.moves), tuple(draft.refusals), draft.failure)


class _Draft:
    """A plan that is being made, and the view as it will be after it."""

    def __init__(self, strategy: Strategy, view: View, limits: Limits) -> None:
        self.strategy = strategy
        self.view = view
        self.limits = limits
        self.moves: list[Move] = []
        self.refusals: list[Refusal] = []
        self.failure = ""

    def evacuate(self, chance: Random) -> None:
        """Find other nodes for what may not stay."""
        for unit in sorted(self.view.group):
            if len(self.moves) == self.limits.moves:
                return
            group = self.view.group[unit]
            reason = why_not_there(group, self.view)
            if not reason:
                continue
            if group.spec.sockets:
                self.refusals.append(Refusal(unit, f"{reason}, but it owns sockets"))
                continue
            target = self._way_out(group, chance)
            if target:
                self._move(Move(unit, group.node, target, reason))
            else:
                self.refusals.append(Refusal(unit, f"{reason}, but no other node does"))

    def _way_out(self, group: Group, chance: Random) -> str:
        request = Request(group.spec, group.node, number=len(self.moves))
        allowed = filters.candidates(request, self.view)
        if not allowed:
            return ""
        try:
            return choose(self.strategy, request, allowed, self.view, chance).node
        except StrategyError as error:
            self.failure = str(error)
            return min(allowed, key=lambda node: (self.view.pressures[node.name], node.name)).name

    def follow(self, chance: Random) -> None:
        """Take of the strategy's proposals what may be done."""
        try:
            proposals = proposed(self.strategy, self.view, self.limits, chance)
        except StrategyError as error:
            self.failure = str(error)
            return
        for move in proposals:
            why = why_not(move, self.view, self.limits)
            if not why and len(self.moves) == self.limits.moves:
                why = f"there are {self.limits.moves} moves already"
            if why:
                self.refusals.append(Refusal(move.unit, why))
            else:
                self._move(move)

    def _move(self, move: Move) -> None:
        self.moves.append(move)
        self.view = self.view.moved(move.unit, move.target)


def why_not_there(group: Group, view: View) -> str:
    """Why a group may not stay on its node; empty if it may, or if the node is lost."""
    node = view.node.get(group.node)
    if node is None:
        return ""
    request = Request(group.spec, group.node)
    return next((why for says in BINDING.values() if (why := says(request, view, node))), "")


def why_not(move: Move, view: View, limits: Limits) -> str:
    """Why a proposal must not be followed; empty if it may be."""
    group = view.group.get(move.unit)
    target = view.node.get(move.target)
    if group is None:
        return "there is no such group"
    if target is None:
        return f"there is no node {move.target}"
    if group.node != move.source or move.source == move.target:
        return f"it runs on {group.node}"
    if not may_move(group, view, limits):
        return "it must stay where it is"
    return first_refusal(group, view, target)


def first_refusal(group: Group, view: View, target: Node) -> str:
    """Why a node does not do for a group; empty if it does."""
    request = Request(group.spec, group.node)
    return next((why for says in FILTERS.values() if (why := says(request, view, target))), "")


def proposed(strategy: Strategy, view: View, limits: Limits, chance: Random) -> tuple[Move, ...]:
    """Ask a strategy what it wants to move.

    Raises:
        StrategyError: it has answered something else, or has raised.
    """
    if strategy.propose is None:
        return ()
    try:
        moves = tuple(strategy.propose(view, limits, chance))
    except Exception as error:
        raise StrategyError(f"{strategy.name} raised {type(error).__name__}: {error}") from error
    for move in moves:
        if not isinstance(move, Move):
            raise StrategyError(f"{strategy.name} proposed {move!r}, which is no Move")
    return moves
