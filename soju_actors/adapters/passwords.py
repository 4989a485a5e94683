"""The service ``hasher``: argon2id hashes of passwords, and bcrypt hashes of imported accounts.

Spec: https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html (its parameters for argon2id)
"""

import ctypes
import secrets
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from soju_actors.irc.sasl.client import prove
from soju_actors.irc.sasl.errors import SaslError
from soju_actors.irc.sasl.scram import format_verifier, verifier_of
from soju_actors.policy.accounts import app_password_of
from soju_actors.ports.passwords import (
    AppPasswordMade,
    CheckPassword,
    HashPassword,
    MakeAppPassword,
    MakeVerifier,
    PasswordChecked,
    PasswordHashed,
    ProveScram,
    ScramProved,
    VerifierMade,
)

Answer = AppPasswordMade | PasswordChecked | PasswordHashed | ScramProved | VerifierMade

MEMORY_KIB = 19456
_ARGON2 = PasswordHasher(time_cost=2, memory_cost=MEMORY_KIB, parallelism=1)
_FITS_NOTHING = f"$argon2id$v=19$m={MEMORY_KIB},t=2,p=1${'A' * 22}${'A' * 43}"
"""Checked in place of a hash that is not there, so that the time does not tell."""
_BCRYPT = ("$2a$", "$2b$", "$2y$")
_BCRYPT_BYTES = 72
"""All that bcrypt takes of a password; it is defined to ignore the rest."""
_M_MMAP_THRESHOLD = -3
_MAPPED_FROM = 4 << 20


class Hasher:
    """Does the jobs of ``ports.passwords``, on any number of threads."""

    def __init__(self) -> None:
        _give_memory_back()

    def perform(self, job: Any) -> Answer:  # noqa: ANN401 - each service knows its jobs
        """Check or make a hash."""
        match job:
            case CheckPassword():
                fits, upgraded = check_password(job.password, job.password_hash)
                return PasswordChecked(fits, upgraded, job.request)
            case HashPassword():
                password_hash, scram = credentials_of(job.password, job.salt, job.iterations)
                return PasswordHashed(password_hash, job.request, scram)
            case MakeVerifier():
                return VerifierMade(make_verifier(job.password, job.salt, job.iterations), job.request)
            case MakeAppPassword():
                password = app_password_of(secrets.token_bytes(20))
                scram = make_verifier(password, job.salt, job.iterations) if job.iterations else ""
                return AppPasswordMade(password, scram, job.request)
            case ProveScram():
                return prove_scram(job)
        raise TypeError(f"not a job of the hasher: {type(job).__name__}")

    def close(self) -> None:
        """Nothing is held."""


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password, in PHC string format."""
    return _ARGON2.hash(_bytes_of(password))


def make_verifier(password: str, salt: bytes, iterations: int) -> str:
    """Return the verifier for SCRAM-SHA-256, empty for a password that SCRAM cannot carry."""
    prepared = _normalised(password)
    return format_verifier(verifier_of(prepared, salt, iterations)) if prepared else ""


def _normalised(password: str) -> str:
    """Return a password as clients normalise it, empty if that cannot be done.

    The same letters typed in another way are the same password; there is but one way to type ASCII.
    Spec: https://www.rfc-editor.org/rfc/rfc4013
    """
    if password.isascii() and password.isprintable():
        return password
    from scramp import ScramException  # noqa: PLC0415 - large, and rarely needed
    from scramp.utils import saslprep  # noqa: PLC0415 - as above

    try:
        prepared: str = saslprep(password)
        prepared.encode()
    except (ScramException, UnicodeError):
        return ""
    return prepared


def prove_scram(job: ProveScram) -> ScramProved:
    """Prove to a server to know a password, or say why not."""
    try:
        return ScramProved(job.task.nonce, prove(job.task))
    except SaslError as error:
        return ScramProved(job.task.nonce, None, str(error))


def credentials_of(password: str, salt: bytes, iterations: int) -> tuple[str, str]:
    """Return the hash of a new password and its verifier, which is empty if there are no iterations."""
    return hash_password(password), make_verifier(password, salt, iterations) if iterations else ""


def check_password(password: str, password_hash: str) -> tuple[bool, str]:
    """Tell whether a password fits a hash, and return a new hash where the old one should be replaced.

    What is not a hash fits nothing and takes as long to say so.
    """
    if password_hash.startswith(_BCRYPT):
        fits = _fits_bcrypt(password, password_hash)
        return fits, hash_password(password) if fits else ""
    known = is_hash(password_hash)
    try:
        _ARGON2.verify(password_hash if known else _FITS_NOTHING, _bytes_of(password))
    except (Argon2Error, InvalidHashError):
        return False, ""
    return known, hash_password(password) if known and _ARGON2.check_needs_rehash(password_hash) else ""


def is_hash(text: str) -> bool:
    """Tell whether a text is a hash of a kind that can be checked."""
    if text.startswith(_BCRYPT):
        return len(text) == 60  # noqa: PLR2004 - all bcrypt hashes are
    try:
        _ARGON2.check_needs_rehash(text)
    except InvalidHashError:
        return False
    return True


def _fits_bcrypt(password: str, password_hash: str) -> bool:
    import bcrypt  # noqa: PLC0415 - only accounts that come from elsewhere have such hashes

    try:
        return bcrypt.checkpw(_bytes_of(password)[:_BCRYPT_BYTES], password_hash.encode())
    except ValueError:
        return False


def _bytes_of(password: str) -> bytes:
    return password.encode("utf-8", "surrogateescape")


def _give_memory_back() -> None:
    """Have glibc return the memory of each hash to the system.

    It would otherwise take the first such block as a sign of what is usual, and keep
    as much for each thread from then on.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _MAPPED_FROM)
