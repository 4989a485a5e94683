"""Which nodes something may run on.

A filter looks at one node and says why it does not do, or nothing. Filters know nothing of each other, so their order
is without meaning, and each says its opinion of each node.
"""

from collections.abc import Callable, Mapping

import msgspec

from actors.placement.node import Node, Role
from actors.placement.spec import Request
from actors.placement.view import View
from actors.placement.zones import is_within

Filter = Callable[[Request, View, Node], str]
"""Returns why the node does not do; an empty text means that it does."""


class Verdict(msgspec.Struct, frozen=True):
    """What a filter says of a node."""

    node: str
    filter: str
    refusal: str = ""
    """Why the node does not do; empty: it does."""


def draining(request: Request, view: View, node: Node) -> str:  # noqa: ARG001 - all filters are alike
    """Nothing comes to a node that is being emptied."""
    return "it is being emptied" if node.draining else ""


def role(request: Request, view: View, node: Node) -> str:  # noqa: ARG001
    """Owners of sockets go to the edge, the others to the core."""
    if request.spec.sockets:
        return "it is for actors without sockets" if node.role is Role.CORE else ""
    return "it is for owners of sockets" if node.role is Role.EDGE else ""


def capability(request: Request, view: View, node: Node) -> str:  # noqa: ARG001
    """The node can do what is needed."""
    for name, wanted in request.spec.needs.items():
        has = node.capabilities.get(name, False)
        if has != wanted:
            return f"its {name} is {has!r}, not {wanted!r}"
    return ""


def zone(request: Request, view: View, node: Node) -> str:  # noqa: ARG001
    """The node is where it is wanted."""
    zones = request.spec.zones
    if not zones or any(is_within(node.zone, wanted) for wanted in zones):
        return ""
    return f"its zone is {node.zone or 'none'}, not {' or '.join(zones)}"


def capacity(request: Request, view: View, node: Node) -> str:
    """The node has room, which it always has for what runs there."""
    if node.limit is None:
        return ""
    running = view.group.get(request.spec.unit)
    if running is not None and running.node == node.name:
        return ""
    after = node.weight + request.spec.weight
    return f"its weight would be {after:g}, of at most {node.limit:g}" if after > node.limit else ""


def affinity(request: Request, view: View, node: Node) -> str:
    """What it must be together with runs there, if it runs at all."""
    for unit in request.spec.together:
        other = view.group.get(unit)
        if other is not None and other.node != node.name and other.node in view.node:
            return f"{unit} runs on {other.node}"
    return ""


def anti_affinity(request: Request, view: View, node: Node) -> str:
    """Nothing runs there that it must be apart from, or that must be apart from it."""
    spec = request.spec
    shunned = view.shunned.get(spec.unit, frozenset())
    for unit in (*spec.apart, *sorted(shunned)) if shunned else spec.apart:
        other = view.group.get(unit)
        if other is not None and other.node == node.name and unit != spec.unit:
            return f"{unit} runs there"
    return ""


def pinned(request: Request, view: View, node: Node) -> str:  # noqa: ARG001
    """The node is the one that is named."""
    name = request.spec.pinned
    return f"it is pinned to {name}" if name and name != node.name else ""


FILTERS: Mapping[str, Filter] = {
    "draining": draining,
    "role": role,
    "capability": capability,
    "zone": zone,
    "capacity": capacity,
    "affinity": affinity,
    "anti-affinity": anti_affinity,
    "pinned": pinned,
}


def verdicts(request: Request, view: View) -> tuple[Verdict, ...]:
    """What each filter says of each node."""
    return tuple(
        Verdict(node.name, name, says(request, view, node)) for node in view.nodes for name, says in FILTERS.items()
    )


def is_allowed(request: Request, view: View, node: Node) -> bool:
    """Whether no filter refuses a node."""
    return not any(says(request, view, node) for says in FILTERS.values())


def candidates(request: Request, view: View) -> tuple[Node, ...]:
    """The nodes that no filter refuses, by name."""
    return tuple(node for node in sorted(view.nodes, key=_name) if is_allowed(request, view, node))


def _name(node: Node) -> str:
    return node.name
