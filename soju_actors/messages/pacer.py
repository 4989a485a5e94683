"""Messages for the pacer, which spreads connections to one host over time."""

import msgspec

from soju_actors.ports.protocols import ToPacer


class AskToDial(msgspec.Struct, ToPacer, frozen=True, tag="pacer.ask"):
    """An upstream wants to connect to a host; it is told ``DialGranted`` when it may."""

    host: str


class DialEnded(msgspec.Struct, ToPacer, frozen=True, tag="pacer.ended"):
    """A granted attempt has registered, failed, or is no longer wanted."""

    host: str
