"""Messages for a user actor, the dispatcher of all that concerns one user."""

import msgspec

from actors import Args, Ref
from soju_actors.irc.message import Message
from soju_actors.model.lease import Mandate
from soju_actors.model.records import User
from soju_actors.policy.server import ServerSettings
from soju_actors.ports.protocols import ToPacer, ToRegistry, ToStore, ToUser


class UserArgs(msgspec.Struct, Args, frozen=True, tag="user.args"):
    """A user whose settings are still to be loaded; in a cluster, what is written for it is under the ``mandate``."""

    user: User
    settings: ServerSettings
    store: Ref[ToStore]
    registry: Ref[ToRegistry]
    pacer: Ref[ToPacer]
    mandate: Mandate | None = None


class Attach(msgspec.Struct, ToUser, frozen=True, tag="user.attach"):
    """A client has logged in and wants to be attached. The sender is its downstream actor.

    ``network`` is a name or address, ``network_id`` an id given by BOUNCER BIND,
    which has priority (row USR-05); both empty for an unbound connection.
    ``caps`` are the enabled capabilities. ``away`` is a text set before registration.
    ``realname`` is what the client has given. ``told_isupport``: it has been told what the
    bouncer says of itself. ``subs`` are the keys of metadata that it follows.
    """

    client: str
    network: str
    network_id: int
    nick: str
    caps: frozenset[str]
    away: str | None
    remote: str
    secure: bool
    admin: bool
    realname: str = ""
    told_isupport: bool = False
    fingerprint: str = ""
    """Of the certificate that the client has shown."""
    credential: str = ""
    """What it has logged in with, as in ``LoginAccepted``."""
    generation: int = 0
    impostor: bool = False
    subs: frozenset[str] = frozenset()
    shown: dict[str, int] | None = None
    """Of a client that was attached to an actor of the user that was lost: up to where it was shown each target."""
    monitored: tuple[str, ...] = ()
    """The nicks that such a client monitors."""


class ClientSaid(msgspec.Struct, ToUser, frozen=True, tag="user.client-said"):
    """Commands of an attached client, as one read of its socket brought them. Needs credit."""

    messages: tuple[Message, ...]


class ClientCaps(msgspec.Struct, ToUser, frozen=True, tag="user.client-caps"):
    """The capabilities that an attached client has enabled now."""

    caps: frozenset[str]


class LagMeasured(msgspec.Struct, ToUser, frozen=True, tag="user.lag-measured"):
    """An attached client has answered a PING after so many seconds; it was asked for by ``MeasureLag``."""

    request: int
    seconds: float


class ClientLeft(msgspec.Struct, ToUser, frozen=True, tag="user.client-left"):
    """An attached client's connection has ended."""

    reason: str


class UpstreamTrying(msgspec.Struct, ToUser, frozen=True, tag="user.upstream-trying"):
    """A connection attempt begins; it ends with :class:`UpstreamUp` or :class:`UpstreamDown`."""

    network: int


class UpstreamUp(msgspec.Struct, ToUser, frozen=True, tag="user.upstream-up"):
    """A server has accepted the registration; its 001 follows in :class:`UpstreamSaid`.

    ``caps`` are enabled, ``available`` are all that the server offers with their values.
    ``login_problem`` says, for a person, why there was no login with SASL although one
    is set; what the server itself said of it also follows.
    """

    network: int
    nick: str
    caps: frozenset[str]
    available: dict[str, str]
    login_problem: str = ""


class UpstreamCaps(msgspec.Struct, ToUser, frozen=True, tag="user.upstream-caps"):
    """The capabilities of a registered connection have changed."""

    network: int
    caps: frozenset[str]
    available: dict[str, str]


class UpstreamSaid(msgspec.Struct, ToUser, frozen=True, tag="user.upstream-said"):
    """Lines of a registered server, as one read of its socket brought them. Needs credit.

    Each is a message. PING, CAP and the answers to the connection's own PING are not among them.
    They are parsed one by one where they are handled: the parts of a message take three times as
    much memory as its line, and many batches may be under way.
    """

    network: int
    lines: tuple[str, ...]


class StsSeen(msgspec.Struct, ToUser, frozen=True, tag="user.sts-seen"):
    """A server that was reached by TLS, on this port, asks for nothing else for so many seconds; 0: no longer.

    Comes at the beginning of a connection, now and then while it goes on, and at its end.
    Spec: https://ircv3.net/specs/extensions/sts#rescheduling-expiry-on-disconnect
    """

    network: int
    host: str
    port: int
    duration: int


class ForwardRefused(msgspec.Struct, ToUser, frozen=True, tag="user.forward-refused"):
    """A message was not sent to a registered server; ``reason`` is for a person."""

    network: int
    message: Message
    reason: str


class UpstreamDown(msgspec.Struct, ToUser, frozen=True, tag="user.upstream-down"):
    """A connection attempt failed or a connection ended.

    ``registered`` tells whether it had been up. ``retry`` is in seconds; None: it is
    not tried again until the network is edited (row UP-30), or, if it was ``misplaced``,
    until there are other nodes: the one of the connection's actor is not what the network asks for.
    """

    network: int
    reason: str
    registered: bool
    retry: float | None
    misplaced: bool = False


class NodesChanged(msgspec.Struct, ToUser, frozen=True, tag="user.nodes-changed"):
    """Other nodes are there than before: networks that wait for one may be connected."""


class LinesCommitted(msgspec.Struct, ToUser, frozen=True, tag="user.lines-committed"):
    """A buffer's messages below number ``end`` are durable: credit for new ones."""

    buffer: int
    end: int


class StoreReady(msgspec.Struct, ToUser, frozen=True, tag="user.store-ready"):
    """All that this user's buffers had appended before it began to watch the storage is stored.

    What is loaded from now on is whole: no message of an earlier actor of this user can
    come behind it and take the numbers of new ones.
    """


class StorageState(msgspec.Struct, ToUser, frozen=True, tag="user.storage-state"):
    """The store fails (``problem`` is a sentence for a person) or works again (empty)."""

    problem: str


class UserChanged(msgspec.Struct, ToUser, frozen=True, tag="user.changed"):
    """The user's settings were changed by another process or an admin: load them again.

    Another password of a later generation closes the clients with older logins (row SVC-21).
    """

    user: User


class CredentialRevoked(msgspec.Struct, ToUser, frozen=True, tag="user.credential-revoked"):
    """Close the clients that logged in with this, for the reason."""

    credential: str
    reason: str


class Probed(msgspec.Struct, ToUser, frozen=True, tag="user.probed"):
    """Whether a server can be connected to; ``reason`` says why not, for a person."""

    request: int
    reason: str = ""


class UserDeleted(msgspec.Struct, ToUser, frozen=True, tag="user.deleted"):
    """The user is no more: the clients are told so before the actor is stopped."""


class LeaseLapsed(msgspec.Struct, ToUser, frozen=True, tag="user.lease-lapsed"):
    """Another node acts for the user, or may do so at any time: the clients are told, and the actor ends itself."""


class SettingsChanged(msgspec.Struct, ToUser, frozen=True, tag="user.settings-changed"):
    """The configuration was read again."""

    settings: ServerSettings


class Broadcast(msgspec.Struct, ToUser, frozen=True, tag="user.broadcast"):
    """Text of an admin for every client of the user (rows SVC-25, CMD-18)."""

    text: str
    source: str


class RunCommand(msgspec.Struct, ToUser, frozen=True, tag="user.run-command"):
    """Run a service command on behalf of an admin (row SVC-23); the sender gets ``AdminDone``."""

    text: str
    request: int
