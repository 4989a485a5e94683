"""Several nodes in one process, each with a loop of its own, that reach each other without a network."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

from actors.bases.node.carrier import Listener


class Hub:
    """Connects carriers; like a network, it knows who listens where."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._listening: dict[str, HubCarrier] = {}
        self._wanted: dict[str, list[HubCarrier]] = {}
        """Who dials an address at which nobody listens yet."""

    def begin(self, carrier: "HubCarrier") -> None:
        """Let others reach it."""
        with self._lock:
            self._listening[carrier.address] = carrier
            for other in self._wanted.pop(carrier.address, ()):
                self._connect(carrier, other)

    def end(self, carrier: "HubCarrier") -> None:
        """Let nobody reach it any more."""
        with self._lock:
            if self._listening.get(carrier.address) is carrier:
                del self._listening[carrier.address]
            for other in carrier.connected.values():
                other.connected.pop(carrier.node, None)
                other.soon(other.listener.down, carrier.node)
                # What listened there may come back.
                self._wanted.setdefault(carrier.address, []).append(other)
            carrier.connected.clear()
            for waiting in self._wanted.values():
                waiting[:] = [other for other in waiting if other is not carrier]

    def dial(self, carrier: "HubCarrier", address: str) -> None:
        """Connect now or later."""
        with self._lock:
            other = self._listening.get(address)
            if other is None:
                self._wanted.setdefault(address, []).append(carrier)
            else:
                self._connect(carrier, other)

    def send(self, carrier: "HubCarrier", node: str, item: bytes) -> bool:
        """Send an item; nodes that have not met do so now."""
        with self._lock:
            other = carrier.connected.get(node)
            if other is None:
                other = next((found for found in self._listening.values() if found.node == node), None)
                if other is None or self._listening.get(carrier.address) is not carrier:
                    return False
                self._connect(carrier, other)
            other.soon(other.listener.received, carrier.node, item)
            return True

    def _connect(self, one: "HubCarrier", other: "HubCarrier") -> None:
        if one is other or other.node in one.connected:
            return
        for here, there in ((one, other), (other, one)):
            here.connected[there.node] = there
            here.soon(here.listener.up, there.node, there.address)


class HubCarrier:
    """The way of one node to the others."""

    listener: Listener

    def __init__(self, hub: Hub, node: str, address: str) -> None:
        self.node = node
        self.address = address
        self.connected: dict[str, HubCarrier] = {}
        self._hub = hub
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self, loop: asyncio.AbstractEventLoop, listener: Listener) -> None:
        """Begin."""
        self._loop, self.listener = loop, listener
        self._hub.begin(self)

    def dial(self, address: str) -> None:
        """Connect now or later."""
        self._hub.dial(self, address)

    def send(self, node: str, item: bytes) -> bool:
        """Send an item."""
        return self._hub.send(self, node, item)

    def congested(self, node: str) -> bool:  # noqa: ARG002 - none is, here
        """Nothing waits here."""
        return False

    def close(self) -> None:
        """End."""
        self._hub.end(self)

    def cut(self) -> None:
        """Let the node be alone from now on; to the others it is as if it were killed."""
        others = list(self.connected)
        self._hub.end(self)
        for other in others:
            self.soon(self.listener.down, other)

    def soon(self, call: Callable[..., None], *args: Any) -> None:  # noqa: ANN401 - passed on
        """Call something in the loop of the node."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call, *args)
