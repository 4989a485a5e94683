"""Jobs for the service ``hasher``, which checks and makes password hashes off the event loop.

It runs as many jobs at once as there are cores.
"""

import msgspec

from soju_actors.irc.sasl.client import ScramProof, ScramTask
from soju_actors.ports.protocols import ToRegistry, ToUpstream


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
    """Make an argon2id hash, and a verifier for SCRAM. Answer: :class:`PasswordHashed`.

    No ``iterations``: no verifier is made.
    """

    password: str
    request: int = 0
    salt: bytes = b""
    iterations: int = 0


class PasswordHashed(msgspec.Struct, ToRegistry, frozen=True, tag="hasher.hashed"):
    """The hash of a password, in PHC string format, and its verifier.

    The verifier is empty where none was asked for, and for a password that SCRAM cannot carry.
    """

    password_hash: str
    request: int = 0
    scram: str = ""


class MakeVerifier(msgspec.Struct, frozen=True, tag="hasher.verifier"):
    """Make a verifier for SCRAM of a password that has a hash already. Answer: :class:`VerifierMade`."""

    password: str
    salt: bytes
    iterations: int
    request: int = 0


class VerifierMade(msgspec.Struct, ToRegistry, frozen=True, tag="hasher.verifier-made"):
    """The verifier, empty for a password that SCRAM cannot carry."""

    scram: str
    request: int = 0


class MakeAppPassword(msgspec.Struct, frozen=True, tag="hasher.app-password"):
    """Make up a password for a client, with a verifier unless there are no ``iterations``.

    Answer: :class:`AppPasswordMade`.
    """

    salt: bytes
    iterations: int
    request: int = 0


class AppPasswordMade(msgspec.Struct, ToRegistry, frozen=True, tag="hasher.app-password-made"):
    """A new password, which nobody will be told again, and its verifier."""

    password: str
    scram: str
    request: int = 0


class ProveScram(msgspec.Struct, frozen=True, tag="hasher.prove"):
    """Prove to a server to know a password. Answer: :class:`ScramProved`."""

    task: ScramTask


class ScramProved(msgspec.Struct, ToUpstream, frozen=True, tag="hasher.proved"):
    """The proof for the task with this nonce; None if there is none, and ``problem`` says why."""

    nonce: str
    proof: ScramProof | None
    problem: str = ""
