"""SCRAM-SHA-256 as a server sees it: what is stored of a password, and the messages of an exchange.

Who keeps the verifiers need not be who talks to the client: the exchange needs nothing
secret up to the client's proof, which is then checked against every verifier that it may be for.

Spec: https://www.rfc-editor.org/rfc/rfc5802, https://www.rfc-editor.org/rfc/rfc7677
"""

import binascii
import hashlib
import hmac
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable
from typing import NamedTuple

from soju_actors.irc.sasl.errors import SaslError

NAME = "SCRAM-SHA-256"
_SIZE = hashlib.sha256().digest_size
_SALT_BYTES = 16
_NONCE = re.compile(r"[\x21-\x2b\x2d-\x7e]+")
_LONGEST_NONCE = 1024
"""Characters; clients send a few dozen."""
_VERIFIER = re.compile(rf"{NAME}\$(\d{{1,9}}):([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]+)")


class Verifier(NamedTuple):
    """What is stored of a password: it can be checked with this, but not be used as the password is."""

    iterations: int
    salt: bytes
    stored_key: bytes
    server_key: bytes


def verifier_of(password: str, salt: bytes, iterations: int) -> Verifier:
    """Return what is to be stored of a password, which is normalised already; it takes its time.

    Spec: https://www.rfc-editor.org/rfc/rfc5802#section-3
    """
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, iterations)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    return Verifier(iterations, salt, hashlib.sha256(client_key).digest(), hmac.digest(salted, b"Server Key", "sha256"))


def format_verifier(verifier: Verifier) -> str:
    """Write a verifier as PostgreSQL does: ``SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey``.

    Spec: https://www.postgresql.org/docs/current/catalog-pg-authid.html
    """
    iterations, *parts = verifier
    salt, stored_key, server_key = (b64encode(part).decode("ascii") for part in parts)
    return f"{NAME}${iterations}:{salt}${stored_key}:{server_key}"


def parse_verifier(text: str) -> Verifier | None:
    """Read a verifier, None if it is none."""
    found = _VERIFIER.fullmatch(text)
    if not found:
        return None
    try:
        salt, stored_key, server_key = (b64decode(part, validate=True) for part in found.groups()[1:])
    except binascii.Error:
        return None
    return Verifier(int(found[1]), salt, stored_key, server_key)


def salt_for(secret: bytes, name: str) -> bytes:
    """Return the salt of a user, whether there is one of that name or not.

    As it follows from the name, nobody can tell users by their salts from names that nobody
    has; without the secret it cannot be known beforehand.
    """
    return hmac.digest(secret, f"scram {name}".encode("utf-8", "surrogateescape"), "sha256")[:_SALT_BYTES]


def iterations_for(verifiers: Iterable[str], default: int) -> int:
    """Return the iterations for a user's next verifier.

    The server names them before it knows which of a user's passwords it is going to be, so
    they are those of the verifiers that there are.
    """
    known = (verifier.iterations for text in verifiers if (verifier := parse_verifier(text)))
    return next(known, default) if default else 0


class ClientFirst(NamedTuple):
    """The client's first message."""

    authzid: str
    """Whom to act as, empty for the same."""
    authcid: str
    nonce: str
    header: str
    """``n,,`` or the like, which the second message repeats."""
    bare: str
    """All behind that."""


def parse_client_first(data: bytes) -> ClientFirst:
    """Read the client's first message.

    Raises:
        SaslError: it is none, or asks for channel binding or an extension, which there is not.
    """
    text = _text(data)
    flag, first_comma, rest = text.partition(",")
    authzid, second_comma, bare = rest.partition(",")
    if not (first_comma and second_comma) or flag not in ("n", "y"):
        raise SaslError("the first message of SCRAM begins with n,, - channel binding is not supported")
    if authzid and not authzid.startswith("a="):
        raise SaslError("the first message of SCRAM has something else where a= belongs")
    name, nonce = (*bare.split(","), "")[:2]
    if not name.startswith("n=") or not nonce.startswith("r="):
        raise SaslError("the first message of SCRAM has no name and nonce")
    if not _NONCE.fullmatch(nonce[2:]) or len(nonce) > _LONGEST_NONCE:
        raise SaslError("the nonce of SCRAM is not one")
    header = f"{flag},{authzid},"
    return ClientFirst(_name(authzid[2:]), _name(name[2:]), nonce[2:], header, bare)


def server_first(first: ClientFirst, nonce: str, salt: bytes, iterations: int) -> str:
    """Return the answer to it; ``nonce`` is any text, without comma, that was not used before."""
    return f"r={first.nonce}{nonce},s={b64encode(salt).decode('ascii')},i={iterations}"


class ClientFinal(NamedTuple):
    """The client's second message, and what it proves to know the password for."""

    auth_message: bytes
    proof: bytes


def parse_client_final(data: bytes, first: ClientFirst, challenge: str) -> ClientFinal:
    """Read the client's second message, which follows :func:`server_first`.

    Raises:
        SaslError: it is none, or belongs to another exchange.
    """
    text = _text(data)
    without_proof, comma, proof = text.rpartition(",p=")
    binding, nonce = (*without_proof.split(","), "")[:2]
    if not comma or _decoded(binding.removeprefix("c=")) != first.header.encode() or not binding.startswith("c="):
        raise SaslError("the second message of SCRAM does not repeat the header of the first")
    if nonce != challenge.partition(",")[0]:
        raise SaslError("the second message of SCRAM has another nonce")
    return ClientFinal(f"{first.bare},{challenge},{without_proof}".encode(), _decoded(proof))


def proves(proof: bytes, auth_message: bytes, verifier: Verifier) -> bool:
    """Tell whether a client has proved to know the password of a verifier."""
    signature = hmac.digest(verifier.stored_key, auth_message, "sha256")
    if len(proof) != _SIZE:
        return False
    client_key = bytes(a ^ b for a, b in zip(proof, signature, strict=True))
    return hmac.compare_digest(hashlib.sha256(client_key).digest(), verifier.stored_key)


def server_final(auth_message: bytes, verifier: Verifier) -> str:
    """Return the proof that the server knows the password too."""
    signature = hmac.digest(verifier.server_key, auth_message, "sha256")
    return f"v={b64encode(signature).decode('ascii')}"


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SaslError("a message of SCRAM is not UTF-8") from error


def _name(text: str) -> str:
    """Read a name, in which commas and equals signs are escaped."""
    if re.search(r"=(?!2C|3D)", text):
        raise SaslError("a name of SCRAM has an equals sign")
    return text.replace("=2C", ",").replace("=3D", "=")


def _decoded(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise SaslError("a message of SCRAM is not base64") from error
