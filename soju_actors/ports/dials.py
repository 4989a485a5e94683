"""A job of the service ``reserver``: when a node of a cluster may connect to a server.

A server sees connections of all nodes behind one address as those of one; so they are counted together, in the
database. It is a service of its own: it may have to wait for the row of a busy host.
"""

import msgspec

from soju_actors.ports.protocols import ToPacer


class ReserveDial(msgspec.Struct, frozen=True, tag="reserver.reserve"):
    """Reserve the next time at which one may connect to a host from an address.

    Of the times that are reserved at most so many are within any ``window`` seconds. One that is not used is lost.
    Answer: :class:`DialReserved` or :class:`ReserveFailed`.
    """

    host: str
    address: str
    most: int
    window: float


class DialReserved(msgspec.Struct, ToPacer, frozen=True, tag="reserver.reserved"):
    """The time is so many seconds after the database was asked."""

    host: str
    wait: float


class ReserveFailed(msgspec.Struct, ToPacer, frozen=True, tag="reserver.failed"):
    """No time was reserved, or it is not known which; ``reason`` is a sentence for a person."""

    host: str
    reason: str
