"""What the strategies share: the best of the scores."""

from random import Random

from actors.placement.node import Node
from actors.placement.view import View


def best(scores: dict[str, float], candidates: tuple[Node, ...], view: View, chance: Random) -> Node:
    """The candidate of the highest score; among equals one of least load, and among equals of that any."""
    highest = max(scores[node.name] for node in candidates)
    equal = [node for node in candidates if scores[node.name] == highest]
    if len(equal) > 1:
        least = min(view.pressures[node.name] for node in equal)
        equal = [node for node in equal if view.pressures[node.name] == least]
    return equal[0] if len(equal) == 1 else chance.choice(equal)
