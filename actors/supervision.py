"""How a child is started, and what happens when it ends."""

import enum
from typing import Any

import msgspec

from actors.message import Args
from actors.ref import Ref


class Restart(enum.Enum):
    """When a child that has ended is started again, in OTP's words."""

    PERMANENT = "permanent"
    """Always, unless its parent stopped it."""
    TRANSIENT = "transient"
    """When it failed."""
    TEMPORARY = "temporary"
    """Never."""


class Place(enum.Enum):
    """On which node a child may run."""

    HERE = "here"
    """On its parent's."""
    ANYWHERE = "anywhere"
    """Where a strategy puts it."""


MAILBOX = 10_000
"""Messages that wait for an actor at most, unless its spec says otherwise."""


class ChildSpec(msgspec.Struct, frozen=True):
    """How a supervisor starts one child. A spec is a value; it travels."""

    name: str
    """The last part of its path: not empty, without a slash."""
    behaviour: str
    """Import path of the actor class: ``soju_actors.upstream.actor:UpstreamActor``."""
    args: Args | None = None
    restart: Restart = Restart.TRANSIENT
    intensity: int = 5
    """It may be restarted so often within the period; then its supervisor gives up."""
    period: float = 60.0
    """Seconds."""
    backoff: tuple[float, float] = (0.1, 30.0)
    """Seconds before the first restart, and the most before any; doubled each time, with jitter."""
    mailbox: int = MAILBOX
    """So many messages may wait for it."""
    place: Place = Place.HERE
    zones: tuple[str, ...] = ()
    """Anywhere means: on a node in one of these zones, if some are named."""
    needs: dict[str, bool | int | float | str] = {}
    """Anywhere means: on a node that has these capabilities, with these values."""
    path: str = ""
    """A path of its own instead of one below its parent's, for an actor that is known to all nodes by it."""

    def ref(self, parent: Ref[Any]) -> Ref[Any]:
        """Return the child's ref: the parent's path, a slash and the name, unless it has a path of its own."""
        return Ref(self.path or f"{parent.path}/{self.name}")
