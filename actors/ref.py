"""The name of an actor."""

from typing import Generic, TypeVar

import msgspec

from actors.message import ActorProtocol

P_contra = TypeVar("P_contra", bound=ActorProtocol, contravariant=True)


class Ref(msgspec.Struct, Generic[P_contra], frozen=True, array_like=True, gc=False):
    """The name of an actor, a path such as ``user/alice/network/3``.

    A ref is a value: it can be stored, compared, sent, and survives a restart or
    a move of the actor. ``P_contra`` is the protocol that the actor accepts; it exists
    for the type checker alone, and a ref to an actor that accepts more serves
    where one that accepts less is wanted.
    """

    path: str

    @property
    def unmarked(self) -> str:
        """The path by which an actor that each node has is known on its own node: ``store`` for ``store@a``."""
        first, slash, rest = self.path.partition("/")
        return first.partition("@")[0] + slash + rest

    def __str__(self) -> str:
        """Return the path."""
        return self.path
