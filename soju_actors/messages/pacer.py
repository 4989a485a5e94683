"""Messages for the pacer, which spreads connections to one host over time."""

import msgspec

from actors import Args
from soju_actors.policy.egress import Capability, Egress
from soju_actors.ports.protocols import ToPacer


class PacerArgs(msgspec.Struct, Args, frozen=True, tag="pacer.args"):
    """How connections to one host are spread.

    At most ``at_once`` attempts are under way; ``burst`` attempts may begin at once, and
    then one in each ``every`` seconds, except on this machine.

    With ``address`` this is one node of a cluster: all that connect from that address begin together at most
    ``burst`` attempts in any ``burst * every`` seconds, whatever happens to one of them. ``at_once`` is for the node.
    """

    at_once: int = 16
    burst: int = 5
    every: float = 2.0
    address: str | None = None
    zone: str = ""
    """Where this node is, if it is one of a cluster."""
    offers: dict[str, Capability] = {}
    """What it has that a network may ask for: capabilities, its addresses among them."""


class AskToDial(msgspec.Struct, ToPacer, frozen=True, tag="pacer.ask"):
    """An upstream wants to connect to a host; it is told ``DialGranted`` when it may.

    It has one attempt at a time: a new one replaces what it asked for before. Where this node is not
    what its network asks for, it is told ``DialRefused`` at once.
    """

    host: str
    attempt: int = 0
    """Comes back with the answer."""
    egress: Egress = Egress()


class DialEnded(msgspec.Struct, ToPacer, frozen=True, tag="pacer.ended"):
    """The sender's attempt has registered, failed, or is no longer wanted, granted or not."""

    host: str


class TokenDue(msgspec.Struct, ToPacer, frozen=True, tag="pacer.token-due"):
    """Alarm: another attempt to this host may begin, or the host can be forgotten."""

    host: str
