"""Messages for the actor of a server's connection."""

import msgspec

from soju_actors.irc.message import Message
from soju_actors.model.records import Network
from soju_actors.ports.protocols import ToUpstream


class Forward(msgspec.Struct, ToUpstream, frozen=True, tag="upstream.forward"):
    """Messages for the server, through the outgoing rate limit; dropped while not registered."""

    messages: tuple[Message, ...]


class Taken(msgspec.Struct, ToUpstream, frozen=True, tag="upstream.taken"):
    """Credit: the user actor has handled so many batches of this connection."""

    batches: int


class Disconnect(msgspec.Struct, ToUpstream, frozen=True, tag="upstream.disconnect"):
    """Send QUIT with the reason, close, and stay away until told to reconnect."""

    reason: str


class Reconnect(msgspec.Struct, ToUpstream, frozen=True, tag="upstream.reconnect"):
    """Use these settings from now on: end the connection or the wait, and connect at once."""

    network: Network
    nick: str
    username: str
    realname: str


class WantNick(msgspec.Struct, ToUpstream, frozen=True, tag="upstream.want-nick"):
    """The nick to ask for at the next registration."""

    nick: str


class SaslStored(msgspec.Struct, ToUpstream, frozen=True, tag="upstream.sasl-stored"):
    """Credentials to use at the next registration (rows SVC-14, AUP-04)."""

    network: Network


class DialGranted(msgspec.Struct, ToUpstream, frozen=True, tag="upstream.dial-granted"):
    """The pacer lets this connection attempt begin."""
