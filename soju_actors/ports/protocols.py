"""The protocols of the actors: ``Ref[ToUser]`` takes the messages that derive from ``ToUser``.

They stand below the messages so that answers of services can belong to them.
"""

from actors import ActorProtocol


class ToRegistry(ActorProtocol):
    """What the registry accepts."""

    __slots__ = ()


class ToListener(ActorProtocol):
    """What a listener accepts."""

    __slots__ = ()


class ToDownstream(ActorProtocol):
    """What the actor of a client's connection accepts."""

    __slots__ = ()


class ToUser(ActorProtocol):
    """What a user actor accepts."""

    __slots__ = ()


class ToUpstream(ActorProtocol):
    """What the actor of a server's connection accepts."""

    __slots__ = ()


class ToProbe(ActorProtocol):
    """What the actor accepts that looks whether there is a server."""

    __slots__ = ()


class ToPacer(ActorProtocol):
    """What the pacer of outgoing connections accepts."""

    __slots__ = ()


class ToBuffer(ActorProtocol):
    """What a channel buffer accepts."""

    __slots__ = ()


class ToStore(ActorProtocol):
    """What the store accepts."""

    __slots__ = ()


class ToLeases(ActorProtocol):
    """What the keeper of a node's leases accepts."""

    __slots__ = ()


class ToHolder(ToRegistry):
    """What the keeper of leases tells whoever acts for the users of a node."""

    __slots__ = ()


class ToNodes(ActorProtocol):
    """What knows the nodes of a cluster accepts; it is no actor."""

    __slots__ = ()


class ToControl(ActorProtocol):
    """What the actor of a control connection accepts."""

    __slots__ = ()
