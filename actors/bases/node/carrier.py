"""What a convention needs of whatever connects nodes."""

import asyncio
from typing import Protocol


class Listener(Protocol):
    """What is told of other nodes, in the loop."""

    def up(self, node: str, address: str) -> None:
        """A node can be reached from now on; it listens at ``host:port``, and perhaps at others, which are told too.

        It may be this one.
        """

    def down(self, node: str) -> None:
        """A node is lost: nothing that was sent to it and has not arrived will."""

    def room(self, node: str) -> None:
        """So much waits for a node no more."""

    def received(self, node: str, item: bytes) -> None:
        """A node, which has proved to be this one, has sent an item."""


class Carrier(Protocol):
    """The ways to other nodes. Items from one node to another keep their order.

    Between ``up`` and ``down`` of a node no item is lost.
    """

    @property
    def address(self) -> str:
        """``host:port`` at which others reach this node."""

    def start(self, loop: asyncio.AbstractEventLoop, listener: Listener) -> None:
        """Begin; what happens is told the listener, in the loop."""

    def dial(self, address: str) -> None:
        """Reach the node that listens at ``host:port``, now or as soon as there is one."""

    def send(self, node: str, item: bytes) -> bool:
        """Send an item; return whether the node can be reached."""

    def congested(self, node: str) -> bool:
        """Whether so much waits for a node that who can should send nothing until the listener is told of room."""

    def close(self) -> None:
        """Let the others know that this node ends, after what has been sent."""
