"""Jobs for the service ``hasher``, which checks and makes password hashes off the event loop.

It runs as many jobs at once as there are cores.
"""

import msgspec

from soju_actors.ports.protocols import ToRegistry


class CheckPassword(msgspec.Struct, frozen=True, tag="hasher.check"):
    """Does a password fit an argon2id or bcrypt hash? Answer: :class:`PasswordChecked`.

    An empty hash fits nothing, and takes as long as another one to say so.
    """

    password: str
    password_hash: str
    request: int = 0


class PasswordChecked(msgspec.Struct, ToRegistry, frozen=True, tag="hasher.checked"):
    """Whether it fits; ``upgraded`` is a new hash where the old one's kind or cost is out of date."""

    fits: bool
    upgraded: str = ""
    request: int = 0


class HashPassword(msgspec.Struct, frozen=True, tag="hasher.hash"):
    """Make an argon2id hash. Answer: :class:`PasswordHashed`."""

    password: str
    request: int = 0


class PasswordHashed(msgspec.Struct, ToRegistry, frozen=True, tag="hasher.hashed"):
    """The hash of a password, in PHC string format."""

    password_hash: str
    request: int = 0
