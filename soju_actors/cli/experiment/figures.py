"""What a run comes to, and what the runs of a strategy have in common. Pure."""

import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from actors.measure.meter import EdgeRow


@dataclass(frozen=True, slots=True)
class Figures:
    """One run."""

    strategy: str
    seed: int
    remote: float
    """The share of the messages between actors that went from node to node."""
    busiest: float
    """The messages that the busiest node handled, as a multiple of the mean."""
    p50: float
    p99: float
    """Seconds from a server's line to a client's."""
    moves: int
    """So many times a user has changed its node."""
    delivered: int
    missing: int
    """Lines that clients have not been shown."""


MEASURED = ("remote", "busiest", "p50", "p99", "moves")
"""The fields whose spread is told."""


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure over the seeds."""

    median: float
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Summary:
    """A strategy."""

    strategy: str
    seeds: int
    spreads: Mapping[str, Spread]
    """By the name of the figure, as in ``MEASURED``."""
    missing: int
    """Over all seeds."""


def summarize(runs: Iterable[Figures]) -> list[Summary]:
    """What the runs of each strategy come to, in the order in which the strategies first appear."""
    by_strategy: dict[str, list[Figures]] = defaultdict(list)
    for run in runs:
        by_strategy[run.strategy].append(run)
    return [
        Summary(
            strategy,
            len(those),
            {name: _spread([float(getattr(run, name)) for run in those]) for name in MEASURED},
            sum(run.missing for run in those),
        )
        for strategy, those in by_strategy.items()
    ]


def _spread(values: Sequence[float]) -> Spread:
    return Spread(statistics.median(values), min(values), max(values))


def quantile(ordered: Sequence[float], share: float) -> float:
    """The least of the values that this share of them does not exceed; 0 where there are none."""
    if not ordered:
        return 0.0
    return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))]


def remote_share(edges: Mapping[str, Sequence[EdgeRow]]) -> float:
    """The share of the messages between actors that went from node to node; ``edges`` are by the sender's node."""
    between = [row for rows in edges.values() for row in rows if row.sender]
    total = sum(row.messages for row in between)
    return sum(row.remote for row in between) / total if total else 0.0


def busiest(edges: Mapping[str, Sequence[EdgeRow]]) -> float:
    """The messages that the busiest node handled, as a multiple of the mean."""
    handled = handled_by(edges)
    mean = sum(handled.values()) / len(handled) if handled else 0.0
    return max(handled.values()) / mean if mean else 1.0


def handled_by(edges: Mapping[str, Sequence[EdgeRow]]) -> dict[str, int]:
    """The messages that each node handled: those that stayed there, and those that came to its actors."""
    at = _places(edges)
    handled = dict.fromkeys(edges, 0)
    for node, rows in edges.items():
        for row in rows:
            handled[node] += row.messages - row.remote
            place = _place_of(row.receiver, at) if row.remote else ""
            if place in handled:
                handled[place] += row.remote
    return handled


def _places(edges: Mapping[str, Sequence[EdgeRow]]) -> dict[str, str]:
    """Where actors are: the node on which most of what they say is said, and of what is said to them stays."""
    seen: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for node, rows in edges.items():
        for row in rows:
            seen[row.sender][node] += row.messages
            seen[row.receiver][node] += row.messages - row.remote
    return {path: max(nodes, key=nodes.__getitem__) for path, nodes in seen.items() if any(nodes.values())}


def _place_of(path: str, at: Mapping[str, str]) -> str:
    """The node that a path names, else where it is seen, else where the nearest one above it is; nothing if unknown."""
    first, _, _ = path.partition("/")
    _, named, node = first.partition("@")
    if named:
        return node
    while path:
        if path in at:
            return at[path]
        path, _, _ = path.rpartition("/")
    return ""
