"""Writing what users log in with: one function for each job, inside of a transaction."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Float, Table, bindparam, delete, func, insert, select, update

from soju_actors.adapters.database.accounts import lock_user, raise_generation
from soju_actors.adapters.database.errors import StaleError
from soju_actors.adapters.database.packing import pack
from soju_actors.adapters.database.query import Rows, Statement
from soju_actors.adapters.database.records import columns_of, save_record
from soju_actors.adapters.database.session import Session
from soju_actors.adapters.database.tables import APP_PASSWORDS, DEVICE_CERTIFICATES, USERS
from soju_actors.model.records import User, UserId
from soju_actors.policy.accounts import MOST_CREDENTIALS
from soju_actors.ports.credentials import (
    DeleteAppPassword,
    DeleteCertificate,
    NoteUses,
    SaveAppPassword,
    SaveCertificate,
)


def _inserted(table: Table) -> Statement:
    return Statement(insert(table).returning(table.c.id), [column.name for column in table.c if column.name != "id"])


def _of(table: Table) -> Any:  # noqa: ANN401 - a condition of SQLAlchemy
    return table.c.id == bindparam("which")


def _count(table: Table) -> Rows:
    return Rows(select(func.count()).where(table.c.user_id == bindparam("whose")))


_USED = ["last_used", "last_address"]
_AT = bindparam("at", type_=Float(53))
_INSERT_CERTIFICATE = _inserted(DEVICE_CERTIFICATES)
_DELETE_CERTIFICATE = Statement(delete(DEVICE_CERTIFICATES).where(_of(DEVICE_CERTIFICATES)))
_USE_CERTIFICATE = Statement(
    update(DEVICE_CERTIFICATES).where(_of(DEVICE_CERTIFICATES), DEVICE_CERTIFICATES.c.last_used < _AT), _USED
)
_INSERT_PASSWORD = _inserted(APP_PASSWORDS)
_UPDATE_PASSWORD = Statement(
    update(APP_PASSWORDS).where(_of(APP_PASSWORDS)),
    [column.name for column in APP_PASSWORDS.c if column.name not in {"id", *_USED}],
)
_DELETE_PASSWORD = Statement(delete(APP_PASSWORDS).where(_of(APP_PASSWORDS)))
_USE_PASSWORD = Statement(update(APP_PASSWORDS).where(_of(APP_PASSWORDS), APP_PASSWORDS.c.last_used < _AT), _USED)
_SEE_USER = Statement(update(USERS).where(_of(USERS), USERS.c.interacted_at < _AT), ["interacted_at"])
_CERTIFICATES_OF = _count(DEVICE_CERTIFICATES)
_PASSWORDS_OF = _count(APP_PASSWORDS)
_OWNER_OF_CERTIFICATE = Rows(select(DEVICE_CERTIFICATES.c.user_id).where(_of(DEVICE_CERTIFICATES)))
_OWNER_OF_PASSWORD = Rows(select(APP_PASSWORDS.c.user_id).where(_of(APP_PASSWORDS)))


def save_certificate(session: Session, job: SaveCertificate) -> int:
    """Insert a certificate, unless there are too many by now."""
    _check_room(session, _CERTIFICATES_OF, job.certificate.user_id, "certificates")
    return session.insert(_INSERT_CERTIFICATE, **columns_of(job.certificate)) or 0


def save_app_password(session: Session, job: SaveAppPassword) -> int:
    """Insert a password, unless there are too many by now, or update all of it but its last use."""
    values = columns_of(job.password)
    if job.password.id:
        values = {name: value for name, value in values.items() if name not in _USED}
    else:
        _check_room(session, _PASSWORDS_OF, job.password.user_id, "passwords")
    statements = (_INSERT_PASSWORD, _UPDATE_PASSWORD)
    return save_record(session, job.password.id, values, statements, "password")


def _check_room(session: Session, count: Rows, user_id: UserId, what: str) -> None:
    """Raise StaleError where a user has too many; who makes another one at the same time on another node waits."""
    if lock_user(session, user_id) is not None:
        [(number,)] = session.rows(count, whose=user_id)
        if number >= MOST_CREDENTIALS:
            raise StaleError(f"there are {MOST_CREDENTIALS} {what} already")


def delete_certificate(session: Session, job: DeleteCertificate) -> int | User:
    """Forget a certificate."""
    return _delete(session, _OWNER_OF_CERTIFICATE, _DELETE_CERTIFICATE, job.certificate_id)


def delete_app_password(session: Session, job: DeleteAppPassword) -> int | User:
    """Forget a password."""
    return _delete(session, _OWNER_OF_PASSWORD, _DELETE_PASSWORD, job.password_id)


def _delete(session: Session, owner: Rows, statement: Statement, record: int) -> int | User:
    """Delete a record, and have the logins so far count no more, unless somebody else has just done both."""
    found = session.rows(owner, which=record)
    user = lock_user(session, found[0][0]) if found else None
    if user is None or not session.run(statement, which=record):
        return record
    return raise_generation(session, user)


def note_uses(session: Session, job: NoteUses) -> int:
    """Note when all this was last used."""
    for use in sorted(job.users, key=lambda use: use.id):  # in this order by all nodes, so that none locks another out
        session.run(_SEE_USER, which=use.id, at=use.at, interacted_at=use.at)
    for statement, uses in ((_USE_CERTIFICATE, job.certificates), (_USE_PASSWORD, job.passwords)):
        for use in sorted(uses, key=lambda use: use.id):
            session.run(statement, which=use.id, at=use.at, last_used=use.at, last_address=pack(use.address))
    return 0


JOBS: Mapping[type, Callable[[Session, Any], int | User]] = {
    SaveCertificate: save_certificate,
    DeleteCertificate: delete_certificate,
    SaveAppPassword: save_app_password,
    DeleteAppPassword: delete_app_password,
    NoteUses: note_uses,
}


def conflict_sentence(job: object) -> str:
    """Say to a person why a job contradicts what is stored."""
    match job:
        case SaveCertificate():
            return "this certificate is somebody's already"
        case SaveAppPassword():
            return f"there is a password named {job.password.name} already"
    return "the user does not exist"
