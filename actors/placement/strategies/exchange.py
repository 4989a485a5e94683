"""``exchange``: pairs of nodes swap groups, so that fewer messages cross while the load stays balanced.

Source: A. Newell, G. Kliot, I. Menache, A. Gopalan, S. Akiyama, M. Silberstein, "Optimizing Distributed Actor Systems
for Dynamic Interactive Services", EuroSys 2016, section 4. There each node knows its own part of the graph and agrees
with one other at a time; here the same is done for all pairs on one view. As there, a node takes part in one exchange
of a plan, candidates are taken greedily by what their move saves, what is saved by the others is corrected after each,
and no step may leave the two nodes less balanced than they were, or than the tolerance allows.
"""

from itertools import combinations
from random import Random

import msgspec

from actors.placement import filters
from actors.placement.move import Limits, Move, movable
from actors.placement.node import Node
from actors.placement.spec import Request
from actors.placement.strategies.near import all_scores
from actors.placement.strategies.pick import best
from actors.placement.strategy import Choice
from actors.placement.view import View

Names = tuple[str, str]

CONSIDERED = 32
"""So many groups of each node of a pair are considered in a step, those whose move saves most."""


def near_peers(request: Request, candidates: tuple[Node, ...], view: View, chance: Random) -> Choice:
    """Nearest to its peers, among the nodes that have no more to do than the average allows."""
    limits = Limits()
    mean = sum(view.pressures[node.name] for node in candidates) / len(candidates)
    room = tuple(node for node in candidates if view.pressures[node.name] <= mean * (1 + limits.tolerance))
    scores = all_scores(request, room, view)
    why = "of the nodes that are not busier than the average allows it is nearest to its peers"
    return Choice(best(scores, room, view, chance).name, why, scores)


class Graph:
    """Who talks to whom, where each is, and what each node has to do; changes with each step."""

    __slots__ = ("edges", "loads", "places", "works")

    def __init__(self, view: View) -> None:
        self.places = {group.unit: group.node for group in view.groups}
        self.edges: dict[str, dict[str, float]] = {unit: {} for unit in self.places}
        for pair in view.traffic:
            if pair.a != pair.b and pair.a in self.places and pair.b in self.places:
                for one, other in ((pair.a, pair.b), (pair.b, pair.a)):
                    self.edges[one][other] = self.edges[one].get(other, 0.0) + pair.messages
        self.works = {unit: max(view.group[unit].messages, self.traffic(unit)) for unit in self.places}
        """The messages that each group handles in a second."""
        self.loads = dict.fromkeys(view.node, 0.0)
        for unit, node in self.places.items():
            self.loads[node] = self.loads.get(node, 0.0) + self.works[unit]

    def traffic(self, unit: str) -> float:
        """What a group says and hears in a second."""
        return sum(self.edges[unit].values())

    def gain(self, unit: str, target: str) -> float:
        """The messages in a second that cross no more if a group moves."""
        source = self.places[unit]
        gain = 0.0
        for other, messages in self.edges[unit].items():
            place = self.places[other]
            if place == target:
                gain += messages
            elif place == source:
                gain -= messages
        return gain

    def move(self, unit: str, target: str) -> None:
        """Move a group."""
        self.loads[self.places[unit]] -= self.works[unit]
        self.loads[target] += self.works[unit]
        self.places[unit] = target


class Step(msgspec.Struct, frozen=True):
    """One or two groups that change places between two nodes, and what that saves."""

    gain: float
    units: tuple[str, ...]


