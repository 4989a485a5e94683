"""Messages for the actor of a client's connection."""

import msgspec

from actors import Args, Link, Ref
from soju_actors.messages.slots import Slot
from soju_actors.policy.downstream import DownstreamSettings
from soju_actors.ports.protocols import ToDownstream, ToListener, ToRegistry, ToUser


class DownstreamArgs(msgspec.Struct, Args, frozen=True, tag="downstream.args"):
    """A connection that was accepted; its link is given next.

    ``secure`` connections are encrypted or do not leave the machine.
    """

    registry: Ref[ToRegistry]
    listener: Ref[ToListener]
    link: Link
    remote: str
    secure: bool
    settings: DownstreamSettings
    fingerprint: str = ""
    """The SHA-512 of the certificate that the client has shown, in hexadecimal digits."""
    sts: str = ""
    """The value of that capability; empty: it is not offered."""


class LoginAccepted(msgspec.Struct, ToDownstream, frozen=True, tag="downstream.login-accepted"):
    """The registry knows the user and the password fits.

    ``named`` is the login ``user[/network][@client]`` where it stood in front of the password.
    ``credential`` names what was used, empty for the user's own password; a client with the login of an
    older ``generation`` than the user actor knows of is not attached, for a credential was changed meanwhile.
    An admin who acts as the user is an ``impostor``. ``proof`` is the server's own, of SCRAM.
    """

    user: Ref[ToUser]
    name: str
    admin: bool
    named: str = ""
    credential: str = ""
    generation: int = 0
    impostor: bool = False
    proof: str = ""


class ScramParameters(msgspec.Struct, ToDownstream, frozen=True, tag="downstream.scram-parameters"):
    """How the passwords of a name are salted, whether there is a user of that name or not."""

    salt: bytes
    iterations: int


class LoginRefused(msgspec.Struct, ToDownstream, frozen=True, tag="downstream.login-refused"):
    """No login; ``reason`` is for the client. After a fatal one the connection closes."""

    reason: str
    fatal: bool = False


class Attached(msgspec.Struct, ToDownstream, frozen=True, tag="downstream.attached"):
    """The user actor has taken the client: registration is complete.

    ``network`` is the id of the network it is bound to, 0 for none. The welcome
    follows in :class:`Deliver`.
    """

    nick: str
    network: int


class AttachRefused(msgspec.Struct, ToDownstream, frozen=True, tag="downstream.attach-refused"):
    """The client cannot be attached; the line (a numeric or FAIL) says why."""

    line: str


class Deliver(msgspec.Struct, ToDownstream, frozen=True, tag="downstream.deliver"):
    """Slots for the end of the outbox; urgent ones go out before all that waits."""

    slots: tuple[Slot, ...]
    urgent: bool = False


class Page(msgspec.Struct, ToDownstream, frozen=True, tag="downstream.page"):
    """Stored messages of a buffer: one line for each number from ``first`` below ``end``.

    A line is empty where the client gets nothing for that number. ``first`` is
    larger than the end of the page before where history was deleted. Comes only
    against credit, in order. With ``multiline`` some of the lines may stand for several.
    """

    buffer: int
    first: int
    end: int
    lines: tuple[str, ...]
    multiline: bool = False


class StoredUpTo(msgspec.Struct, ToDownstream, frozen=True, tag="downstream.stored-up-to"):
    """A buffer's messages below number ``end`` are durable: what the client is sent may wait for that."""

    buffer: int
    end: int


class OfferCaps(msgspec.Struct, ToDownstream, frozen=True, tag="downstream.offer-caps"):
    """Capabilities that appear (with their values) and disappear (rows CAPD-22 to 24, CAPM-04)."""

    offer: dict[str, str]
    withdraw: tuple[str, ...] = ()


class Renamed(msgspec.Struct, ToDownstream, frozen=True, tag="downstream.renamed"):
    """The nick that the client now has, for the replies that its connection makes itself."""

    nick: str


class MeasureLag(msgspec.Struct, ToDownstream, frozen=True, tag="downstream.measure-lag"):
    """Find out how long the client takes to answer; the sender gets ``LagMeasured``, or nothing if it does not."""

    request: int


class CommandsTaken(msgspec.Struct, ToDownstream, frozen=True, tag="downstream.commands-taken"):
    """Credit: the user actor has handled so many batches of this client."""

    batches: int


class Reading(msgspec.Struct, ToDownstream, frozen=True, tag="downstream.reading"):
    """In a cluster: the client reads a buffer, the sender, from number ``first`` on; ``key`` is its name in pages."""

    key: int
    target: str
    first: int


class SessionState(msgspec.Struct, ToDownstream, frozen=True, tag="downstream.session-state"):
    """In a cluster: what the client has asked of its user's actor and would have to ask the next one for again.

    ``away`` is its text, ``subs`` are the keys of metadata that it follows, ``monitored`` the nicks that it monitors.
    """

    away: str | None
    subs: frozenset[str]
    monitored: tuple[str, ...]


class CloseClient(msgspec.Struct, ToDownstream, frozen=True, tag="downstream.close"):
    """Send ERROR with the reason and close; if the user goes on on another node, a client in a cluster waits for it."""

    reason: str
    goes_on: bool = False


class DownstreamAlarm(msgspec.Struct, ToDownstream, frozen=True, tag="downstream.alarm"):
    """Alarm: ``registration``, ``silence``, ``rate``, ``resume`` or ``abort``; ``write`` comes at once."""

    what: str
