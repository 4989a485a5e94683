"""Thespian's addresses: the name of the node, a colon, and the path of the actor."""

from typing import Any

from thespian.actors import ActorAddress

from actors.ref import Ref

SYSTEM = "/ActorSys"
"""The details of the address that Thespian gives to the system itself."""


class Addresses:
    """Refs of one node as addresses and back."""

    def __init__(self, node: str) -> None:
        self._prefix = f"{node}:"

    def of(self, ref: Ref[Any]) -> ActorAddress:
        """Return the address of an actor on this node."""
        return ActorAddress(self._prefix + ref.path)

    def ref(self, address: ActorAddress) -> Ref[Any] | None:
        """Return the ref for an address, or None if it is of another node or of the system."""
        details = address.addressDetails
        if isinstance(details, str) and details.startswith(self._prefix):
            return Ref(details[len(self._prefix) :])
        return None


def is_system(address: ActorAddress) -> bool:
    """Whether the address is that of the system itself."""
    return bool(address.addressDetails == SYSTEM)
