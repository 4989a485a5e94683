"""Messages for the actor of a server's connection."""

import msgspec

from actors import Args, Ref
from soju_actors.irc.message import Message
from soju_actors.model.records import Network, StsPolicy
from soju_actors.policy.upstream import UpstreamSettings
from soju_actors.ports.protocols import ToPacer, ToUpstream, ToUser


class UpstreamArgs(msgspec.Struct, Args, frozen=True, tag="upstream.args"):
    """One enabled network of a user, and how to appear there."""

    user: Ref[ToUser]
    pacer: Ref[ToPacer]
    network: Network
    nick: str
    username: str
    realname: str
    settings: UpstreamSettings = UpstreamSettings()
    sts: StsPolicy | None = None
    """What its host has asked for."""


class ProbeArgs(msgspec.Struct, Args, frozen=True, tag="upstream.probe-args"):
    """A network that is made if its server can be connected to; the user actor is told ``Probed``."""

    user: Ref[ToUser]
    network: Network
    request: int


class Forward(msgspec.Struct, ToUpstream, frozen=True, tag="upstream.forward"):
    """Messages for the server, through the outgoing rate limit; dropped while not registered.

    What finds the queue full, or cannot be a line, comes back in ``ForwardRefused``. With ``together``
    they are one batch: they count as one message and nothing comes between them.
    """

    messages: tuple[Message, ...]
    together: bool = False


class Taken(msgspec.Struct, ToUpstream, frozen=True, tag="upstream.taken"):
    """Credit: the user actor has handled so many batches of this connection."""

    batches: int


class Disconnect(msgspec.Struct, ToUpstream, frozen=True, tag="upstream.disconnect"):
    """Send QUIT with the reason, close, and stay away until told to reconnect.

    ``retry`` comes back in ``UpstreamDown``: after so many seconds another actor tries.
    """

    reason: str
    retry: float | None = None


class Reconnect(msgspec.Struct, ToUpstream, frozen=True, tag="upstream.reconnect"):
    """Use these settings from now on: end the connection or the wait, and connect at once."""

    network: Network
    nick: str
    username: str
    realname: str
    sts: StsPolicy | None = None


class RememberSts(msgspec.Struct, ToUpstream, frozen=True, tag="upstream.remember-sts"):
    """What the network's host has asked for, for the next connection (row AUP-08)."""

    policy: StsPolicy


class WantNick(msgspec.Struct, ToUpstream, frozen=True, tag="upstream.want-nick"):
    """The nick to ask for at the next registration."""

    nick: str


class SaslStored(msgspec.Struct, ToUpstream, frozen=True, tag="upstream.sasl-stored"):
    """Credentials to use at the next registration (rows SVC-14, AUP-04)."""

    network: Network


class DialGranted(msgspec.Struct, ToUpstream, frozen=True, tag="upstream.dial-granted"):
    """The pacer lets this connection attempt begin; ``attempt`` is the number that it was asked with."""

    attempt: int = 0


class DialRefused(msgspec.Struct, ToUpstream, frozen=True, tag="upstream.dial-refused"):
    """This attempt cannot begin on this node, since the network asks for another; ``reason`` is for a person."""

    attempt: int
    reason: str
