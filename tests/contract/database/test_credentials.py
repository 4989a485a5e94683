"""What users log in with is stored, found, noted and deleted (rows DBT-01, DBT-04)."""

from msgspec.structs import replace

from soju_actors.model.credentials import AppPassword, AppPasswordId, CertificateId, DeviceCertificate
from soju_actors.model.records import User, UserId
from soju_actors.policy.accounts import MOST_CREDENTIALS
from soju_actors.ports.credentials import (
    DeleteAppPassword,
    DeleteCertificate,
    NoteUses,
    SaveAppPassword,
    SaveCertificate,
    Use,
)
from soju_actors.ports.database import DeleteUser, LoadUsers, Saved, SaveUser, UsersLoaded, WriteFailed
from tests.contract.database.storage import Storage


def stored(storage: Storage) -> UsersLoaded:
    loaded = storage.read(LoadUsers())
    assert isinstance(loaded, UsersLoaded)
    return loaded


def certificate(user: UserId, fingerprint: str = "ab" * 64) -> DeviceCertificate:
    return DeviceCertificate(CertificateId(0), user, "Läptop \udcff", fingerprint, created_at=1700000000.5)


def password(user: UserId, name: str = "phone", digest: str = "cd" * 32) -> AppPassword:
    return AppPassword(AppPasswordId(0), user, name, digest, scram="SCRAM-SHA-256$...", created_at=1700000000.5)


def test_certificates_and_passwords_are_found_again(storage: Storage) -> None:
    user = storage.user()
    first = storage.write(SaveCertificate(certificate(user), request=1))
    second = storage.write(SaveAppPassword(password(user), request=2))
    assert (first.request, second.request) == (1, 2)
    found = stored(storage)
    assert found.certificates == (replace(certificate(user), id=CertificateId(first.id)),)
    assert found.passwords == (replace(password(user), id=AppPasswordId(second.id)),)


def test_a_certificate_is_one_users_alone(storage: Storage) -> None:
    """Row DBT-04."""
    storage.write(SaveCertificate(certificate(storage.user())))
    failed = storage.write(SaveCertificate(certificate(storage.user()), request=7))
    assert failed == WriteFailed("this certificate is somebody's already", transient=False, request=7)


def test_names_of_passwords_are_a_users_own(storage: Storage) -> None:
    alice, bob = storage.user(), storage.user()
    storage.write(SaveAppPassword(password(alice)))
    assert isinstance(storage.write(SaveAppPassword(password(bob, digest="ef" * 32))), Saved)
    failed = storage.write(SaveAppPassword(password(alice, digest="01" * 32)))
    assert failed == WriteFailed("there is a password named phone already", transient=False)


def test_of_many_that_are_made_at_once_on_several_nodes_none_is_too_many(storage: Storage) -> None:
    """Each node takes what it knows for all there is."""
    alice, bob = storage.user(), storage.user()
    for number in range(MOST_CREDENTIALS):
        assert isinstance(storage.write(SaveCertificate(certificate(alice, f"{number:0128x}"))), Saved)
        assert isinstance(storage.write(SaveAppPassword(password(alice, f"p{number}", f"{number:064x}"))), Saved)
    failed = storage.write(SaveCertificate(certificate(alice), request=7))
    assert failed == WriteFailed("there are 100 certificates already", transient=False, request=7, stale=True)
    failed = storage.write(SaveAppPassword(password(alice), request=8))
    assert failed == WriteFailed("there are 100 passwords already", transient=False, request=8, stale=True)
    kept = stored(storage).passwords[0]
    assert isinstance(storage.write(SaveAppPassword(replace(kept, scram="other"))), Saved)
    assert isinstance(storage.write(SaveCertificate(certificate(bob))), Saved)
    assert isinstance(storage.write(SaveAppPassword(password(bob))), Saved)


