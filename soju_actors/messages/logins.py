"""Messages for the registry about what users log in with (rows PRE-03, PRE-05, SVC-16 to SVC-18, CMD-28)."""

import msgspec

from soju_actors.model.credentials import DeviceCertificate
from soju_actors.ports.protocols import ToRegistry, ToUser


class Login(msgspec.Struct, ToRegistry, frozen=True, tag="registry.login"):
    """Check a user's password. The sender gets ``LoginAccepted`` or ``LoginRefused``.

    ``on_behalf_of`` is another user's name for an admin's impersonation (row PRE-03).
    """

    name: str
    password: str
    remote: str
    on_behalf_of: str = ""


class CertificateLogin(msgspec.Struct, ToRegistry, frozen=True, tag="registry.certificate-login"):
    """Find the user of a certificate that a client has shown (row PRE-05). Answered as :class:`Login`.

    ``name`` is whom the client wants to be; empty for the user whose certificate it is.
    """

    fingerprint: str
    remote: str
    name: str = ""


class AskScram(msgspec.Struct, ToRegistry, frozen=True, tag="registry.ask-scram"):
    """How a user's passwords are salted. The sender gets ``ScramParameters``, for any name, or ``LoginRefused``."""

    name: str
    remote: str


class ScramLogin(msgspec.Struct, ToRegistry, frozen=True, tag="registry.scram-login"):
    """Check a proof of SCRAM, which is over ``auth_message``. Answered as :class:`Login`."""

    name: str
    auth_message: bytes
    proof: bytes
    remote: str
    on_behalf_of: str = ""


class Interacted(msgspec.Struct, ToRegistry, frozen=True, tag="registry.interacted"):
    """A client of the user's own has come or gone (row OPS-15)."""

    name: str


class NoteUsesNow(msgspec.Struct, ToRegistry, frozen=True, tag="registry.note-uses"):
    """Alarm: store when credentials were last used."""


class LookForInactive(msgspec.Struct, ToRegistry, frozen=True, tag="registry.look-for-inactive"):
    """Alarm: disable the accounts that nobody uses."""


class AddCertificate(msgspec.Struct, ToRegistry, frozen=True, tag="registry.add-certificate"):
    """Let a user log in with a certificate. The sender gets ``AdminDone``, also if that is so already."""

    name: str
    label: str
    fingerprint: str
    request: int


class RemoveCertificate(msgspec.Struct, ToRegistry, frozen=True, tag="registry.remove-certificate"):
    """Take a certificate away from a user, given the beginning of its fingerprint. The sender gets ``AdminDone``.

    Clients that have logged in with it are closed.
    """

    name: str
    fingerprint: str
    request: int


class ListCertificates(msgspec.Struct, ToRegistry, frozen=True, tag="registry.list-certificates"):
    """Tell which certificates a user may log in with. The sender gets :class:`CertificatesListed`."""

    name: str
    request: int


class CertificatesListed(msgspec.Struct, ToUser, frozen=True, tag="user.certificates-listed"):
    """The certificates of the user, oldest first."""

    certificates: tuple[DeviceCertificate, ...]
    request: int


class AddAppPassword(msgspec.Struct, ToRegistry, frozen=True, tag="registry.add-app-password"):
    """Make a password for one client of a user. The sender gets ``AdminDone``, which tells it this once."""

    name: str
    label: str
    request: int


class ListAppPasswords(msgspec.Struct, ToRegistry, frozen=True, tag="registry.list-app-passwords"):
    """Tell which passwords for clients a user has. The sender gets ``AdminDone``."""

    name: str
    request: int


class RevokeAppPassword(msgspec.Struct, ToRegistry, frozen=True, tag="registry.revoke-app-password"):
    """Take a password for a client back. The sender gets ``AdminDone``. Clients that logged in with it are closed."""

    name: str
    label: str
    request: int