class Pair:
    """Two nodes that exchange groups."""

    def __init__(
        self, graph: Graph, free: dict[str, list[str]], view: View, limits: Limits, names: tuple[str, str]
    ) -> None:
        self.graph = graph
        self.view = view
        self.limits = limits
        one, other = self.nodes = view.node[names[0]], view.node[names[1]]
        self.sides = {one.name: list(free[one.name]), other.name: list(free[other.name])}
        self.slack = max(self._imbalance(0.0), limits.tolerance)
        """The imbalance that no step may exceed."""

    @property
    def hope(self) -> float:
        """What the two could save at the most."""
        return sum(max(0.0, self._gain(unit)) for units in self.sides.values() for unit in units)

    def exchange(self, most: int) -> list[Move]:
        """Take the best steps, one after the other, while there are good ones."""
        moves: list[Move] = []
        while len(moves) < most:
            step = self._best_step(size=min(2, most - len(moves)))
            if step is None:
                break
            saved = f"{step.gain:.3g} messages/s cross no more{', in exchange' if len(step.units) > 1 else ''}"
            for unit in step.units:
                source, target = self.graph.places[unit], self._target(unit)
                self.sides[source].remove(unit)
                self.graph.move(unit, target.name)
                self.view = self.view.moved(unit, target.name)
                moves.append(Move(unit, source, target.name, saved, step.gain / len(step.units)))
        return moves

    def _target(self, unit: str) -> Node:
        one, other = self.nodes
        return other if self.graph.places[unit] == one.name else one

    def _gain(self, unit: str) -> float:
        return self.graph.gain(unit, self._target(unit).name)

    def _best_step(self, size: int) -> Step | None:
        """The step that saves most, of those that save enough, keep the balance and are allowed."""
        gains = {unit: self._gain(unit) for units in self.sides.values() for unit in units}
        ones, others = (
            sorted(units, key=lambda unit: (-gains[unit], unit))[:CONSIDERED] for units in self.sides.values()
        )
        steps = [Step(gains[unit], (unit,)) for unit in (*ones, *others)]
        if size > 1:
            edges = self.graph.edges
            steps += [Step(gains[a] + gains[b] - 2 * edges[a].get(b, 0.0), (a, b)) for a in ones for b in others]
        steps.sort(key=lambda step: (-step.gain, len(step.units), step.units))
        for step in steps:
            if step.gain <= 0 or step.gain < self.limits.least:
                return None
            if self._is_worth_it(step) and self._keeps_balance(step) and self._is_allowed(step):
                return step
        return None

    def _is_worth_it(self, step: Step) -> bool:
        return step.gain >= self.limits.gain * sum(map(self.graph.traffic, step.units))

    def _keeps_balance(self, step: Step) -> bool:
        one = self.nodes[0].name
        graph = self.graph
        shift = sum(graph.works[unit] * (1 if graph.places[unit] == one else -1) for unit in step.units)
        return self._imbalance(shift) <= self.slack

    def _imbalance(self, shift: float) -> float:
        """How far the busier is above what both do on average, as a share of that, if so much goes to the second."""
        one, other = self.nodes
        load, its = self.graph.loads[one.name] - shift, self.graph.loads[other.name] + shift
        mean = (load + its) / (one.capacity + other.capacity)
        return max(load / one.capacity, its / other.capacity) / mean - 1 if mean > 0 else 0.0

    def _is_allowed(self, step: Step) -> bool:
        """Whether the filters refuse none of the groups its new node, even before the other one has left it."""
        return all(self._may_go(unit) for unit in step.units)

    def _may_go(self, unit: str) -> bool:
        request = Request(self.view.group[unit].spec, self.graph.places[unit])
        return filters.is_allowed(request, self.view, self._target(unit))


def propose_exchange(view: View, limits: Limits, chance: Random) -> tuple[Move, ...]:  # noqa: ARG001
    """Let pairs of nodes exchange groups, those pairs first that seem to have most to win."""
    graph = Graph(view)
    free: dict[str, list[str]] = {name: [] for name in view.node}
    for group in movable(view, limits):
        if graph.edges[group.unit]:
            free[group.node].append(group.unit)
    hopes = {names: Pair(graph, free, view, limits, names).hope for names in combinations(sorted(view.node), 2)}
    moves: list[Move] = []
    engaged: set[str] = set()
    for names in sorted((names for names in hopes if hopes[names] > 0), key=lambda names: (-hopes[names], names)):
        if engaged.isdisjoint(names):
            made = Pair(graph, free, view, limits, names).exchange(limits.moves - len(moves))
            for move in made:
                view = view.moved(move.unit, move.target)
                engaged.update(names)
            moves += made
    return tuple(moves)
