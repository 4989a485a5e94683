"""Messages for the registry: from a login to a user actor."""

import msgspec

from soju_actors.model.records import User
from soju_actors.ports.protocols import ToRegistry


class Login(msgspec.Struct, ToRegistry, frozen=True, tag="registry.login"):
    """Check a user's password. The sender gets ``LoginAccepted`` or ``LoginRefused``.

    ``on_behalf_of`` is another user's name for an admin's impersonation (row PRE-03).
    """

    name: str
    password: str
    remote: str
    on_behalf_of: str = ""


class Refresh(msgspec.Struct, ToRegistry, frozen=True, tag="registry.refresh"):
    """The database was changed by another process: look at the users again."""


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
    """Delete a user (row SVC-22). The sender gets ``AdminDone``."""

    name: str
    request: int
