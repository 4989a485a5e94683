"""Writing accounts, which every node and other processes change.

Who changes one does not know what others are changing at the same time. So a row is locked, looked at, and written
if it is what it was taken for: of two who change the same thing the second one is told, and what is changed from an
old state of things, however late that comes, undoes nothing.
"""

import msgspec
from sqlalchemy import bindparam, insert, select, update

from soju_actors.adapters.database.errors import StaleError
from soju_actors.adapters.database.query import Rows, Statement
from soju_actors.adapters.database.records import columns_of, records_of, save_record
from soju_actors.adapters.database.session import Session
from soju_actors.adapters.database.tables import USERS
from soju_actors.model.records import User
from soju_actors.ports.database import SaveUser, UpdateUser

_USER = [column.name for column in USERS.c if column.name != "id"]
_NOT_UPDATED = ("revision", "interacted_at")
"""Only ``do_and_raise_revision`` and ``NoteUses`` change these: who saves settings may not know the newest."""

_INSERT = Statement(insert(USERS).returning(USERS.c.id), _USER)
_UPDATE = Statement(
    update(USERS).where(USERS.c.id == bindparam("which")), [name for name in _USER if name not in _NOT_UPDATED]
)
_LOCK = Rows(select(USERS).where(USERS.c.id == bindparam("which")).with_for_update(key_share=True))


def save_user(session: Session, job: SaveUser) -> int:
    """Insert or update a user; an update leaves the revision, and when the user was last there, as they are."""
    stored = lock_user(session, job.user.id) if job.user.id else None
    if stored is None:
        return save_record(session, job.user.id, columns_of(job.user), (_INSERT, _UPDATE), "user")
    revoked = stored.password_hash != job.user.password_hash
    return _write(session, msgspec.structs.replace(job.user, generation=stored.generation + revoked)).id


def update_user(session: Session, job: UpdateUser) -> User:
    """Change fields of a user that are as they were known.

    Raises:
        StaleError: they are not.
    """
    stored = lock_user(session, job.known.id)
    if stored is None:
        raise StaleError("the user does not exist any more")
    for name in (*job.changes, *job.given):
        if getattr(stored, name) not in (getattr(job.known, name), job.changes.get(name, getattr(job.known, name))):
            raise StaleError("somebody else has changed this user meanwhile, look and try again")
    if job.absent and stored.interacted_at > job.known.interacted_at:
        raise StaleError("the user was there meanwhile")
    return _write(session, msgspec.structs.replace(stored, **job.changes, generation=stored.generation + job.revoke))


def raise_generation(session: Session, user: User) -> User:
    """Let the logins so far of a user who is locked count no more; return the user as it is then."""
    return _write(session, msgspec.structs.replace(user, generation=user.generation + 1))


def lock_user(session: Session, user_id: int) -> User | None:
    """Return a user as it is stored; nobody else changes it until the transaction ends."""
    found = records_of(User, USERS, session.rows(_LOCK, which=user_id))
    return found[0] if found else None


def _write(session: Session, user: User) -> User:
    values = {name: value for name, value in columns_of(user).items() if name not in _NOT_UPDATED}
    session.run(_UPDATE, which=user.id, **values)
    return user
