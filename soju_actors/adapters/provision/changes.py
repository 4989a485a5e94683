"""Making a database hold what is declared."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, TypeVar

from msgspec import convert
from msgspec.structs import asdict, replace

from soju_actors.adapters.database import Database
from soju_actors.adapters.database.loading import load_settings, load_users
from soju_actors.adapters.database.session import Session
from soju_actors.adapters.database.settings import do_and_raise_revision
from soju_actors.adapters.passwords import check_password, hash_password
from soju_actors.adapters.provision.declarations import (
    ChannelDeclaration,
    Declarations,
    NetworkDeclaration,
    UserDeclaration,
)
from soju_actors.model.records import Channel, Network, NetworkId, User, UserId, UserSettings
from soju_actors.ports.database import LoadSettings, LoadUsers, SaveChannel, SaveNetwork, SaveUser

Record = TypeVar("Record", User, Network, Channel)


class Change(NamedTuple):
    """One thing that was not yet as declared."""

    what: str
    """For a person: ``network alice/libera: changed addr, nick``."""


def apply(database: Database, declarations: Declarations) -> list[Change]:
    """Create and update what is declared, all or nothing; return what was changed.

    A running bouncer sees it by the users' revisions.

    Raises:
        DatabaseError: nothing is changed, and why.
    """
    with database.transaction(write=False) as session:
        stored = {user.name: user.password_hash for user in load_users(session, LoadUsers()).users}
    # Hashing takes long and must not keep the database locked.
    hashes = _hashes(declarations, stored)
    with database.transaction() as session:
        return [Change(what) for what in _apply_all(session, declarations, hashes)]


def _hashes(declarations: Declarations, stored: dict[str, str]) -> dict[str, str]:
    """Return the hash for each user that is declared with a password; the stored one where it fits."""

    def hash_of(user: UserDeclaration) -> str:
        if user.password is None:
            return user.password_hash or ""
        old = stored.get(user.name, "")
        fits, upgraded = check_password(user.password, old) if old else (False, "")
        return (upgraded or old) if fits else hash_password(user.password)

    declared = [user for user in declarations.user if (user.password, user.password_hash) != (None, None)]
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        return dict(zip((user.name for user in declared), threads.map(hash_of, declared), strict=True))


def _apply_all(session: Session, declarations: Declarations, hashes: dict[str, str]) -> Iterator[str]:
    ids = {user.name: user.id for user in load_users(session, LoadUsers()).users}
    now = time.time()
    for declared in declarations.user:
        user_id = ids.get(declared.name)
        stored = load_settings(session, LoadSettings(user_id)).settings if user_id else None
        before = stored.user if stored else None
        user = _declared(before or User(UserId(0), declared.name, created_at=now), declared)
        user = replace(user, password_hash=hashes.get(declared.name, user.password_hash))
        if user != before:
            user = replace(user, id=UserId(do_and_raise_revision(session, SaveUser(user))))
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
    names = [name for name in type(after).__struct_fields__ if getattr(before, name) != getattr(after, name)]
    return f"{what}: changed {', '.join(names)}"
