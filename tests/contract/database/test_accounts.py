"""Several nodes and other processes change accounts: of two who change the same, the second is told."""

from collections.abc import Iterator
from threading import Event, Thread
from typing import Any

import pytest
from msgspec.structs import replace

from soju_actors.adapters.database.session import Session
from soju_actors.adapters.database.settings import do_and_raise_revision
from soju_actors.adapters.database.writer import Writer
from soju_actors.model.records import User, UserId
from soju_actors.ports.credentials import NoteUses, Use
from soju_actors.ports.database import DeleteUser, Saved, SaveUser, UpdateUser, WriteFailed
from tests.contract.database.conftest import POSTGRESQL
from tests.contract.database.storage import Storage

CHANGED = WriteFailed("somebody else has changed this user meanwhile, look and try again", transient=False, stale=True)


@pytest.fixture
def other(storage: Storage) -> Iterator[Writer]:
    """The writer of another node."""
    writer = storage.database.writer()
    yield writer
    writer.close()


@pytest.fixture
def alice(storage: Storage) -> User:
    """An account, as both nodes know it."""
    user = User(UserId(0), "alice", "old", nick="al", realname="Älice \udcff", interacted_at=5.0)
    return replace(user, id=UserId(storage.write(SaveUser(user)).id))


def test_changes_of_different_fields_both_hold(storage: Storage, other: Writer, alice: User) -> None:
    storage.write(UpdateUser(alice, {"nick": "ally"}))
    done = other.perform(UpdateUser(alice, {"max_networks": 3, "admin": True}, request=4))
    assert done == Saved(4, alice.id, replace(alice, nick="ally", max_networks=3, admin=True))
    assert storage.settings(alice.id).user == done.user


def test_of_two_changes_of_one_field_the_second_is_refused(storage: Storage, other: Writer, alice: User) -> None:
    storage.write(UpdateUser(alice, {"nick": "ally"}))
    assert other.perform(UpdateUser(alice, {"nick": "alix", "realname": "Alix"})) == CHANGED
    assert storage.settings(alice.id).user == replace(alice, nick="ally")


def test_two_who_want_the_same_both_have_it(storage: Storage, other: Writer, alice: User) -> None:
    storage.write(UpdateUser(alice, {"enabled": False}))
    done = other.perform(UpdateUser(alice, {"enabled": False}, request=3))
    assert done == Saved(3, alice.id, replace(alice, enabled=False))


def test_a_better_hash_does_not_undo_another_password(storage: Storage, other: Writer, alice: User) -> None:
    storage.write(UpdateUser(alice, {"password_hash": "new", "scram": ""}, revoke=True))
    assert other.perform(UpdateUser(alice, {"password_hash": "old, better"})) == CHANGED
    assert other.perform(UpdateUser(alice, {"scram": "of the old one"}, ("password_hash",))) == CHANGED
    assert storage.settings(alice.id).user == replace(alice, password_hash="new", generation=1)


def test_another_password_ends_the_logins_and_a_better_hash_does_not(storage: Storage, alice: User) -> None:
    done = storage.write(UpdateUser(alice, {"password_hash": "old, better"}))
    assert done.user.generation == 0
    done = storage.write(UpdateUser(done.user, {"password_hash": "new"}, revoke=True))
    assert done.user.generation == 1
    storage.write(SaveUser(replace(done.user, password_hash="of another process", generation=0)))
    assert storage.settings(alice.id).user.generation == 2
    storage.write(SaveUser(replace(done.user, password_hash="of another process", nick="al", generation=0)))
    assert storage.settings(alice.id).user.generation == 2


def test_who_was_there_meanwhile_is_not_disabled_for_absence(storage: Storage, other: Writer, alice: User) -> None:
    other.perform(NoteUses(users=(Use(alice.id, 9.0),)))
    failed = storage.write(UpdateUser(alice, {"enabled": False}, absent=True))
    assert failed == WriteFailed("the user was there meanwhile", transient=False, stale=True)
    done = storage.write(UpdateUser(replace(alice, interacted_at=9.5), {"enabled": False}, absent=True))
    assert not done.user.enabled


def test_who_was_deleted_is_not_changed(storage: Storage, other: Writer, alice: User) -> None:
    storage.write(DeleteUser(alice.id))
    failed = other.perform(UpdateUser(alice, {"nick": "ally"}, request=6))
    assert failed == WriteFailed("the user does not exist any more", transient=False, request=6, stale=True)


def test_a_change_by_another_process_raises_the_revision(storage: Storage, alice: User) -> None:
    assert storage.database.change(UpdateUser(alice, {"nick": "ally"})) == [alice.id]
    assert storage.settings(alice.id).user == replace(alice, nick="ally", revision=1)


@pytest.mark.parametrize("kind", ["file", POSTGRESQL], indirect=True)
def test_who_changes_an_account_waits_for_who_does_already(storage: Storage, other: Writer, alice: User) -> None:
    """Else both would look, and then both would write. In memory all share one connection."""
    began, done = Event(), []

    def change(session: Session) -> None:
        do_and_raise_revision(session, UpdateUser(alice, {"nick": "ally"}))

    def change_too() -> None:
        began.set()
        done.append(other.perform(UpdateUser(alice, {"nick": "alix"})))

    second: Any = Thread(target=change_too)
    with storage.database.transaction() as session:
        change(session)
        second.start()
        assert began.wait(5)
    second.join(10)
    assert done == [CHANGED]
    assert storage.settings(alice.id).user.nick == "ally"
