"""By load: ``least-loaded``, ``power-of-two``, and the plan that balances nodes."""

from random import Random

from actors.placement import filters
from actors.placement.move import Limits, Move, may_move
from actors.placement.node import Node
from actors.placement.spec import Request
from actors.placement.strategies.pick import best
from actors.placement.strategy import Choice
from actors.placement.view import Group, View


def least_loaded(request: Request, candidates: tuple[Node, ...], view: View, chance: Random) -> Choice:  # noqa: ARG001
    """The one that is farthest from what it can do."""
    scores = {node.name: -view.pressures[node.name] for node in candidates}
    node = best(scores, candidates, view, chance)
    return Choice(node.name, f"it has least to do: {view.pressures[node.name]:.1%} of what it can", scores)


def power_of_two(request: Request, candidates: tuple[Node, ...], view: View, chance: Random) -> Choice:  # noqa: ARG001
    """Of two by chance the one with less to do.

    It comes close to ``least-loaded``, and does not send everybody to the same node while the numbers are old.
    Source: M. Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", IEEE TPDS 12(10), 2001.
    """
    if len(candidates) == 1:
        return Choice(candidates[0].name, "it is the only candidate")
    drawn = tuple(chance.sample(candidates, 2))
    scores = {node.name: -view.pressures[node.name] for node in drawn}
    node = best(scores, drawn, view, chance)
    other = drawn[1] if node is drawn[0] else drawn[0]
    return Choice(node.name, f"drawn with {other.name}, it has less to do, or the same", scores)


def balance(view: View, limits: Limits, chance: Random) -> tuple[Move, ...]:  # noqa: ARG001
    """Move groups from nodes that have more to do than others, by their weights and the nodes' capacities.

    Each move makes the larger of two loads smaller, and none is made between nodes that count as balanced.
    """
    moves: list[Move] = []
    loads = {node: sum(group.spec.weight for group in view.groups_on[node]) for node in view.node}
    moved: set[str] = set()
    while len(moves) < limits.moves:
        move = _relief(view, loads, limits, moved)
        if move is None:
            break
        weight = view.group[move.unit].spec.weight
        loads[move.source] -= weight
        loads[move.target] += weight
        view = view.moved(move.unit, move.target)
        moved.add(move.unit)
        moves.append(move)
    return tuple(moves)


def _relief(view: View, loads: dict[str, float], limits: Limits, moved: set[str]) -> Move | None:
    """The move that helps the most loaded of the nodes that can be helped."""
    shares = {name: load / view.node[name].capacity for name, load in loads.items()}
    by_share = sorted(shares, key=lambda name: (shares[name], name))
    for hot in reversed(by_share):
        groups = [g for g in view.groups_on[hot] if g.unit not in moved and g.spec.weight and may_move(g, view, limits)]
        for cold in by_share if groups else ():
            if not _differ(view.node[hot], view.node[cold], loads, limits):
                break
            move = _best_move(groups, view.node[cold], shares, view, limits)
            if move is not None:
                return move
    return None


def _differ(hot: Node, cold: Node, loads: dict[str, float], limits: Limits) -> bool:
    """Whether a node has enough more to do than another that this is worth a move."""
    mean = (loads[hot.name] + loads[cold.name]) / (hot.capacity + cold.capacity)
    return loads[hot.name] / hot.capacity > mean * (1 + limits.tolerance)


def _best_move(groups: list[Group], cold: Node, shares: dict[str, float], view: View, limits: Limits) -> Move | None:
    """The group of one node whose move to another makes the larger of their loads smallest."""
    found: Move | None = None
    for group in groups:
        hot = view.node[group.node]
        weight = group.spec.weight
        before = shares[hot.name]
        hot_after, cold_after = before - weight / hot.capacity, shares[cold.name] + weight / cold.capacity
        gain = before - max(hot_after, cold_after)
        overshoots = cold_after > hot_after
        if gain <= (limits.gain * before if overshoots else 0.0) or (found is not None and gain <= found.gain):
            continue
        if filters.is_allowed(Request(group.spec, hot.name), view, cold):
            why = f"{hot.name} has to do {before:.1%} of what it can, {cold.name} {shares[cold.name]:.1%}"
            found = Move(group.unit, hot.name, cold.name, why, gain)
    return found
