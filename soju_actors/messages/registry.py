"""Messages for the registry: users, and what admins do with them."""

import msgspec

from actors import Args, Ref
from soju_actors.model.records import User
from soju_actors.policy.server import ServerSettings
from soju_actors.ports.credentials import NoteUses
from soju_actors.ports.protocols import ToControl, ToLeases, ToPacer, ToRegistry, ToStore, ToUser


class ClusterPart(msgspec.Struct, frozen=True):
    """What a registry has to know of the cluster that its node is one of."""

    node: str
    leases: Ref[ToLeases] | None
    """Who claims users; None where the node runs none."""
    strategy: str = "rendezvous"
    asks: bool = False
    """A program outside is asked where free users are to run."""


class RegistryArgs(msgspec.Struct, Args, frozen=True, tag="registry.args"):
    """What the registry gives the users, and how it checks logins.

    ``secret`` keys the digests of passwords that were right a moment ago.
    """

    store: Ref[ToStore]
    pacer: Ref[ToPacer]
    settings: ServerSettings
    secret: bytes
    login_failures: int = 10
    login_failure_time: float = 60.0
    cluster: ClusterPart | None = None
    """In a cluster: this node's part."""


class LoadUsersAgain(msgspec.Struct, ToRegistry, frozen=True, tag="registry.load-again"):
    """Alarm: the users could not be read."""


class StartAgain(msgspec.Struct, ToRegistry, frozen=True, tag="registry.start-again"):
    """Alarm: the actor of a user has failed too often a while ago; it gets another chance."""

    name: str


class SettingsReloaded(msgspec.Struct, ToRegistry, frozen=True, tag="registry.settings-reloaded"):
    """The configuration was read again (row CLI-11)."""

    settings: ServerSettings


class Refresh(msgspec.Struct, ToRegistry, frozen=True, tag="registry.refresh"):
    """The database was changed by another process: look at the users again. The sender gets ``AdminDone``.

    With a request it is a command of a person, and is passed on to the other nodes, without one.
    """

    request: int = 0


class UsesNoted(msgspec.Struct, ToRegistry, frozen=True, tag="registry.uses-noted"):
    """From the registry of another node: who was there, and what was used to log in."""

    uses: NoteUses


class LoginFailedThere(msgspec.Struct, ToRegistry, frozen=True, tag="registry.login-failed"):
    """From the registry of another node: a login from this address has failed there."""

    remote: str


class AddUser(msgspec.Struct, ToRegistry, frozen=True, tag="registry.add-user"):
    """Create a user (row SVC-20); ``password`` is hashed. The sender gets ``AdminDone``."""

    user: User
    password: str | None
    request: int


class ChangeUser(msgspec.Struct, ToRegistry, frozen=True, tag="registry.change-user"):
    """Change a user (row SVC-21); None leaves a setting. The sender gets ``AdminDone``."""

    name: str
    request: int
    password: str | None = None
    disable_password: bool = False
    admin: bool | None = None
    enabled: bool | None = None
    nick: str | None = None
    realname: str | None = None
    max_networks: int | None = None


class RemoveUser(msgspec.Struct, ToRegistry, frozen=True, tag="registry.remove-user"):
    """Delete a user (row SVC-22). The sender gets ``AdminDone``.

    Without the ``token`` that confirms it nothing is deleted, and the answer tells the token.
    """

    name: str
    request: int
    token: str = ""


class ListUsers(msgspec.Struct, ToRegistry, frozen=True, tag="registry.list-users"):
    """List users, or tell of one (row SVC-19). The sender gets ``AdminDone``."""

    request: int
    name: str = ""


class RunAs(msgspec.Struct, ToRegistry, frozen=True, tag="registry.run-as"):
    """Run a service command as another user (row SVC-23). The sender gets ``AdminDone``."""

    name: str
    text: str
    request: int


class ReportStatus(msgspec.Struct, ToRegistry, frozen=True, tag="registry.report-status"):
    """Count users, clients, networks and channels (row SVC-24). The sender gets ``AdminDone``."""

    request: int


class Announce(msgspec.Struct, ToRegistry, frozen=True, tag="registry.announce"):
    """Show every client of every user a text (rows SVC-25, CMD-18). The sender gets ``AdminDone``."""

    text: str
    source: str
    request: int = 0


class SetDebug(msgspec.Struct, ToRegistry, frozen=True, tag="registry.set-debug"):
    """Log in detail, or no longer (row SVC-26). The sender gets ``AdminDone``."""

    on: bool
    request: int


class UserCounts(msgspec.Struct, ToRegistry, frozen=True, tag="registry.user-counts"):
    """What a user actor has, for :class:`ReportStatus`; sent when it changes."""

    clients: int
    networks: int
    connected: int
    channels: int


class AskCounts(msgspec.Struct, ToRegistry, frozen=True, tag="registry.ask-counts"):
    """From the registry of another node: what do the users have that run on yours? It gets ``CountsThere``."""

    request: int


class CountsThere(msgspec.Struct, ToRegistry, frozen=True, tag="registry.counts-there"):
    """The answer, by name of the user."""

    request: int
    node: str
    counts: dict[str, UserCounts]


class CountsDue(msgspec.Struct, ToRegistry, frozen=True, tag="registry.counts-due"):
    """Alarm: nodes that have not answered are waited for no longer."""

    request: int


class AdminDone(msgspec.Struct, ToUser, ToControl, ToRegistry, frozen=True, tag="registry.admin-done"):
    """What an admin's request has brought: lines for a person, or why it failed."""

    request: int
    lines: tuple[str, ...] = ()
    error: str = ""
