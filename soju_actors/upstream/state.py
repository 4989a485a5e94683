"""What an upstream actor knows of its connection."""

from dataclasses import dataclass
from enum import Enum

from actors import Link
from soju_actors.upstream.outgoing import Outgoing
from soju_actors.upstream.session import Session


class Phase(Enum):
    """Where an upstream stands between two connections."""

    AWAY = "away"
    """Not connected until somebody asks for it."""
    WAITING = "waiting"
    """For its back-off."""
    ASKING = "asking"
    """The pacer whether it may dial."""
    DIALING = "dialing"
    REGISTERING = "registering"
    UP = "up"
    LEAVING = "leaving"
    """It has said QUIT and waits for the end of the connection."""


ATTEMPT = frozenset({Phase.ASKING, Phase.DIALING, Phase.REGISTERING})
"""While the pacer counts it."""
OPEN = frozenset({Phase.REGISTERING, Phase.UP})
"""While the server reads and writes."""


@dataclass(slots=True)
class Connection:
    """One link, what is said on it, and when it was last heard of."""

    link: Link
    session: Session
    outgoing: Outgoing
    heard_at: float = 0.0
    up_at: float = 0.0
    skipped: int = 0
    """Lines without sense that the log has been told of."""
    paused: bool = False
    """It is not read, because the user actor is behind."""
