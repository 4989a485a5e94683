"""Certificates and passwords for clients come and go (rows SVC-16 to SVC-18, CMD-28)."""

from msgspec.structs import replace

from actors import Turn
from soju_actors.irc.sasl.scram import salt_for
from soju_actors.messages.logins import (
    AddAppPassword,
    AddCertificate,
    CertificatesListed,
    ListAppPasswords,
    ListCertificates,
    RemoveCertificate,
    RevokeAppPassword,
)
from soju_actors.messages.registry import AdminDone
from soju_actors.messages.user import CredentialRevoked
from soju_actors.model.credentials import AppPassword, AppPasswordId, CertificateId, DeviceCertificate
from soju_actors.model.records import UserId
from soju_actors.policy.accounts import MOST_CREDENTIALS, app_password_digest, last_use, valid_label
from soju_actors.ports.credentials import DeleteAppPassword, DeleteCertificate, SaveAppPassword, SaveCertificate
from soju_actors.ports.database import Saved
from soju_actors.ports.passwords import AppPasswordMade, MakeAppPassword
from soju_actors.registry import admin
from soju_actors.registry.credentials import name_of
from soju_actors.registry.entering import iterations_of
from soju_actors.registry.state import Asked, Known, RegistryState

ADDED, REMOVED = "credential added", "credential removed"

Request = AddAppPassword | AddCertificate | ListAppPasswords | ListCertificates | RemoveCertificate | RevokeAppPassword


def receive(state: RegistryState, msg: Request, turn: Turn) -> None:
    """Do what is asked of a user's credentials."""
    known = state.users.get(msg.name)
    if known is None:
        admin.answer(turn, AdminDone(msg.request, error=f"There is no user {msg.name!r}"))
        return
    match msg:
        case AddCertificate():
            _add_certificate(state, known, msg, turn)
        case RemoveCertificate():
            _remove_certificate(state, known, msg, turn)
        case ListCertificates():
            if turn.sender is not None:
                certificates = state.credentials.certificates.of(known.user.id)
                turn.send(turn.sender, CertificatesListed(certificates, msg.request))
        case AddAppPassword():
            _add_app_password(state, known, msg, turn)
        case ListAppPasswords():
            admin.answer(turn, AdminDone(msg.request, _listed(state, known)))
        case RevokeAppPassword():
            _revoke_app_password(state, known, msg, turn)


# --- certificates


def _add_certificate(state: RegistryState, known: Known, msg: AddCertificate, turn: Turn) -> None:
    user_id = known.user.id
    there = state.credentials.certificates.find(msg.fingerprint)
    if there is not None and there.user_id == user_id:
        admin.answer(turn, AdminDone(msg.request, (f"This certificate is there already, as {there.label}",)))
    elif there is not None:
        admin.answer(turn, AdminDone(msg.request, error="this certificate is another user's"))
    elif len(state.credentials.certificates.of(user_id)) >= MOST_CREDENTIALS:
        admin.answer(turn, AdminDone(msg.request, error=f"there are {MOST_CREDENTIALS} certificates already"))
    else:
        record = DeviceCertificate(CertificateId(0), user_id, msg.label, msg.fingerprint, created_at=turn.wall)
        told = (f"You can log in with the certificate of {msg.label} now (SASL EXTERNAL)",)
        number = _ask(state, Asked(turn.sender, msg.request, ADDED, record=record, told=told))
        admin.write(state, SaveCertificate(record, number), turn)


def _remove_certificate(state: RegistryState, known: Known, msg: RemoveCertificate, turn: Turn) -> None:
    theirs = state.credentials.certificates.of(known.user.id)
    found = [record for record in theirs if record.fingerprint.startswith(msg.fingerprint)]
    if len(found) == 1:
        told = (f"The certificate of {found[0].label} was deleted",)
        number = _ask(state, Asked(turn.sender, msg.request, REMOVED, record=found[0], told=told))
        admin.write(state, DeleteCertificate(found[0].id, number), turn)
    elif found:
        labels = ", ".join(record.label for record in found)
        admin.answer(turn, AdminDone(msg.request, error=f"several certificates begin like that: {labels}"))
    else:
        admin.answer(turn, AdminDone(msg.request, error="you have no certificate with this fingerprint"))


# --- passwords for clients


def _add_app_password(state: RegistryState, known: Known, msg: AddAppPassword, turn: Turn) -> None:
    user_id = known.user.id
    theirs = state.credentials.passwords.of(user_id)
    if not valid_label(msg.label):
        error = "a name has 1 to 64 characters, at least one of them not a space"
    elif any(own.name == msg.label for own in theirs):
        error = f"there is a password named {msg.label} already"
    elif len(theirs) >= MOST_CREDENTIALS:
        error = f"there are {MOST_CREDENTIALS} passwords already"
    else:
        record = AppPassword(AppPasswordId(0), user_id, msg.label, "", created_at=turn.wall)
        number = _ask(state, Asked(turn.sender, msg.request, ADDED, record=record))
        job = MakeAppPassword(salt_for(state.secret, known.user.name), iterations_of(state, known), number)
        turn.perform("hasher", job)
        return
    admin.answer(turn, AdminDone(msg.request, error=error))


def app_password_made(state: RegistryState, msg: AppPasswordMade, turn: Turn) -> None:
    """Store a new password: what was made is told once that is done, and then known to nobody here."""
    asked = state.asked.get(msg.request)
    if asked is None or not isinstance(asked.record, AppPassword):
        return
    record = replace(asked.record, digest=app_password_digest(msg.password), scram=msg.scram)
    told = (f"The password for {record.name}, which is not shown again: {msg.password}",)
    state.asked[msg.request] = Asked(asked.asker, asked.request, asked.kind, record=record, told=told)
    admin.write(state, SaveAppPassword(record, msg.request), turn)


def _revoke_app_password(state: RegistryState, known: Known, msg: RevokeAppPassword, turn: Turn) -> None:
    own = next((own for own in state.credentials.passwords.of(known.user.id) if own.name == msg.label), None)
    if own is None:
        admin.answer(turn, AdminDone(msg.request, error=f"you have no password named {msg.label!r}"))
        return
    told = (f"The password for {own.name} was deleted",)
    number = _ask(state, Asked(turn.sender, msg.request, REMOVED, record=own, told=told))
    admin.write(state, DeleteAppPassword(own.id, number), turn)


def _listed(state: RegistryState, known: Known) -> tuple[str, ...]:
    theirs = state.credentials.passwords.of(known.user.id)
    return tuple(f"{own.name}: {last_use(own)}" for own in theirs) or ("You have made no passwords for clients",)


# --- in common


def _ask(state: RegistryState, asked: Asked) -> int:
    number = state.new_request()
    state.asked[number] = asked
    return number


def saved(state: RegistryState, msg: Saved, turn: Turn) -> None:
    """Use a credential that is stored, or use it no more; tell who asked."""
    asked = state.asked.get(msg.request)
    if asked is None or asked.record is None:
        return
    record = asked.record
    if asked.kind == ADDED:
        state.credentials.put(replace(record, id=msg.id))
    else:
        state.credentials.remove(record)
        revoke(state, name_of(record), record.user_id, turn)
    admin.finish(state, msg.request, AdminDone(0, asked.told), turn)


def revoke(state: RegistryState, credential: str, user_id: UserId, turn: Turn) -> None:
    """Close the clients that have logged in with a credential, also those that are not attached yet."""
    known = state.with_id(user_id)
    if known is not None:
        reason = f"The {credential.partition(' ')[0]} that you logged in with was deleted"
        turn.send(known.ref, CredentialRevoked(credential, reason))
