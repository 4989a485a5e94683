"""Where a user is to run."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from random import Random
from typing import Any, NamedTuple, TypeGuard

from msgspec.structs import replace

from actors import ChildSpec, Ref
from actors.placement import BUILT_IN, UNKNOWN, Explanation, Load, Measure, Node, Request, Role, Spec, View, place
from actors.placement.find import find_strategy
from actors.placement.node import Capability
from soju_actors.messages.cluster import Answered, NodeSeen
from soju_actors.registry.state import Known

strategy_of = cache(find_strategy)
"""A strategy may come from a file, which is read once."""
NOTHING: Mapping[str, Answered] = {}
SIZES = ("capacity", "limit")
"""Capabilities that say for how many users a node is made, and how many it is given at most; sockets have no limit."""


class How(NamedTuple):
    """How a choice is made."""

    strategy: str
    chance: Random
    number: int = 0
    """How many there were before."""


def view_of(
    nodes: Mapping[str, NodeSeen], now: float, *, sockets: bool = False, answers: Mapping[str, Answered] = NOTHING
) -> View:
    """Return what is known of the nodes; their weight is that of their users, or of their sockets."""
    return with_answers(View(tuple(_node(node, now, sockets=sockets) for node in nodes.values())), answers, now)


def with_answers(view: View, answers: Mapping[str, Answered], now: float) -> View:
    """Return the view with what somebody outside has said."""
    if not answers:
        return view
    named = {path: answer.node for path, answer in answers.items()}
    return replace(view, answers=named, ages={path: max(0.0, now - answer.at) for path, answer in answers.items()})


def node_for(path: str, view: View, strategy: str, chance: Random, *, number: int = 0) -> str:
    """Return the node that a strategy chooses for a user's actors; nothing if none does."""
    return explained(path, view, strategy, chance, number=number).node


def node_for_socket(child: ChildSpec, ref: Ref[Any], here: str, view: View, how: How) -> str:
    """Return the node of what owns a socket: this one if it may be here and that is what is asked for.

    It is nothing if no node is as it is to be.
    """
    own = view.node[here]
    asked = bool(child.zones or child.needs)
    if not asked and own.role is not Role.CORE:
        return here
    spec = Spec(ref.path, sockets=True, needs=child.needs, zones=child.zones)
    return (asked and _chosen(spec, replace(view, nodes=(own,)), how).node) or _chosen(spec, view, how).node


def explained(path: str, view: View, strategy: str, chance: Random, *, number: int = 0) -> Explanation:
    """Return what a strategy chooses for a user's actors, and why."""
    return _chosen(Spec(path), view, How(strategy, chance, number))


def _chosen(spec: Spec, view: View, how: How) -> Explanation:
    request = Request(spec, number=how.number)
    return place(strategy_of(how.strategy), request, view, how.chance, fallback=BUILT_IN["rendezvous"].place)


def nodes_for(users: Iterable[Known], view: View, strategy: str) -> Iterator[tuple[Known, str]]:
    """Choose for users one after the other, so that not all go to the node that has least to do before.

    Each node asks this for itself: what is seen alike is answered alike. So what is chance elsewhere is drawn by the
    user, and round-robin goes by its number.
    """
    for known in sorted(users, key=lambda known: known.user.id):
        path = known.ref.path
        chance = Random(path)  # noqa: S311 - it is to be the same on all nodes
        node = node_for(path, view, strategy, chance, number=known.user.id)
        nodes = (replace(one, promised=one.promised + 1) if one.name == node else one for one in view.nodes)
        view = replace(view, nodes=tuple(nodes))
        yield known, node


def _node(node: NodeSeen, now: float, *, sockets: bool) -> Node:
    capabilities = {name: value for name, value in node.capabilities.items() if value is not None}
    load = _load(node, now, sockets=sockets)
    found = Node(node.name, node.zone, Role(node.role), capabilities, draining=node.draining, load=load)
    names = SIZES[:1] if sockets else SIZES
    sizes = {name: float(value) for name in names if _is_size(value := capabilities.get(name))}
    return replace(found, **sizes) if sizes else found


def _is_size(value: Capability | None) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def _load(node: NodeSeen, now: float, *, sockets: bool) -> Load:
    told = node.load
    if told is None:
        return Load()
    age = max(0.0, now - told.at)
    weight = told.sockets if sockets else told.users
    numbers = (weight, told.busy, told.messages, told.bytes, told.waiting, told.memory)
    return Load(*(UNKNOWN if number is None else Measure(number, age) for number in numbers))
