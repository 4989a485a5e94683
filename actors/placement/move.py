"""What a strategy proposes to move, and how restless it may be."""

from collections.abc import Iterator
from typing import Annotated

import msgspec
from msgspec import Meta

from actors.placement.node import Age
from actors.placement.view import Group, View


class Move(msgspec.Struct, frozen=True):
    """The proposal that a group runs elsewhere."""

    unit: str
    source: str
    target: str
    why: str
    gain: float = 0.0
    """What is won, in the strategy's own measure: the larger, the more worth it."""


class Limits(msgspec.Struct, frozen=True):
    """How much may move at once, and for how little. A move costs, and what moves for a trifle moves back for one."""

    moves: Annotated[int, Meta(ge=0)] = 16
    """So many groups at most in one plan."""
    rest: Age = 60.0
    """So many seconds a group stays where it has come to."""
    gain: Annotated[float, Meta(ge=0)] = 0.1
    """A move must win at least this share of what it is about: of the group's messages, of its node's load."""
    least: Annotated[float, Meta(ge=0)] = 1.0
    """Messages in a second that a move must keep from crossing between nodes."""
    tolerance: Annotated[float, Meta(ge=0)] = 0.2
    """Nodes whose loads differ by less than this share count as balanced."""


def may_move(group: Group, view: View, limits: Limits) -> bool:
    """Whether a strategy may propose to move a group.

    Owners of sockets and what is pinned stay; so does what others must be together with, and what has just come.
    """
    spec = group.spec
    return (
        not spec.sockets
        and not spec.pinned
        and group.settled >= limits.rest
        and group.node in view.node
        and group.unit not in view.followed
    )


def movable(view: View, limits: Limits) -> Iterator[Group]:
    """The groups that a strategy may propose to move, by name."""
    for unit in sorted(view.group):
        group = view.group[unit]
        if may_move(group, view, limits):
            yield group
