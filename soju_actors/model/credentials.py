"""What a user may log in with besides the password: certificates of devices, passwords of clients (row DBT-04)."""

from typing import NewType

import msgspec

from soju_actors.model.records import UserId

CertificateId = NewType("CertificateId", int)
AppPasswordId = NewType("AppPasswordId", int)


class DeviceCertificate(msgspec.Struct, frozen=True):
    """A certificate that a client shows instead of a password; an ``id`` of 0 is not stored yet.

    ``fingerprint`` is the SHA-512 of its DER form in hexadecimal digits. ``last_used`` is a Unix
    time, 0 for never, and ``last_address`` the host that used it.
    """

    id: CertificateId
    user_id: UserId
    label: str
    fingerprint: str
    created_at: float = 0.0
    last_used: float = 0.0
    last_address: str = ""


class AppPassword(msgspec.Struct, frozen=True):
    """A password that the bouncer has made for one client; it can be taken back alone.

    ``digest`` is a plain hash of it: with 160 bits of chance in it, it cannot be guessed, so that
    a slow hash would protect nothing. ``scram`` is its verifier, empty if there is none.
    """

    id: AppPasswordId
    user_id: UserId
    name: str
    digest: str
    scram: str = ""
    created_at: float = 0.0
    last_used: float = 0.0
    last_address: str = ""
