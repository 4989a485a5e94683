"""From what was measured to a view."""

from collections import defaultdict
from collections.abc import Callable, Iterable

from actors.measure import ActorRow, EdgeRow
from actors.placement.view import Traffic


def traffic(edges: Iterable[EdgeRow], group_of: Callable[[str], str], seconds: float) -> tuple[Traffic, ...]:
    """What groups say to each other in a second, from what their actors said to each other in so many.

    Args:
        edges: what was measured; several nodes' rows may follow each other.
        group_of: the group of a path, or an empty text for what is in none.
        seconds: how long it was measured.
    """
    messages: defaultdict[tuple[str, str], float] = defaultdict(float)
    sizes: defaultdict[tuple[str, str], float] = defaultdict(float)
    for row in edges:
        one, other = sorted((group_of(row.sender), group_of(row.receiver)))
        if one and one != other:
            messages[one, other] += row.messages / seconds
            sizes[one, other] += row.bytes / seconds
    return tuple(Traffic(*pair, messages=messages[pair], bytes=sizes[pair]) for pair in sorted(messages))


def handled(actors: Iterable[ActorRow], group_of: Callable[[str], str], seconds: float) -> dict[str, float]:
    """The messages that each group handles in a second; arguments as for :func:`traffic`."""
    found: defaultdict[str, float] = defaultdict(float)
    for row in actors:
        group = group_of(row.path)
        if group:
            found[group] += row.messages / seconds
    return dict(found)