def test_nobody_has_credentials_of_a_user_who_does_not_exist(storage: Storage) -> None:
    assert isinstance(storage.write(SaveCertificate(certificate(UserId(77)))), WriteFailed)
    assert isinstance(storage.write(SaveAppPassword(password(UserId(77)))), WriteFailed)


def test_a_password_is_updated_but_not_when_it_was_last_used(storage: Storage) -> None:
    user = storage.user()
    made = replace(password(user), id=AppPasswordId(storage.write(SaveAppPassword(password(user))).id))
    storage.write(NoteUses(passwords=(Use(made.id, 1700000001.0, "192.0.2.1"),)))
    storage.write(SaveAppPassword(replace(made, scram="other", last_used=5.0)))
    assert stored(storage).passwords == (
        replace(made, scram="other", last_used=1700000001.0, last_address="192.0.2.1"),
    )


def test_uses_are_noted_and_what_is_gone_is_left_out(storage: Storage) -> None:
    """Row PRE-05."""
    user = storage.user("alice")
    made = storage.write(SaveCertificate(certificate(user))).id
    uses = NoteUses(
        users=(Use(user, 1700000002.25), Use(77, 1.0)),
        certificates=(Use(made, 1700000003.0, "2001:db8::1"), Use(78, 1.0)),
        request=9,
    )
    assert storage.write(uses) == Saved(9)
    found = stored(storage)
    assert found.users[0].interacted_at == 1700000002.25
    assert (found.certificates[0].last_used, found.certificates[0].last_address) == (1700000003.0, "2001:db8::1")


def test_what_was_used_later_is_not_noted_as_used_earlier(storage: Storage) -> None:
    """Nodes note what they have seen when they can; one that was stopped does so late."""
    user = storage.user("alice")
    made = storage.write(SaveAppPassword(password(user))).id
    for at in (1700000002.0, 1700000001.0):
        storage.write(NoteUses(users=(Use(user, at),), passwords=(Use(made, at, f"192.0.2.{at % 10:g}"),)))
    found = stored(storage)
    assert found.users[0].interacted_at == found.passwords[0].last_used == 1700000002.0
    assert found.passwords[0].last_address == "192.0.2.2"


def test_saving_a_user_does_not_change_when_it_was_last_seen(storage: Storage) -> None:
    """Row OPS-15: who saves a user may not know the newest."""
    made = storage.write(SaveUser(User(UserId(0), "alice", interacted_at=5.0, scram="v")))
    storage.write(NoteUses(users=(Use(made.id, 9.0),)))
    storage.write(SaveUser(User(UserId(made.id), "alice", interacted_at=5.0, scram="w")))
    (user,) = stored(storage).users
    assert (user.interacted_at, user.scram) == (9.0, "w")


def test_credentials_are_deleted_one_by_one_and_with_their_user(storage: Storage) -> None:
    """Row DBX-04."""
    user = storage.user()
    first = storage.write(SaveCertificate(certificate(user))).id
    second = storage.write(SaveAppPassword(password(user))).id
    storage.write(SaveCertificate(certificate(user, "99" * 64)))
    storage.write(SaveAppPassword(password(user, "laptop", "98" * 32)))
    now = storage.settings(user).user
    deleted = storage.write(DeleteCertificate(CertificateId(first), request=3))
    assert deleted == Saved(3, user, replace(now, generation=1))
    deleted = storage.write(DeleteAppPassword(AppPasswordId(second), request=4))
    assert deleted == Saved(4, user, replace(now, generation=2))
    assert storage.write(DeleteCertificate(CertificateId(first))) == Saved(0, first), "it is gone already"
    assert storage.settings(user).user.generation == 2
    found = stored(storage)
    assert ([c.fingerprint for c in found.certificates], [p.name for p in found.passwords]) == (["99" * 64], ["laptop"])
    storage.write(DeleteUser(user))
    found = stored(storage)
    assert (found.certificates, found.passwords) == ((), ())
