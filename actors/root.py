"""The place above all actors."""

from actors.actor import Actor
from actors.message import ActorProtocol


class ToRoot(ActorProtocol):
    """Nothing: the root takes no messages."""

    __slots__ = ()


class Root(Actor[ToRoot]):
    """The parent of the top-level actors; it is never run."""
