"""Making a database hold what is declared."""

import os
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, TypeVar

from msgspec import convert
from msgspec.structs import asdict, replace

from soju_actors.adapters.database import Database
from soju_actors.adapters.database.loading import load_settings, load_users
from soju_actors.adapters.database.session import Session
from soju_actors.adapters.database.settings import do_and_raise_revision
from soju_actors.adapters.passwords import check_password, credentials_of
from soju_actors.adapters.provision.declarations import (
    ChannelDeclaration,
    Declarations,
    NetworkDeclaration,
    UserDeclaration,
)
from soju_actors.irc.sasl.scram import iterations_for, salt_for
from soju_actors.model.records import Channel, Network, NetworkId, User, UserId, UserSettings
from soju_actors.ports.database import (
    LoadSettings,
    LoadUsers,
    SaveChannel,
    SaveNetwork,
    SaveUser,
    UpdateUser,
    UsersLoaded,
)

Record = TypeVar("Record", User, Network, Channel)


class Change(NamedTuple):
    """One thing that was not yet as declared."""

    what: str
    """For a person: ``network alice/libera: changed addr, nick``."""


Hashes = Mapping[str, str]
"""The fields of a user that are to be written because of a password; none where the stored ones fit."""


def apply(database: Database, declarations: Declarations, iterations: int = 0) -> list[Change]:
    """Create and update what is declared, all or nothing; return what was changed.

    A running bouncer sees it by the users' revisions. ``iterations`` are those of new verifiers
    for SCRAM; without them there are none.

    Raises:
        DatabaseError: nothing is changed, and why.
    """
    with database.transaction(write=False) as session:
        loaded = load_users(session, LoadUsers())
    # Hashing takes long and must not keep the database locked.
    hashes = _hashes(declarations, loaded, iterations)
    with database.transaction() as session:
        return [Change(what) for what in _apply_all(session, declarations, hashes)]


def _hashes(declarations: Declarations, loaded: UsersLoaded, iterations: int) -> dict[str, Hashes]:
    """Return what is to be written of the password of each user that is declared with one."""
    stored = {user.name: user for user in loaded.users}

    def hashes_of(declared: UserDeclaration) -> Hashes:
        user = stored.get(declared.name, User(UserId(0), declared.name))
        if declared.password is None:
            stays = declared.password_hash == user.password_hash
            return {} if stays else {"password_hash": declared.password_hash or "", "scram": ""}
        fits, upgraded = check_password(declared.password, user.password_hash) if user.password_hash else (False, "")
        if fits:
            return {"password_hash": upgraded} if upgraded else {}
        kept_too = (other.scram for other in loaded.passwords if user.id and other.user_id == user.id)
        salt = salt_for(loaded.secret, user.name)
        password_hash, scram = credentials_of(declared.password, salt, iterations_for(kept_too, iterations))
        return {"password_hash": password_hash, "scram": scram}

    declared = [user for user in declarations.user if (user.password, user.password_hash) != (None, None)]
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        return dict(zip((user.name for user in declared), threads.map(hashes_of, declared), strict=True))


def _apply_all(session: Session, declarations: Declarations, hashes: dict[str, Hashes]) -> Iterator[str]:
    ids = {user.name: user.id for user in load_users(session, LoadUsers()).users}
    now = time.time()
    for declared in declarations.user:
        user_id = ids.get(declared.name)
        stored = load_settings(session, LoadSettings(user_id)).settings if user_id else None
        before = stored.user if stored else None
        user = _declared(before or User(UserId(0), declared.name, created_at=now), declared)
        user = replace(user, **hashes.get(declared.name, {}))
        if before is None:
            user = replace(user, id=UserId(do_and_raise_revision(session, SaveUser(user))))
        elif user != before:
            changes = {name: getattr(user, name) for name in _changed(before, user)}
            do_and_raise_revision(session, UpdateUser(before, changes, revoke="password_hash" in changes))
        if user != before:
            yield _told(f"user {declared.name}", before, user)
        for network in declared.network:
            yield from _apply_network(session, user, stored, network)


def _apply_network(
    session: Session, user: User, stored: UserSettings | None, declared: NetworkDeclaration
) -> Iterator[str]:
    what = f"{user.name}/{declared.name}"
    before = next((old for old in stored.networks if old.name == declared.name), None) if stored else None
    network = _declared(before or Network(NetworkId(0), user.id, declared.name, declared.addr), declared)
    if network != before:
        network = replace(network, id=NetworkId(do_and_raise_revision(session, SaveNetwork(network))))
        yield _told(f"network {what}", before, network)
    channels = {old.name: old for old in stored.channels if old.network_id == network.id} if stored else {}
    for channel in declared.channels:
        wanted = ChannelDeclaration(channel) if isinstance(channel, str) else channel
        old = channels.get(wanted.name)
        new = _declared(old or Channel(network.id, wanted.name), wanted)
        if new != old:
            do_and_raise_revision(session, SaveChannel(new))
            yield _told(f"channel {wanted.name} of {what}", old, new)


def _declared(record: Record, declared: UserDeclaration | NetworkDeclaration | ChannelDeclaration) -> Record:
    """Return the record with what is declared of it."""
    fields = set(type(record).__struct_fields__)
    given = {name: value for name, value in asdict(declared).items() if name in fields and value is not None}
    return convert({**asdict(record), **given}, type(record))


def _told(what: str, before: Record | None, after: Record) -> str:
    if before is None:
        return f"{what}: created"
    names = (name for name in _changed(before, after) if name != "scram")  # it goes with the hash
    return f"{what}: changed {', '.join(names)}"


def _changed(before: Record, after: Record) -> list[str]:
    return [name for name in type(after).__struct_fields__ if getattr(before, name) != getattr(after, name)]
