"""Where a user is to run."""

from random import Random

from actors.placement import BUILT_IN, Explanation, Node, Request, Role, Spec, View, place
from actors.placement.find import find_strategy
from soju_actors.messages.cluster import NodeSeen


def node_for(path: str, nodes: dict[str, NodeSeen], strategy: str, chance: Random, *, sockets: bool = False) -> str:
    """Return the node that a strategy chooses for a user's actors, or the owner of a socket; nothing if none does."""
    return explained(path, nodes, strategy, chance, sockets=sockets).node


def explained(
    path: str, nodes: dict[str, NodeSeen], strategy: str, chance: Random, *, sockets: bool = False
) -> Explanation:
    """Return what a strategy chooses for a user's actors, or the owner of a socket, and why."""
    seen = tuple(_node(node) for node in nodes.values())
    fallback = BUILT_IN["rendezvous"].place
    return place(find_strategy(strategy), Request(Spec(path, sockets=sockets)), View(seen), chance, fallback=fallback)


def _node(node: NodeSeen) -> Node:
    capabilities = {name: value for name, value in node.capabilities.items() if value is not None}
    return Node(node.name, node.zone, Role(node.role), capabilities, draining=node.draining)
