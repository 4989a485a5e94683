"""What the registry stores of users and their credentials, one change after the other."""

from typing import Any

from msgspec.structs import replace

from actors import Ref
from actors.testing import Bench, BenchTurn
from soju_actors.irc.sasl.scram import salt_for
from soju_actors.messages.downstream import LoginAccepted, LoginRefused
from soju_actors.messages.logins import AddAppPassword, Login, NoteUsesNow, RevokeAppPassword
from soju_actors.messages.registry import AdminDone, ChangeUser, Refresh, RegistryArgs
from soju_actors.messages.user import CredentialRevoked, UserChanged
from soju_actors.model.credentials import AppPassword, AppPasswordId
from soju_actors.model.records import User, UserId
from soju_actors.policy.accounts import AccountSettings, app_password_digest
from soju_actors.policy.server import ServerSettings
from soju_actors.ports.credentials import DeleteAppPassword, NoteUses, SaveAppPassword, Use
from soju_actors.ports.database import LoadUsers, Saved, UpdateUser, UsersLoaded, WriteFailed
from soju_actors.ports.passwords import (
    AppPasswordMade,
    HashPassword,
    MakeAppPassword,
    MakeVerifier,
    PasswordChecked,
    PasswordHashed,
    VerifierMade,
)
from soju_actors.registry import entering
from soju_actors.registry.actor import RegistryActor

ALICE = User(UserId(1), "alice", "hash-a", admin=True, nick="al")
PHONE = AppPassword(AppPasswordId(7), ALICE.id, "phone", app_password_digest("made up"))
SETTINGS = ServerSettings("bouncer.test", accounts=AccountSettings(scram_iterations=4096))
ADMIN: Ref[Any] = Ref("listener/control")
CLIENT: Ref[Any] = Ref("listener/1")
ACTOR: Ref[Any] = Ref("user/alice")


class Scene:
    """A registry that knows alice, with a verifier or without, and a password for her phone."""

    def __init__(self, user: User = ALICE, *passwords: AppPassword) -> None:
        args = RegistryArgs(Ref("store"), Ref("pacer"), SETTINGS, b"secret")
        self.bench = Bench(RegistryActor, args, path="registry")
        self.bench.tell(UsersLoaded((user,), passwords=passwords, secret=b"salt"))

    def tell(self, msg: Any, sender: Ref[Any] | None = None) -> BenchTurn:  # noqa: ANN401 - any message
        return self.bench.tell(msg, sender) if sender else self.bench.tell(msg)


def only_job(turn: BenchTurn, kind: type[Any]) -> Any:  # noqa: ANN401 - the jobs have no common fields
    (job,) = (job for _, job in turn.performed if isinstance(job, kind))
    return job


def stored(job: UpdateUser) -> Saved:
    """Return the answer where nobody else has changed anything."""
    generation = job.known.generation + job.revoke
    return Saved(job.request, job.known.id, replace(job.known, **job.changes, generation=generation))


def test_two_changes_of_a_user_at_once_both_count() -> None:
    """The second begins with what the first will have stored, however they end."""
    scene = Scene()
    first = only_job(scene.tell(ChangeUser("alice", 1, nick="ally"), ADMIN), UpdateUser)
    second = only_job(scene.tell(ChangeUser("alice", 2, realname="Alice"), ADMIN), UpdateUser)
    assert (second.known.nick, second.changes) == ("ally", {"realname": "Alice"})
    scene.tell(stored(first))
    turn = scene.tell(stored(second))
    assert (turn.sent[0].to, turn.sent[0].message) == (ADMIN, AdminDone(2, ("User alice was updated",)))
    assert turn.sent[1] == (ACTOR, UserChanged(replace(ALICE, nick="ally", realname="Alice")))


def test_what_others_have_changed_comes_back_with_a_change_that_is_stored() -> None:
    scene = Scene()
    job = only_job(scene.tell(ChangeUser("alice", 1, nick="ally"), ADMIN), UpdateUser)
    both = replace(ALICE, nick="ally", realname="of another node")
    assert scene.tell(Saved(job.request, ALICE.id, both)).sent[1] == (ACTOR, UserChanged(both))


