"""What strategies would make of the same cluster.

All that can move is taken out, and placed again by the strategy in an order by chance; then its plans are followed
until there are none. Nothing is run: the traffic is taken to be what it was, so this tells where messages would cross
and what each node would have to do, and nothing of how long anything would take.
"""

from random import Random

import msgspec
from msgspec.structs import replace

from actors.placement.move import Limits
from actors.placement.node import Load, Measure, Node
from actors.placement.plan import make_plan
from actors.placement.spec import Request
from actors.placement.strategies.exchange import Graph
from actors.placement.strategy import Strategy, explain
from actors.placement.view import Group, View

MOST_PLANS = 200


class Outcome(msgspec.Struct, frozen=True):
    """What became of a cluster."""

    remote: float
    """The share of the messages between groups that cross from node to node."""
    busiest: float
    """The load of the busiest node, in messages handled, as a multiple of the mean; 1 is even."""
    moves: int
    """So many groups were moved after they had been placed."""
    homeless: int
    """So many found no node that does."""


def outcome(strategy: Strategy, view: View, chance: Random, limits: Limits) -> Outcome:
    """Have a strategy place everything anew."""
    empty, waiting = _emptied(view)
    chance.shuffle(waiting)
    homeless = 0
    now = empty
    for number, group in enumerate(waiting):
        request = Request(group.spec, group.node, number)
        node = explain(strategy, request, now, chance).node
        if node:
            now = now.placed(group.spec, node)
        else:
            homeless += 1
    now = _with_messages(now, view)
    moves = 0
    for _ in range(MOST_PLANS):
        plan = make_plan(strategy, now.rested(), limits, chance)
        if not plan.moves:
            break
        moves += len(plan.moves)
        for move in plan.moves:
            now = now.moved(move.unit, move.target)
    return Outcome(remote_share(now), busiest(now), moves, homeless)


def remote_share(view: View) -> float:
    """The share of the messages between groups that cross from node to node."""
    places = {group.unit: group.node for group in view.groups}
    known = [pair for pair in view.traffic if pair.a in places and pair.b in places]
    total = sum(pair.messages for pair in known)
    return sum(pair.messages for pair in known if places[pair.a] != places[pair.b]) / total if total else 0.0


def busiest(view: View) -> float:
    """The load of the busiest node, by what its groups handle and by its capacity, as a multiple of the mean."""
    loads = Graph(view).loads
    mean = sum(loads[name] for name in view.node) / sum(node.capacity for node in view.nodes)
    return max(loads[node.name] / node.capacity for node in view.nodes) / mean if mean else 1.0


def _emptied(view: View) -> tuple[View, list[Group]]:
    """The cluster without what can move, and that."""
    fixed: list[Group] = []
    waiting: list[Group] = []
    for group in view.groups:
        (fixed if group.spec.sockets or group.spec.pinned else waiting).append(group)
    left = replace(view, groups=tuple(fixed))
    return replace(left, nodes=tuple(_as_it_is(node, left) for node in view.nodes)), waiting


def _as_it_is(node: Node, view: View) -> Node:
    weight = sum(group.spec.weight for group in view.groups_on[node.name])
    return replace(node, load=Load(weight=Measure(weight)), promised=0.0)


def _with_messages(now: View, before: View) -> View:
    """The view with what the groups handled before."""
    groups = (replace(group, messages=before.group[group.unit].messages) for group in now.groups)
    return replace(now, groups=tuple(groups))
