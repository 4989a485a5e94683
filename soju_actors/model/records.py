"""The settings of users, as they are stored (rows DBT-01 to DBT-03, DBT-06, DBT-09).

A record is a value: whoever changes a setting makes a new record, stores it and
then uses it. An ``id`` of 0 stands for a record that is not stored yet.
"""

from enum import StrEnum
from typing import NewType

import msgspec

UserId = NewType("UserId", int)
NetworkId = NewType("NetworkId", int)


class SaslMechanism(StrEnum):
    """How the bouncer logs in to a network."""

    NONE = ""
    PLAIN = "PLAIN"
    EXTERNAL = "EXTERNAL"
    SCRAM_SHA_256 = "SCRAM-SHA-256"


class Filter(StrEnum):
    """Which messages of a detached channel count for a rule (row DET-07)."""

    DEFAULT = "default"
    NONE = "none"
    HIGHLIGHT = "highlight"
    MESSAGE = "message"


class User(msgspec.Struct, frozen=True):
    """An account of the bouncer (row DBT-01).

    ``password_hash`` is an argon2id or bcrypt hash; empty means that the account
    has no password. ``scram`` is the verifier of the same password, empty if there is none
    (``irc.sasl.scram``). ``nick`` and ``realname`` are defaults for its networks.
    ``max_networks`` of -1 stands for the server's own limit. ``revision`` is
    raised by each change of the user's settings, so that a running bouncer sees
    what another process has changed. ``interacted_at`` is the Unix time at which a client of
    the user's was last seen to come or go, or to be there (row OPS-15). ``generation`` is raised, by
    whoever stores that, whenever the password is changed or something else to log in with is deleted:
    logins of older generations count no more. A better hash of the same password leaves it as it is.
    """

    id: UserId
    name: str
    password_hash: str = ""
    admin: bool = False
    enabled: bool = True
    nick: str = ""
    realname: str = ""
    max_networks: int = -1
    created_at: float = 0.0
    revision: int = 0
    scram: str = ""
    interacted_at: float = 0.0
    generation: int = 0


class Network(msgspec.Struct, frozen=True):
    """One server that a user wants to be connected to (row DBT-02).

    ``addr`` is a URI: ``ircs://host:port``, ``irc+insecure://host:port`` or
    ``irc+unix:///path``. ``certfp`` is a pin such as ``sha-512:hex``, empty for
    the usual check of certificates. ``sasl_required`` refuses to register
    without a login. ``casemapping`` is what the server last told.
    """

    id: NetworkId
    user_id: UserId
    name: str
    addr: str
    nick: str = ""
    username: str = ""
    realname: str = ""
    certfp: str = ""
    password: str = ""
    connect_commands: tuple[str, ...] = ()
    sasl: SaslMechanism = SaslMechanism.NONE
    sasl_username: str = ""
    sasl_password: str = ""
    sasl_certificate: str = ""
    """PEM text of the client certificate for EXTERNAL."""
    sasl_key: str = ""
    """PEM text of its private key."""
    sasl_required: bool = False
    auto_away: bool = True
    forward_away: bool = False
    """Tell the server the texts with which clients go away."""
    enabled: bool = True
    casemapping: str = ""
    egress: str = ""
    """From where it is connected to, as in ``policy.egress``; empty: from anywhere."""


class Channel(msgspec.Struct, frozen=True):
    """A channel that is joined whenever its network connects (row DBT-03)."""

    network_id: NetworkId
    name: str
    key: str = ""
    detached: bool = False
    relay_detached: Filter = Filter.DEFAULT
    reattach_on: Filter = Filter.DEFAULT
    detach_on: Filter = Filter.DEFAULT
    detach_after: int = 0
    """Seconds without activity after which the channel detaches; 0: never."""


class Target(msgspec.Struct, frozen=True):
    """A channel or nick of a network that has history.

    ``name`` is folded by the network's casemapping; ``end`` is the number that
    its next message gets: the first message of a target has number 0.
    ``cursors`` gives, for each client name, the number of the first message that
    the client has not acknowledged.
    """

    network_id: NetworkId
    name: str
    end: int
    cursors: dict[str, int]


class Marker(msgspec.Struct, frozen=True):
    """Up to where the user has read a channel or a conversation (row DBT-06).

    ``target`` is folded by the network's casemapping; ``time`` is that of the last message read, in ms.
    """

    network_id: NetworkId
    target: str
    time: int


class Flags(msgspec.Struct, frozen=True):
    """What the user has noted of a channel or a nick (row DBT-09); ``target`` is folded."""

    network_id: NetworkId
    target: str
    pinned: bool = False
    muted: bool = False
    blocked: bool = False


class StsPolicy(msgspec.Struct, frozen=True):
    """A host that a user's connections reach by TLS alone, on this port, until ``expires`` (Unix seconds).

    An ``expires`` of 0 stands for none any more. Spec: https://ircv3.net/specs/extensions/sts
    """

    user_id: UserId
    host: str
    port: int
    expires: float


class UserSettings(msgspec.Struct, frozen=True):
    """All that a user actor starts from.

    ``clients`` are the client names known on each network (row RCP-06).
    """

    user: User
    networks: tuple[Network, ...]
    channels: tuple[Channel, ...]
    targets: tuple[Target, ...]
    clients: dict[int, tuple[str, ...]]
    markers: tuple[Marker, ...] = ()
    flags: tuple[Flags, ...] = ()
    sts: tuple[StsPolicy, ...] = ()
