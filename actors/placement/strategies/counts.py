"""By what runs where: ``spread`` and ``pack``."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from random import Random

from actors.placement import filters
from actors.placement.move import Limits, Move, may_move, movable
from actors.placement.node import Node
from actors.placement.spec import Request
from actors.placement.strategies.pick import best
from actors.placement.strategy import Choice
from actors.placement.view import Group, View

Counts = tuple[defaultdict[str, float], defaultdict[str, float]]
"""By node, and by zone."""
BUSY = 0.8
"""A node that is at work for more than this share of the time is not filled any further, while there is another."""
ROUNDING = 1e-9
"""Sums of shares may be more than 1 by so much."""


def spread(request: Request, candidates: tuple[Node, ...], view: View, chance: Random) -> Choice:
    """The zone, and in it the node, with the fewest of its kind, so that a loss concerns few."""
    nodes, zones = _counts(request.spec.behaviour, view) if view.groups else _weights(view)
    most = 1 + sum(nodes.values())
    scores = {node.name: 0.0 - (zones[node.zone] + nodes[node.name] / most) for node in candidates}
    node = best(scores, candidates, view, chance)
    why = f"{nodes[node.name]:g} of its kind are there, and {zones[node.zone]:g} in the zone"
    return Choice(node.name, why, scores)


def _counts(behaviour: str, view: View) -> Counts:
    """How many of a kind each node, and each zone, has."""
    nodes = Counter(group.node for group in view.groups if group.spec.behaviour == behaviour)
    return _by_node_and_zone(nodes, view)


def _weights(view: View) -> Counts:
    """What is known where it is not told what runs: the weight of each node, and of each zone."""
    return _by_node_and_zone({node.name: node.weight for node in view.nodes}, view)


def _by_node_and_zone(counts: Mapping[str, float], view: View) -> Counts:
    nodes: defaultdict[str, float] = defaultdict(float, counts)
    zones: defaultdict[str, float] = defaultdict(float)
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
        why = f"{nodes[source.name]:g} of its kind are on {source.name}, {nodes[target.name]:g} on {target.name}"
        gain = max(zones[source.zone] - zones[target.zone], nodes[source.name] - nodes[target.name])
        moves.append(Move(group.unit, source.name, target.name, why, gain))
        for count, old, new in ((nodes, source.name, target.name), (zones, source.zone, target.zone)):
            count[old] -= 1
            count[new] += 1
        view = view.moved(group.unit, target.name)
    return tuple(moves)


def _thinner(group: Group, view: View, nodes: Mapping[str, float], zones: Mapping[str, float]) -> Node | None:
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
    """The fullest node that it fits on, up to the node's capacity, so that others stay empty (best fit)."""
    filled = {node.name: _filled(node, view) for node in candidates}
    after = {node.name: filled[node.name] + request.spec.weight / node.capacity for node in candidates}
    room = [node for node in candidates if after[node.name] <= 1 + ROUNDING and not _is_busy(node, view)]
    if room:
        node = best(filled, tuple(room), view, chance)
        return Choice(node.name, f"{filled[node.name]:.1%} full, it is the fullest with room", filled)
    scores = {name: -share for name, share in after.items()}
    return Choice(best(scores, candidates, view, chance).name, "all are full or busy, and it is least full", scores)


def _filled(node: Node, view: View) -> float:
    """The share of its capacity that a node has; what it told long ago is not believed."""
    return node.weight / node.capacity if view.is_fresh(node) else view.pressures[node.name]


def _is_busy(node: Node, view: View) -> bool:
    busy = node.load.busy
    return busy.age <= view.stale_after and busy.value > BUSY


def propose_pack(view: View, limits: Limits, chance: Random) -> tuple[Move, ...]:  # noqa: ARG001
    """Empty the node with the least to do, if others have room for all that runs there.

    Owners of sockets cannot leave: a node counts as empty when it has nothing else.
    """
    running = {name: [group for group in view.groups_on[name] if not group.spec.sockets] for name in view.node}
    loads = {name: sum(group.spec.weight for group in view.groups_on[name]) for name in view.node}
    shares = {name: load / view.node[name].capacity for name, load in loads.items()}
    for source in sorted(shares, key=lambda name: (shares[name], name)):
        if running[source] and all(may_move(group, view, limits) for group in running[source]):
            fuller = {name for name in running if running[name] and (shares[name], name) > (shares[source], source)}
            room = {
                name: view.node[name].capacity - loads[name] for name in fuller if not _is_busy(view.node[name], view)
            }
            moves = _emptied(source, running[source], room, view, limits)
            if moves:
                return moves
    return ()


def _emptied(source: str, groups: list[Group], room: dict[str, float], view: View, limits: Limits) -> tuple[Move, ...]:
    """The moves that empty a node, or the first of them; none if the others have no room."""
    waiting = sorted(groups, key=lambda group: (-group.spec.weight, group.unit))
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