def test_a_change_of_what_is_not_known_here_is_refused_and_the_users_are_read_again() -> None:
    scene = Scene()
    job = only_job(scene.tell(ChangeUser("alice", 1, nick="ally"), ADMIN), UpdateUser)
    turn = scene.tell(WriteFailed("it was changed", transient=False, request=job.request, stale=True))
    assert turn.sent == [(ADMIN, AdminDone(1, error="it was changed"))]
    assert [job for _, job in turn.performed] == [LoadUsers()]


def test_a_password_that_is_hashed_meanwhile_does_not_undo_another_change() -> None:
    scene = Scene()
    job = only_job(scene.tell(ChangeUser("alice", 1, password="new"), ADMIN), HashPassword)
    assert (job.salt, job.iterations) == (salt_for(b"salt", "alice"), 4096)
    nick = only_job(scene.tell(ChangeUser("alice", 2, nick="ally"), ADMIN), UpdateUser)
    scene.tell(stored(nick))
    saved = only_job(scene.tell(PasswordHashed("hash-n", job.request, "verifier")), UpdateUser)
    assert saved == UpdateUser(
        replace(ALICE, nick="ally"),
        {"password_hash": "hash-n", "scram": "verifier"},
        revoke=True,
        request=saved.request,
    )


def test_a_password_that_was_changed_while_it_was_checked_lets_nobody_in() -> None:
    """Nor is its better hash stored, or a verifier made of it."""
    scene = Scene()
    check = scene.tell(Login("alice", "pw", "192.0.2.1:1"), CLIENT).performed[0][1]
    changed = only_job(scene.tell(ChangeUser("alice", 1, disable_password=True), ADMIN), UpdateUser)
    scene.tell(stored(changed))
    turn = scene.tell(PasswordChecked(fits=True, upgraded="better", request=check.request))
    assert turn.performed == []
    assert turn.sent == [(CLIENT, LoginRefused(entering.CHANGED))]


def test_a_password_that_is_taken_away_takes_its_verifier_along() -> None:
    """Or it would go on to serve SCRAM."""
    scene = Scene(replace(ALICE, scram="verifier"))
    job = only_job(scene.tell(ChangeUser("alice", 1, disable_password=True), ADMIN), UpdateUser)
    assert job.changes == {"password_hash": "", "scram": ""}
    assert job.revoke


def test_a_verifier_of_a_password_that_was_changed_meanwhile_is_forgotten() -> None:
    scene = Scene()
    check = scene.tell(Login("alice", "pw", "192.0.2.1:1"), CLIENT).performed[0][1]
    job = only_job(scene.tell(PasswordChecked(fits=True, request=check.request)), MakeVerifier)
    scene.tell(ChangeUser("alice", 1, disable_password=True), ADMIN)
    assert scene.tell(VerifierMade("verifier", job.request)).performed == []


def test_a_verifier_is_stored_with_the_password_that_it_is_of() -> None:
    scene = Scene()
    check = scene.tell(Login("alice", "pw", "192.0.2.1:1"), CLIENT).performed[0][1]
    job = only_job(scene.tell(PasswordChecked(fits=True, request=check.request)), MakeVerifier)
    saved = only_job(scene.tell(VerifierMade("verifier", job.request)), UpdateUser)
    assert saved == UpdateUser(ALICE, {"scram": "verifier"}, ("password_hash",), request=saved.request)
    assert scene.tell(stored(saved)).sent == [(ACTOR, UserChanged(replace(ALICE, scram="verifier")))]
    assert scene.tell(Login("alice", "pw", "192.0.2.1:1"), CLIENT).performed == []


def test_a_password_that_scram_cannot_carry_is_not_tried_again_at_each_login() -> None:
    scene = Scene()
    for count in (1, 0):
        check = scene.tell(Login("alice", "pw", "192.0.2.1:1"), CLIENT).performed[0][1]
        turn = scene.tell(PasswordChecked(fits=True, request=check.request))
        assert len(turn.performed) == count
        for _, job in turn.performed:
            scene.tell(VerifierMade("", job.request))
        scene.bench.advance(61)


