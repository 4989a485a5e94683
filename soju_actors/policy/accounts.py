"""What accounts may be called, what makes a password for a client, and when an account counts as inactive."""

import hashlib
import re
from base64 import b32encode
from datetime import UTC, datetime

import msgspec

from soju_actors.model.credentials import AppPassword, DeviceCertificate

LONGEST = 64
"""Characters of a name: it has to leave room for a network and a client in one word of USER."""
MOST_CREDENTIALS = 100
"""Certificates of one user, and passwords for clients."""

_NAME = re.compile(r"[^\0-\x20\x7f/@:!*]+")
_CONTROL = re.compile(r"[\0-\x1f\x7f]")


class AccountSettings(msgspec.Struct, frozen=True):
    """How users log in, and which accounts are closed (rows CFG-17, CFG-19, CFG-21)."""

    client_cert_auth: bool = False
    """Clients may log in with certificates."""
    enable_user_on_auth: bool = False
    """Who logs in to an account that was disabled has it enabled again."""
    disable_inactive_user: float = 0.0
    """Seconds after which an account that nobody uses is disabled; 0: never."""
    scram_iterations: int = 0
    """Of the verifiers for SCRAM that are made from now on; 0: SCRAM is not offered."""


def valid_account(name: str) -> bool:
    """Whether a name can be an account's: a login adds ``/network`` and ``@client`` to it (row USR-01)."""
    return len(name) <= LONGEST and _NAME.fullmatch(name) is not None


def valid_label(text: str) -> bool:
    """Whether a text can name a certificate or a password for a client: it is seen, and not too long."""
    size = len(text.encode("utf-8", "surrogateescape"))
    return size <= LONGEST and bool(text.strip()) and not _CONTROL.search(text)


def label_of(text: str) -> str:
    """Return a label as near to a text as one can be."""
    seen = _CONTROL.sub(" ", text).strip().encode("utf-8", "surrogateescape")[:LONGEST]
    return seen.decode("utf-8", "ignore").strip() or "unnamed"


def app_password_of(chance: bytes) -> str:
    """Return a password that can be typed: lower-case letters and digits that look like no other."""
    return b32encode(chance).decode("ascii").lower().rstrip("=")


def app_password_digest(password: str) -> str:
    """Return what is stored of a password for a client.

    With 160 bits of chance it cannot be found by trying, however fast that goes: a slow hash
    would protect nothing, and this one costs a login a microsecond.
    """
    text = f"soju-actors app password\0{password}"
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def last_use(record: AppPassword | DeviceCertificate) -> str:
    """Say when something was last used, and from where."""
    if not record.last_used:
        return "never used"
    at = datetime.fromtimestamp(record.last_used, UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"last used {at}{f' from {record.last_address}' if record.last_address else ''}"
