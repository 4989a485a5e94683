"""Messages for the listener."""

import msgspec

from actors import Args, Endpoint, Ref
from soju_actors.policy.downstream import DownstreamSettings
from soju_actors.ports.protocols import ToListener, ToRegistry


class Entrance(msgspec.Struct, frozen=True):
    """One place where connections are accepted: clients', or control connections."""

    name: str
    """As the configuration has it."""
    endpoint: Endpoint
    control: bool = False
    sts: str = ""
    """The value of the capability sts for those who come in here; empty: it is not offered."""
    version: str = ""
    """Changes with the contents of the certificate's files, which are read when listening begins."""


class ListenerArgs(msgspec.Struct, Args, frozen=True, tag="listener.args"):
    """Where to listen, and what connections are allowed."""

    registry: Ref[ToRegistry]
    entrances: tuple[Entrance, ...]
    settings: DownstreamSettings


class Reload(msgspec.Struct, ToListener, frozen=True, tag="listener.reload"):
    """The configuration was read again: listen there, and close what is not named any more.

    Connections that stand are not touched; new ones get the new settings.
    """

    entrances: tuple[Entrance, ...]
    settings: DownstreamSettings


class ListenAgain(msgspec.Struct, ToListener, frozen=True, tag="listener.listen-again"):
    """Alarm: try again where listening has failed."""

    entrance: Entrance


class LoggedIn(msgspec.Struct, ToListener, frozen=True, tag="listener.logged-in"):
    """The sending connection has logged in: it counts no more among those that have not."""
