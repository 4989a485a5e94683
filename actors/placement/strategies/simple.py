"""Strategies that do not look at what runs: ``local``, ``random``, ``round-robin``, ``rendezvous``, ``external``."""

import math
from hashlib import blake2b
from random import Random

from actors.placement.move import Limits, Move
from actors.placement.node import Node
from actors.placement.spec import Request
from actors.placement.strategies.improve import improve
from actors.placement.strategies.pick import best
from actors.placement.strategy import Choice
from actors.placement.view import View
from actors.placement.zones import nearness


def local(request: Request, candidates: tuple[Node, ...], view: View, chance: Random) -> Choice:
    """Where it is asked for, or as near to it as can be."""
    here = view.node.get(request.origin)
    scores = {node.name: nearness(node, here) if here else 0.0 for node in candidates}
    node = best(scores, candidates, view, chance)
    if node.name == request.origin:
        return Choice(node.name, "it is asked for there", scores)
    return Choice(node.name, f"{request.origin or 'who asks'} does not do, and this is nearest to it", scores)


def random(request: Request, candidates: tuple[Node, ...], view: View, chance: Random) -> Choice:  # noqa: ARG001
    """Any."""
    return Choice(chance.choice(candidates).name, "by chance")


def round_robin(request: Request, candidates: tuple[Node, ...], view: View, chance: Random) -> Choice:  # noqa: ARG001
    """One after the other, by the number of the request."""
    turn = request.number % len(candidates)
    return Choice(candidates[turn].name, f"request {request.number}, so number {turn + 1} of {len(candidates)}")


def rendezvous_scores(request: Request, candidates: tuple[Node, ...], view: View) -> dict[str, float]:  # noqa: ARG001
    """Hash each node with the name of the group: the score is exponential with the node's capacity as mean.

    So a node is best for a share of the groups that is its share of the capacity, and a node that comes or goes
    concerns only the groups that it wins or loses.
    Sources: D. Thaler, C. Ravishankar, "Using Name-Based Mappings to Increase Hit Rates", IEEE/ACM ToN 6(1), 1998;
    with weights: C. Schindelhauer, G. Schomaker, "Weighted Distributed Hash Tables", SPAA 2005 (logarithmic method).
    """
    unit = request.spec.unit
    return {node.name: -node.capacity / math.log(_fraction(unit, node.name)) for node in candidates}


def _fraction(unit: str, node: str) -> float:
    """A number between 0 and 1, both excluded, that is the same on each node and in each process."""
    text = f"{unit}\0{node}".encode("utf-8", "surrogatepass")
    number = int.from_bytes(blake2b(text, digest_size=8).digest(), "big") >> 12
    return (number + 0.5) / 2**52


def rendezvous(request: Request, candidates: tuple[Node, ...], view: View, chance: Random) -> Choice:
    """The node whose hash with the name of the group is highest."""
    scores = rendezvous_scores(request, candidates, view)
    return Choice(best(scores, candidates, view, chance).name, f"its hash with {request.spec.unit} is highest", scores)


def propose_rendezvous(view: View, limits: Limits, chance: Random) -> tuple[Move, ...]:  # noqa: ARG001
    """Move groups to the nodes of their hashes, which have come since."""
    return improve(rendezvous_scores, "its hash with it is higher", view, limits, gain=0.0)


def external_scores(request: Request, candidates: tuple[Node, ...], view: View) -> dict[str, float]:
    """1 for the node that was named for the path, or else for the group."""
    named, _ = _answer(request, view)
    return {node.name: float(node.name == named) for node in candidates}


def _answer(request: Request, view: View) -> tuple[str, float]:
    """The node that was named, and how many seconds ago; nothing if none was."""
    for name in (request.spec.path, request.spec.unit):
        if view.answers.get(name):
            return view.answers[name], view.ages.get(name, 0.0)
    return "", 0.0


def external(request: Request, candidates: tuple[Node, ...], view: View, chance: Random) -> Choice:
    """The node that somebody outside has named; without an answer, that of ``rendezvous``."""
    named, age = _answer(request, view)
    scores = external_scores(request, candidates, view)
    if any(scores.values()):
        why = f"it was named for it {age:.0f} s ago" if age >= 1 else "it is named for it"
        return Choice(best(scores, candidates, view, chance).name, why, scores)
    instead = rendezvous(request, candidates, view, chance)
    wrong = f"the node named for it, {named}, does not do" if named else "no node is named for it"
    return Choice(instead.node, f"{wrong}; {instead.why}", instead.scores)


def propose_external(view: View, limits: Limits, chance: Random) -> tuple[Move, ...]:  # noqa: ARG001
    """Move groups to the nodes that are named for them."""
    return improve(external_scores, "it is named for it", view, limits, gain=0.0)
