"""Thespian's addresses: paths of actors that name their node, ``thespian~a/3f2c-7`` for ``thespian@a/3f2c-7``.

The path of an actor that is not one of Thespian's names no node. In a cluster it is the same
on all nodes, and so is its address, ``user~/alice``; elsewhere the address names the node.
"""

from typing import Any

from thespian.actors import ActorAddress

from actors.cluster.whereabouts import node_of
from actors.directory import MARK
from actors.ref import Ref

SYSTEM = "/ActorSys"
"""The details of the address that Thespian gives to the system itself."""
_SYSTEM = "ActorSys"
_MARK = "~"
"""In place of that of paths, which some take for no part of an address."""
_HOSTED = "thespian"
_OUTSIDE = "outside"


class Addresses:
    """Refs as addresses of one node and back."""

    def __init__(self, node: str) -> None:
        self.node = node
        self.system = system_of(node)
        """That of this system, as others know it."""
        self.shared = False
        """The node is one of a cluster: a path that names no node is the same on all."""
        self._own = tuple(f"{kind}{MARK}{node}/" for kind in (_HOSTED, _OUTSIDE))

    def hosted(self, number: str) -> Ref[Any]:
        """Return the ref of an actor of Thespian's on this node."""
        return Ref(f"{_HOSTED}{MARK}{self.node}/{number}")

    def outside(self, number: str) -> Ref[Any]:
        """Return the ref of an endpoint for threads of this process."""
        return Ref(f"{_OUTSIDE}{MARK}{self.node}/{number}")

    def of(self, ref: Ref[Any]) -> ActorAddress:
        """Return the address of an actor; of this node, if the path does not say."""
        path = ref.path
        if not node_of(path) and not self.shared:
            first, slash, rest = path.partition("/")
            path = f"{first}{MARK}{self.node}{slash}{rest}"
        return address_at(path)

    def ref(self, address: ActorAddress) -> Ref[Any] | None:
        """Return the ref for an address, or None if it is none of ours."""
        path = path_of(address)
        if not path:
            return None
        if node_of(path) != self.node or path.startswith(self._own):
            return Ref(path)
        first, slash, rest = path.partition("/")
        return Ref(first.partition(MARK)[0] + slash + rest)

    def is_system(self, address: ActorAddress) -> bool:
        """Whether the address is that of this system itself."""
        return address.addressDetails in (SYSTEM, self.system.addressDetails)


def address_at(path: str) -> ActorAddress:
    """Return the address of an actor by its path."""
    first, slash, rest = path.partition("/")
    name, _, node = first.partition(MARK)
    return ActorAddress(f"{name}{_MARK}{node}{slash}{rest}")


def path_of(address: ActorAddress) -> str:
    """Return the path of an actor; nothing if the address is none of ours."""
    details = address.addressDetails
    if not isinstance(details, str):
        return ""
    first, slash, rest = details.partition("/")
    name, mark, node = first.partition(_MARK)
    if not mark:
        return ""
    return f"{name}{MARK}{node}{slash}{rest}" if node else f"{name}{slash}{rest}"


def node_at(address: ActorAddress) -> str:
    """Return the node of an actor; nothing if the address is none of ours."""
    return node_of(path_of(address))


def system_of(node: str) -> ActorAddress:
    """Return the address of the system on a node."""
    return address_at(f"{_SYSTEM}{MARK}{node}")


def is_outside(path: str) -> bool:
    """Whether a path is that of an endpoint, which is no actor."""
    return path.startswith(f"{_OUTSIDE}{MARK}")