def test_what_was_read_while_something_was_stored_is_read_again() -> None:
    """It may lack that, and a user who was just created would be stopped."""
    scene = Scene()
    ((_, reading),) = scene.tell(Refresh(1), ADMIN).performed
    job = only_job(scene.tell(ChangeUser("alice", 2, nick="ally"), ADMIN), UpdateUser)
    ((_, again),) = scene.tell(UsersLoaded((), reading.request)).performed
    assert again == LoadUsers(reading.request)
    scene.tell(stored(job))
    ((_, last),) = scene.tell(UsersLoaded((), reading.request)).performed
    turn = scene.tell(UsersLoaded((replace(ALICE, nick="ally"),), last.request))
    assert turn.stopped == []
    assert turn.sent == [(ADMIN, AdminDone(1, ("1 users",)))]


def test_a_password_for_a_client_is_told_once_it_is_stored_and_not_if_it_is_not() -> None:
    for answer, outcome in (
        (Saved(0, 9), AdminDone(1, ("The password for tablet, which is not shown again: pw",))),
        (WriteFailed("disk full", transient=True), AdminDone(1, error="disk full")),
    ):
        scene = Scene()
        job = only_job(scene.tell(AddAppPassword("alice", "tablet", 1), ADMIN), MakeAppPassword)
        turn = scene.tell(AppPasswordMade("pw", "verifier", job.request))
        saved = only_job(turn, SaveAppPassword)
        assert saved.password == AppPassword(
            AppPasswordId(0), ALICE.id, "tablet", app_password_digest("pw"), "verifier", scene.bench.wall()
        )
        assert turn.sent == []
        assert scene.tell(replace(answer, request=saved.request)).sent == [(ADMIN, outcome)]


def test_a_password_of_a_client_costs_no_hash_and_its_use_is_noted_a_little_later() -> None:
    scene = Scene(ALICE, replace(PHONE, scram="SCRAM"))
    turn = scene.tell(Login("alice", "made up", "[2001:db8::1]:9"), CLIENT)
    assert turn.sent == [(CLIENT, LoginAccepted(ACTOR, "alice", admin=True, credential="password 7"))]
    assert turn.performed == []
    assert isinstance(turn.alarms["uses"][1], NoteUsesNow)
    ((service, job),) = scene.bench.advance(5).performed
    assert (service, job) == ("writer", NoteUses(passwords=(Use(7, scene.bench.wall() - 5, "2001:db8::1"),)))
    refused = scene.tell(Login("bob", "made up", "192.0.2.1:1"), CLIENT)
    assert not any(isinstance(sent.message, LoginAccepted) for sent in refused.sent)


def test_a_revoked_password_is_closed_everywhere_when_that_is_stored() -> None:
    scene = Scene(ALICE, replace(PHONE, scram="SCRAM"))
    job = only_job(scene.tell(RevokeAppPassword("alice", "phone", 1), ADMIN), DeleteAppPassword)
    turn = scene.tell(Saved(job.request, ALICE.id, replace(ALICE, generation=1)))
    reason = "The password that you logged in with was deleted"
    assert turn.sent == [
        (ACTOR, UserChanged(replace(ALICE, generation=1))),
        (ACTOR, CredentialRevoked("password 7", reason)),
        (ADMIN, AdminDone(1, ("The password for phone was deleted",))),
    ]
    assert len(scene.tell(Login("alice", "made up", "192.0.2.1:1"), CLIENT).performed) == 1, "it costs a hash now"


def test_a_credential_that_another_process_has_deleted_is_revoked_too() -> None:
    scene = Scene(ALICE, PHONE)
    turn = scene.tell(UsersLoaded((ALICE,), secret=b"salt"))
    (sent,) = turn.sent
    assert sent.to == ACTOR
    assert sent.message.credential == "password 7"


def test_a_login_whose_account_cannot_be_enabled_is_refused() -> None:
    """Row CFG-19."""
    settings = replace(SETTINGS, accounts=AccountSettings(enable_user_on_auth=True))
    bench = Bench(RegistryActor, RegistryArgs(Ref("store"), Ref("pacer"), settings, b"secret"), path="registry")
    bench.tell(UsersLoaded((replace(ALICE, enabled=False),)))
    check = bench.tell(Login("alice", "pw", "192.0.2.1:1"), CLIENT).performed[0][1]
    job = only_job(bench.tell(PasswordChecked(fits=True, request=check.request)), UpdateUser)
    assert (job.changes, job.given) == ({"enabled": True}, ("generation",))
    turn = bench.tell(WriteFailed("disk full", transient=True, request=job.request))
    assert turn.sent == [(CLIENT, LoginRefused("Internal error, try again later"))]
