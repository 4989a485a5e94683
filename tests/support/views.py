"""Clusters of any kind, for tests of placement. What shrinks is their size."""

from random import Random

from hypothesis import strategies as st
from msgspec.structs import replace

from actors.placement import Request, View
from actors.placement.cases import any_request, any_view, chatting


def seeded(seed: int) -> Random:
    """Chance that a test can repeat."""
    return Random(seed)  # noqa: S311 - nothing here is secret


seeds = st.integers(0, 2**32)
views = st.builds(
    lambda seed, nodes, groups: any_view(seeded(seed), nodes, groups), seeds, st.integers(1, 6), st.integers(0, 10)
)
"""Some of what runs there could not be placed so today, or runs on a node that is lost."""
chatter = st.builds(
    lambda seed, nodes, groups: chatting(seeded(seed), nodes, groups), seeds, st.integers(2, 4), st.integers(2, 12)
)
"""Groups without wishes talk to each other."""


def _question(view: View, seed: int) -> tuple[Request, View]:
    return any_request(seeded(seed), view), view


questions = st.builds(_question, views, seeds)
"""Something new, and a cluster for it."""


def without(view: View, name: str) -> View:
    """The view when a node, with what runs there, is lost."""
    return replace(
        view,
        nodes=tuple(node for node in view.nodes if node.name != name),
        groups=tuple(group for group in view.groups if group.node != name),
    )
