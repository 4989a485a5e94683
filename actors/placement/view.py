"""What is known of the cluster when a decision is made."""

from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Annotated

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from actors.placement.node import NEVER, Age, Node
from actors.placement.spec import Spec


class Group(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that runs: one actor, or several that stay together."""

    spec: Spec
    node: str
    settled: Age = NEVER
    """For so many seconds it has been there."""
    messages: Annotated[float, Meta(ge=0)] = 0.0
    """It handles so many in a second, those among its own actors included."""

    @property
    def unit(self) -> str:
        """Its name."""
        return self.spec.unit


class Traffic(msgspec.Struct, frozen=True, omit_defaults=True):
    """What two groups say to each other in a second, in both directions."""

    a: str
    b: str
    messages: Annotated[float, Meta(ge=0)] = 0.0
    bytes: Annotated[float, Meta(ge=0)] = 0.0


class View(msgspec.Struct, frozen=True, omit_defaults=True, dict=True):
    """All nodes, what runs on them, and what that says to each other. It is a value, and can be saved as JSON.

    Raises:
        ValueError: two nodes or two groups have one name.
    """

    nodes: tuple[Node, ...]
    groups: tuple[Group, ...] = ()
    traffic: tuple[Traffic, ...] = ()
    answers: dict[str, str] = {}
    """What somebody outside has decided: the node of a path or a group. See the strategy ``external``."""
    ages: dict[str, Age] = {}
    """How many seconds ago each answer was given; 0 where that is not said."""
    stale_after: Age = 10.0
    """Seconds after which what a node said of its load is doubted."""

    def __post_init__(self) -> None:
        """Check what the rest relies on."""
        if len(self.node) < len(self.nodes):
            raise ValueError("two nodes have one name")
        if len(self.group) < len(self.groups):
            raise ValueError("two groups have one name")

    @cached_property
    def node(self) -> Mapping[str, Node]:
        """The nodes by name."""
        return MappingProxyType({node.name: node for node in self.nodes})

    @cached_property
    def group(self) -> Mapping[str, Group]:
        """The groups by name."""
        return MappingProxyType({group.unit: group for group in self.groups})

    @cached_property
    def groups_on(self) -> Mapping[str, tuple[Group, ...]]:
        """The groups of each node, in the order of the view."""
        found: dict[str, list[Group]] = {node.name: [] for node in self.nodes}
        for group in self.groups:
            found.setdefault(group.node, []).append(group)
        return MappingProxyType({node: tuple(groups) for node, groups in found.items()})

    @cached_property
    def shunned(self) -> Mapping[str, frozenset[str]]:
        """For each group the others that will not share a node with it."""
        found: dict[str, set[str]] = {}
        for group in self.groups:
            for other in group.spec.apart:
                found.setdefault(other, set()).add(group.unit)
        return MappingProxyType({unit: frozenset(others) for unit, others in found.items()})

    @cached_property
    def followed(self) -> frozenset[str]:
        """The groups that others must share a node with."""
        return frozenset(unit for group in self.groups for unit in group.spec.together)

    @cached_property
    def pressures(self) -> Mapping[str, float]:
        """For each node how near it is to what it can do: 1 is all.

        It is the larger of two shares, that of its capacity and that of its time, since what runs out first counts
        (as in A. Ghodsi et al., "Dominant Resource Fairness", NSDI 2011). A node that has said nothing for long is
        taken to do at least as much as the others do on average: old numbers have a herd run to the one that was
        idle once (M. Mitzenmacher, "How Useful Is Old Information?", IEEE TPDS 11(1), 2000).
        """
        fresh = {node.name: _pressure(node, self.stale_after) for node in self.nodes if self.is_fresh(node)}
        usual = sum(fresh.values()) / len(fresh) if fresh else 0.0
        silent = {node.name: max(usual, node.weight / node.capacity) for node in self.nodes if node.name not in fresh}
        return MappingProxyType(fresh | silent)

    def is_fresh(self, node: Node) -> bool:
        """Whether a node has told its load lately."""
        return node.load.weight.age <= self.stale_after

    def placed(self, spec: Spec, node: str) -> "View":
        """The view after something new was placed."""
        nodes = tuple(_weighed(other, spec.weight if other.name == node else 0.0) for other in self.nodes)
        return replace(self, nodes=nodes, groups=(*self.groups, Group(spec, node, settled=0.0)))

    def moved(self, unit: str, target: str) -> "View":
        """The view after a group was moved.

        Raises:
            KeyError: there is no such group.
        """
        group = self.group[unit]
        weight = group.spec.weight
        change = {group.node: -weight, target: weight} if group.node != target else {}
        return replace(
            self,
            nodes=tuple(_weighed(node, change.get(node.name, 0.0)) for node in self.nodes),
            groups=tuple(
                replace(other, node=target, settled=0.0) if other.unit == unit else other for other in self.groups
            ),
        )

    def rested(self) -> "View":
        """The view after such a time that each group may move again, and nothing else has changed."""
        return replace(self, groups=tuple(replace(group, settled=NEVER) for group in self.groups))


def _pressure(node: Node, stale_after: float) -> float:
    share = node.weight / node.capacity
    busy = node.load.busy
    return max(share, busy.value) if busy.age <= stale_after else share


def _weighed(node: Node, weight: float) -> Node:
    return replace(node, promised=node.promised + weight) if weight else node
