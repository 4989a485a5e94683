"""Zones, and how near to each other nodes are.

A zone is a path from the large to the small, such as ``eu/de/1``. Who asks for ``eu`` is content with any zone below
it. Nodes without a zone are all in one.
"""

from actors.placement.node import Node

SAME_ZONE = 0.5
"""How near two nodes of one zone are to each other, where a node is as near as 1 to itself."""


def is_within(zone: str, wanted: str) -> bool:
    """Whether a zone is the wanted one, or a part of it."""
    return zone == wanted or zone.startswith(f"{wanted}/")


def nearness(node: Node, other: Node) -> float:
    """How near a node is to another: 1 for itself, half for its zone, less for what shares only the larger zone."""
    return 1.0 if node.name == other.name else nearness_of_zones(node.zone, other.zone)


def nearness_of_zones(zone: str, other: str) -> float:
    """How near nodes of two zones are to each other: from 0 to :data:`SAME_ZONE`."""
    if zone == other:
        return SAME_ZONE
    parts, others = zone.split("/"), other.split("/")
    shared = 0
    for part, its in zip(parts, others, strict=False):
        if part != its:
            break
        shared += 1
    return SAME_ZONE * shared / max(len(parts), len(others))
