"""Delivery receipts: a PING behind the messages, and the PONG that says they have arrived (row RCP-02)."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from actors import Ref
from soju_actors.downstream.outbox import Outbox
from soju_actors.irc.cap_table import ASKS_FOR_HISTORY
from soju_actors.ports.protocols import ToBuffer

PREFIX = "soju-actors-receipt-"


@dataclass(slots=True)
class Receipts:
    """How far the client has been sent the messages of each buffer, and how far it has confirmed that.

    One PING is under way at a time, so a busy channel costs one for each round
    trip, not one for each message.
    """

    _asked: dict[Ref[ToBuffer], int] = field(default_factory=dict)
    """What the PING under way stands for; empty when none is."""
    _count: int = 0

    @property
    def under_way(self) -> bool:
        """Whether a PONG is awaited."""
        return bool(self._asked)

    def due(self, outbox: Outbox, caps: AbstractSet[str]) -> list[str]:
        """Return the PING that is to be said now, if one is.

        A client that fetches history keeps no cursor (row RCP-10).
        """
        if not ASKS_FOR_HISTORY.isdisjoint(caps):
            outbox.received()
        elif not self.under_way and (received := outbox.received()):
            return [self.ask(received)]
        return []

    def ask(self, received: dict[Ref[ToBuffer], int]) -> str:
        """Return the PING line for what the client was sent; none may be under way."""
        self._asked = received
        self._count += 1
        return f"PING :{PREFIX}{self._count}"

    def forget(self) -> None:
        """Wait for no PONG any more."""
        self._asked = {}

    def confirm(self, params: tuple[str, ...]) -> dict[Ref[ToBuffer], int]:
        """Return what a PONG confirms, nothing if it is not the one that is awaited."""
        if not self._asked or f"{PREFIX}{self._count}" not in params:
            return {}
        confirmed, self._asked = self._asked, {}
        return confirmed
