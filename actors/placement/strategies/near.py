"""Near to those it talks to: ``zone-aware``, ``near-client``, ``near-server``."""

from collections.abc import Iterable
from random import Random

from actors.placement.move import Limits, Move
from actors.placement.node import Node
from actors.placement.spec import Peer, Request, Side
from actors.placement.strategies.improve import improve
from actors.placement.strategies.pick import best
from actors.placement.strategy import Choice
from actors.placement.view import View
from actors.placement.zones import nearness, nearness_of_zones


def nearness_scores(peers: Iterable[Peer], candidates: tuple[Node, ...], view: View) -> dict[str, float]:
    """How near each candidate is to the peers, by their weights: 1 if all are there, 0 if all are far."""
    known = [peer for peer in peers if peer.node in view.node or peer.zone]
    total = sum(peer.weight for peer in known)
    if not total:
        return dict.fromkeys((node.name for node in candidates), 0.0)
    return {node.name: sum(peer.weight * _near(node, peer, view) for peer in known) / total for node in candidates}


def _near(node: Node, peer: Peer, view: View) -> float:
    there = view.node.get(peer.node)
    return nearness(node, there) if there else nearness_of_zones(node.zone, peer.zone)


def all_scores(request: Request, candidates: tuple[Node, ...], view: View) -> dict[str, float]:
    """How near the candidates are to all peers."""
    return nearness_scores(request.spec.peers, candidates, view)


def client_scores(request: Request, candidates: tuple[Node, ...], view: View) -> dict[str, float]:
    """How near the candidates are to the clients."""
    return nearness_scores(_of_side(request, Side.CLIENT), candidates, view)


def server_scores(request: Request, candidates: tuple[Node, ...], view: View) -> dict[str, float]:
    """How near the candidates are to the servers."""
    return nearness_scores(_of_side(request, Side.SERVER), candidates, view)


def _of_side(request: Request, side: Side) -> list[Peer]:
    return [peer for peer in request.spec.peers if peer.side is side]


def zone_aware(request: Request, candidates: tuple[Node, ...], view: View, chance: Random) -> Choice:
    """Nearest to all peers, by their weights."""
    return _nearest(all_scores(request, candidates, view), "its peers", candidates, view, chance)


def near_client(request: Request, candidates: tuple[Node, ...], view: View, chance: Random) -> Choice:
    """Nearest to the clients."""
    return _nearest(client_scores(request, candidates, view), "its clients", candidates, view, chance)


def near_server(request: Request, candidates: tuple[Node, ...], view: View, chance: Random) -> Choice:
    """Nearest to the servers."""
    return _nearest(server_scores(request, candidates, view), "its servers", candidates, view, chance)


def _nearest(scores: dict[str, float], whom: str, candidates: tuple[Node, ...], view: View, chance: Random) -> Choice:
    node = best(scores, candidates, view, chance).name
    if scores[node]:
        return Choice(node, f"it is nearest to {whom}", scores)
    return Choice(node, f"none is near to {whom}, and it has least to do", scores)


def propose_zone_aware(view: View, limits: Limits, chance: Random) -> tuple[Move, ...]:  # noqa: ARG001
    """Follow the peers."""
    return improve(all_scores, "it is nearer to its peers", view, limits, limits.gain)


def propose_near_client(view: View, limits: Limits, chance: Random) -> tuple[Move, ...]:  # noqa: ARG001
    """Follow the clients."""
    return improve(client_scores, "it is nearer to its clients", view, limits, limits.gain)


def propose_near_server(view: View, limits: Limits, chance: Random) -> tuple[Move, ...]:  # noqa: ARG001
    """Follow the servers."""
    return improve(server_scores, "it is nearer to its servers", view, limits, limits.gain)
