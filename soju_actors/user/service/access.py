"""Commands about what clients log in to the bouncer with: the registry keeps it (rows SVC-16 to SVC-18)."""

import re
from collections.abc import Mapping

from actors import Turn
from soju_actors.messages.logins import (
    AddAppPassword,
    AddCertificate,
    CertificatesListed,
    ListAppPasswords,
    ListCertificates,
    RemoveCertificate,
    RevokeAppPassword,
)
from soju_actors.policy.accounts import label_of, last_use
from soju_actors.service.commands import Given
from soju_actors.service.errors import CommandError
from soju_actors.user.saving import Pending, continuation, expect
from soju_actors.user.service.errand import Errand, Handler, answer, asking_client
from soju_actors.user.state import UserState

SHOWN = 12
"""Digits of a fingerprint that are shown, and needed to name a certificate (row SVC-18: 6 bytes)."""
_SHA512 = re.compile(r"[0-9a-f]{128}")
_BEGINNING = re.compile(rf"[0-9a-f]{{{SHOWN},128}}")


def passwords(errand: Errand, given: Given) -> None:
    """List the passwords for clients."""
    del given
    request = _ask(errand, "admin_answered")
    errand.turn.send(errand.user.registry, ListAppPasswords(errand.user.record.name, request))


def create_password(errand: Errand, given: Given) -> None:
    """Make a password for a client."""
    request = _ask(errand, "admin_answered")
    errand.turn.send(errand.user.registry, AddAppPassword(errand.user.record.name, given.param(0), request))


def delete_password(errand: Errand, given: Given) -> None:
    """Take a password for a client back."""
    request = _ask(errand, "admin_answered")
    errand.turn.send(errand.user.registry, RevokeAppPassword(errand.user.record.name, given.param(0), request))


def certificates(errand: Errand, given: Given) -> None:
    """List the certificates (row SVC-16)."""
    del given
    _check_enabled(errand)
    request = _ask(errand, "certificates_shown")
    errand.turn.send(errand.user.registry, ListCertificates(errand.user.record.name, request))


def create_certificate(errand: Errand, given: Given) -> None:
    """Let clients log in with a certificate: the one that this client has shown, if none is named (row SVC-17)."""
    _check_enabled(errand)
    text = given.text("fingerprint")
    if text is None:
        client = asking_client(errand.user, errand.whom)
        fingerprint = client.fingerprint if client else ""
        if not fingerprint:
            raise CommandError("your client has shown no certificate: set one up in it, or give a -fingerprint")
    else:
        fingerprint = _digits(text)
        if not _SHA512.fullmatch(fingerprint):
            raise CommandError("-fingerprint is the SHA-512 hash of a certificate: 128 hexadecimal digits")
    label = label_of(given.text("label") or "")
    request = _ask(errand, "admin_answered")
    errand.turn.send(errand.user.registry, AddCertificate(errand.user.record.name, label, fingerprint, request))


def delete_certificate(errand: Errand, given: Given) -> None:
    """Take a certificate back (row SVC-18)."""
    _check_enabled(errand)
    fingerprint = _digits(given.param(0))
    if not _BEGINNING.fullmatch(fingerprint):
        raise CommandError(f"give at least the first {SHOWN} hexadecimal digits of the fingerprint")
    request = _ask(errand, "admin_answered")
    errand.turn.send(errand.user.registry, RemoveCertificate(errand.user.record.name, fingerprint, request))


HANDLERS: Mapping[str, Handler] = {
    "password status": passwords,
    "password create": create_password,
    "password delete": delete_password,
    "device-certificate status": certificates,
    "device-certificate create": create_certificate,
    "device-certificate delete": delete_certificate,
}


@continuation
def certificates_shown(user: UserState, pending: Pending, done: CertificatesListed, turn: Turn) -> None:
    """Show the certificates to who asked."""
    lines = [f"{record.fingerprint[:SHOWN]} {record.label}: {last_use(record)}" for record in done.certificates]
    answer(user, pending, turn, lines or ("You have no certificates of devices",))


def _ask(errand: Errand, then: str) -> int:
    """Note what follows when the registry has answered; return the number of the question."""
    request = errand.user.new_request()
    errand.later = True
    expect(errand.user, request, errand.pending(then))
    return request


def _check_enabled(errand: Errand) -> None:
    if not errand.user.settings.accounts.client_cert_auth:
        raise CommandError("this bouncer takes no certificates (client_cert_auth is off)")


def _digits(text: str) -> str:
    return text.replace(":", "").casefold()
