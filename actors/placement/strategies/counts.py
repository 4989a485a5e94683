"""By what runs where: ``spread`` and ``pack``."""

from collections import Counter
from random import Random

from actors.placement import filters
from actors.placement.move import Limits, Move, may_move, movable
from actors.placement.node import Node
from actors.placement.spec import Request
from actors.placement.strategies.pick import best
from actors.placement.strategy import Choice
from actors.placement.view import Group, View

FULL = 0.8
"""A node is not filled beyond this share of what it can do, while there is another."""


def spread(request: Request, candidates: tuple[Node, ...], view: View, chance: Random) -> Choice:
    """The zone, and in it the node, with the fewest of its kind, so that a loss concerns few."""
    nodes, zones = _counts(request.spec.behaviour, view)
    most = 1 + sum(nodes.values())
    scores = {node.name: 0.0 - (zones[node.zone] + nodes[node.name] / most) for node in candidates}
    node = best(scores, candidates, view, chance)
    why = f"{nodes[node.name]} of its kind are there, and {zones[node.zone]} in the zone"
    return Choice(node.name, why, scores)


def _counts(behaviour: str, view: View) -> tuple[Counter[str], Counter[str]]:
    """How many of a kind each node, and each zone, has."""
    nodes = Counter(group.node for group in view.groups if group.spec.behaviour == behaviour)
    zones: Counter[str] = Counter()
    for node in view.nodes:
        zones[node.zone] += nodes[node.name]
    return nodes, zones


def propose_spread(view: View, limits: Limits, chance: Random) -> tuple[Move, ...]:  # noqa: ARG001
    """Move groups of a kind to where there are at least two fewer, in zones first and then within them."""
    moves: list[Move] = []
    counts = {behaviour: _counts(behaviour, view) for behaviour in {group.spec.behaviour for group in view.groups}}
    for group in movable(view, limits):
        if len(moves) == limits.moves:
            break
        nodes, zones = counts[group.spec.behaviour]
        target = _thinner(group, view, nodes, zones)
        if target is None:
            continue
        source = view.node[group.node]
        why = f"{nodes[source.name]} of its kind are on {source.name}, {nodes[target.name]} on {target.name}"
        gain = max(zones[source.zone] - zones[target.zone], nodes[source.name] - nodes[target.name])
        moves.append(Move(group.unit, source.name, target.name, why, float(gain)))
        for count, old, new in ((nodes, source.name, target.name), (zones, source.zone, target.zone)):
            count[old] -= 1
            count[new] += 1
        view = view.moved(group.unit, target.name)
    return tuple(moves)


def _thinner(group: Group, view: View, nodes: Counter[str], zones: Counter[str]) -> Node | None:
    """The node with the fewest of a group's kind, if it has at least two fewer, or its zone has."""
    source = view.node[group.node]
    found = [
        node
        for node in filters.candidates(Request(group.spec, group.node), view)
        if (node.zone != source.zone and zones[node.zone] <= zones[source.zone] - 2)
        or (node.zone == source.zone and nodes[node.name] <= nodes[source.name] - 2)
    ]
    return min(found, key=lambda node: (zones[node.zone], nodes[node.name], node.name), default=None)


def pack(request: Request, candidates: tuple[Node, ...], view: View, chance: Random) -> Choice:
    """The fullest node that it fits on, so that others stay empty (best fit)."""
    scores = {}
    for node in candidates:
        pressure = view.pressures[node.name]
        after = pressure + request.spec.weight / node.capacity
        scores[node.name] = pressure if after <= FULL else -after
    node = best(scores, candidates, view, chance)
    why = "it is the fullest with room" if scores[node.name] >= 0 else "all are full, and it least"
    return Choice(node.name, why, scores)


def propose_pack(view: View, limits: Limits, chance: Random) -> tuple[Move, ...]:  # noqa: ARG001
    """Empty the node with the least to do, if the others have room for all that runs there."""
    loads = {node: sum(group.spec.weight for group in view.groups_on[node]) for node in view.node}
    shares = {name: load / view.node[name].capacity for name, load in loads.items()}
    for source in sorted(shares, key=lambda name: (shares[name], name)):
        groups = view.groups_on[source]
        if groups and all(may_move(group, view, limits) for group in groups):
            moves = _emptied(source, loads, view, limits)
            if moves:
                return moves
    return ()


def _emptied(source: str, loads: dict[str, float], view: View, limits: Limits) -> tuple[Move, ...]:
    """The moves that empty a node, or the first of them; none if the others have no room."""
    share = loads[source] / view.node[source].capacity
    room = {
        name: FULL * node.capacity - loads[name]
        for name, node in view.node.items()
        if name != source and view.groups_on[name] and (loads[name] / node.capacity, name) > (share, source)
    }
    waiting = sorted(view.groups_on[source], key=lambda group: (-group.spec.weight, group.unit))
    moves: list[Move] = []
    for group in waiting[: limits.moves]:
        fitting = [
            node
            for node in filters.candidates(Request(group.spec, source), view)
            if room.get(node.name, -1.0) >= group.spec.weight
        ]
        if not fitting:
            return ()
        target = min(fitting, key=lambda node: (room[node.name] / node.capacity, node.name))
        room[target.name] -= group.spec.weight
        moves.append(Move(group.unit, source, target.name, f"{source} can be emptied", group.spec.weight))
        view = view.moved(group.unit, target.name)
    left = sum(group.spec.weight for group in waiting[limits.moves :])
    return tuple(moves) if left <= sum(max(0.0, free) for free in room.values()) else ()
