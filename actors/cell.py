"""The place of one actor in an engine."""

import enum
import random
from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple

from actors.behaviour import behaviour
from actors.link import Link
from actors.ref import Ref
from actors.supervision import ChildSpec

if TYPE_CHECKING:
    from actors.actor import Actor
    from actors.alarms import Alarm
    from actors.kernel import Kernel
    from actors.restarts import Restarts

Item = tuple[Any, Ref[Any] | None, Any]
"""What waits in a mailbox: message, sender, and the ``Undelivered`` of a message, or the socket of an event."""


class State(enum.Enum):
    """What the supervisor is doing with a cell."""

    RUNNING = "running"
    STOPPING = "stopping"
    """Its children end first."""
    DOWN = "down"
    """It waits for its restart, or has ended."""
    MOVING = "moving"
    """It is frozen, on the node that it leaves or on that to which it goes."""
    AWAY = "away"
    """It runs on another node, which restarts it; here is only its place among its parent's children."""


class Elsewhere(NamedTuple):
    """A parent on another node."""

    me: Ref[Any]


class Cell:
    """One supervised actor: its place in the tree, its mailbox, and what it holds.

    A cell outlives the restarts of its actor. What most actors never need is made
    when it is needed, since there are many idle ones.
    """

    __slots__ = (
        "actor",
        "alarms",
        "behaviour",
        "box",
        "children",
        "failure",
        "incarnation",
        "kernel",
        "limit",
        "links",
        "me",
        "overflowed",
        "parent",
        "queued",
        "restarts",
        "rng",
        "skew",
        "spec",
        "state",
        "stopped",
        "watchers",
        "watching",
    )

    def __init__(self, kernel: "Kernel", parent: "Cell | Elsewhere | None", spec: ChildSpec, me: Ref[Any]) -> None:
        self.kernel = kernel
        self.parent = parent
        self.spec = spec
        self.me = me
        self.behaviour: type[Actor[Any]] = behaviour(spec.behaviour)
        self.limit = spec.mailbox
        self.actor: Actor[Any] | None = None
        self.box: deque[Item] | None = None
        self.queued = False
        """It is, or will be, in the queue of those that have something to do."""
        self.overflowed = False
        """Its mailbox was full, and that was logged."""
        self.state = State.DOWN
        self.incarnation = 0
        self.stopped = False
        """It is not to be started again."""
        self.failure: str | None = None
        """Why it failed, while it ends."""
        self.children: dict[str, Cell] | None = None
        self.alarms: dict[str, Alarm] | None = None
        self.links: set[Link] | None = None
        self.watchers: dict[str, Ref[Any]] | None = None
        self.watching: set[str] | None = None
        self.restarts: Restarts | None = None
        self.rng: random.Random | None = None
        self.skew = 0.0
        """What is added to the clock, so that time goes on for an actor that has come from another node."""

    def run(self, most: int) -> None:
        """Handle up to so many messages."""
        kernel = self.kernel
        tap = kernel.tap
        if tap is not None:
            tap.left -= 1
            if tap.left <= 0:
                tap.measure(self, most)
                return
        kernel.run(self, most)

    def wall(self) -> float:
        """Return the Unix time in seconds."""
        return self.kernel.clock.wall()

    def random(self) -> random.Random:
        """Return the actor's own source of chance: the same for each run of a seeded engine."""
        if self.rng is None:
            self.rng = self.kernel.random_for(self.me.path)
        return self.rng

    def new_link(self) -> Link:
        """Return a link that nobody has."""
        return self.kernel.sockets.new_link()

    def has_child(self, name: str) -> bool:
        """Whether the name is taken, also by a child that waits for its restart."""
        return self.children is not None and name in self.children

    def is_child(self, ref: Ref[Any]) -> bool:
        """Whether it is a child, also one with a path of its own."""
        child = (self.children or {}).get(ref.path.rpartition("/")[2])
        return child is not None and child.me == ref

    def check_behaviour(self, behaviour_path: str) -> None:
        """Import the class of a child."""
        behaviour(behaviour_path)
