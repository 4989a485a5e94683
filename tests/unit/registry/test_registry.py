"""The registry: users and their actors, logins, what admins ask (DESIGN section 8, rows SVC-19 to SVC-25)."""

from typing import Any

import msgspec
import pytest

from actors import ChildGone, ChildRestarted, Ref, ServiceFailed
from actors.testing import Bench, BenchTurn
from soju_actors import __version__
from soju_actors.messages.downstream import LoginAccepted, LoginRefused
from soju_actors.messages.logins import Login
from soju_actors.messages.registry import (
    AdminDone,
    Announce,
    ListUsers,
    Refresh,
    RegistryArgs,
    ReportStatus,
    SettingsReloaded,
    UserCounts,
)
from soju_actors.messages.user import Broadcast, SettingsChanged, UserArgs, UserChanged, UserDeleted
from soju_actors.model.records import User, UserId
from soju_actors.policy.server import ServerSettings
from soju_actors.ports.database import LoadUsers, ReadFailed, Saved, UpdateUser, UsersLoaded, WriteFailed
from soju_actors.ports.passwords import CheckPassword, PasswordChecked
from soju_actors.registry.actor import LOAD_AGAIN, START_AGAIN, RegistryActor

SETTINGS = ServerSettings("bouncer.test")
ALICE = User(UserId(1), "alice", "hash-a", admin=True)
BOB = User(UserId(2), "bob", "hash-b")


def client(number: int) -> Ref[Any]:
    return Ref(f"listener/{number}")


def actor_of(user: User) -> Ref[Any]:
    return Ref(f"user/{user.name}")


class Scene:
    """A registry that knows some users."""

    def __init__(self, *users: User, failures: int = 3) -> None:
        args = RegistryArgs(Ref("store"), Ref("pacer"), SETTINGS, b"secret", failures, 60.0)
        self.bench = Bench(RegistryActor, args, path="registry")
        self.started = self.bench.tell(UsersLoaded(users)) if users else self.bench.first

    def login(self, name: str, password: str, number: int = 1, remote: str = "192.0.2.1:1", of: str = "") -> BenchTurn:
        return self.bench.tell(Login(name, password, remote, of), client(number))

    def checked(self, turn: BenchTurn, *, fits: bool, upgraded: str = "") -> BenchTurn:
        (job,) = (job for service, job in turn.performed if service == "hasher")
        return self.bench.tell(PasswordChecked(fits, upgraded, request=job.request))


def hashed(turn: BenchTurn) -> list[CheckPassword]:
    return [job for service, job in turn.performed if service == "hasher"]


def refused(turn: BenchTurn) -> list[str]:
    return [msg.reason for _, msg in turn.sent if isinstance(msg, LoginRefused)]


def accepted(turn: BenchTurn) -> list[tuple[Ref[Any], Ref[Any], bool]]:
    return [(to, msg.user, msg.admin) for to, msg in turn.sent if isinstance(msg, LoginAccepted)]


def test_each_user_has_an_actor_whose_name_is_no_path() -> None:
    users = [User(UserId(n), name) for n, name in enumerate(("alice", "a/b", "..", "caf\udce9 x", "%2f"), 1)]
    specs = Scene(*users).started.spawned
    assert [spec.args.user for spec in specs if isinstance(spec.args, UserArgs)] == users
    assert len({spec.name for spec in specs}) == len(users)
    assert not any("/" in spec.name for spec in specs)


def test_a_login_is_checked_once_for_all_who_wait_for_it_and_then_remembered() -> None:
    """DESIGN section 8: a storm of one user's clients costs one hash."""
    scene = Scene(ALICE, BOB)
    first = scene.login("alice", "pw", 1)
    assert [(job.password, job.password_hash) for job in hashed(first)] == [("pw", "hash-a")]
    assert hashed(scene.login("alice", "pw", 2)) == []
    other = scene.login("alice", "guess", 3)
    assert len(hashed(other)) == 1
    turn = scene.checked(first, fits=True)
    assert accepted(turn) == [(client(1), actor_of(ALICE), True), (client(2), actor_of(ALICE), True)]
    turn = scene.login("alice", "pw", 4)
    assert (hashed(turn), accepted(turn)) == ([], [(client(4), actor_of(ALICE), True)])
    assert refused(scene.checked(other, fits=False)) == ["Invalid username or password"]
    scene.bench.advance(61)
    assert len(hashed(scene.login("alice", "pw", 5))) == 1, "it is not remembered for ever"


def test_who_does_not_exist_costs_a_hash_as_well() -> None:
    """So that the time of the answer does not tell which users there are."""
    scene = Scene(ALICE)
    turn = scene.login("nobody", "pw")
    assert [job.password_hash for job in hashed(turn)] == [""]
    assert refused(scene.checked(turn, fits=False)) == ["Invalid username or password"]


def test_a_changed_password_is_not_the_remembered_one() -> None:
    scene = Scene(ALICE)
    scene.checked(scene.login("alice", "pw"), fits=True)
    scene.bench.tell(UsersLoaded((msgspec.structs.replace(ALICE, password_hash="new", revision=1),)))
    assert [job.password_hash for job in hashed(scene.login("alice", "pw"))] == ["new"]


def test_logins_wait_until_the_users_are_there() -> None:
    scene = Scene()
    assert scene.login("alice", "pw").effects == []
    assert [job for _, job in scene.bench.tell(ReadFailed("away")).performed] == []
    assert [job for _, job in scene.bench.advance(LOAD_AGAIN).performed] == [LoadUsers()]
    scene.bench.tell(ServiceFailed("reader", LoadUsers(), "broken"))
    assert [job for _, job in scene.bench.advance(LOAD_AGAIN).performed] == [LoadUsers()]
    assert len(hashed(scene.bench.tell(UsersLoaded((ALICE,))))) == 1


def test_a_hasher_that_fails_refuses_the_login() -> None:
    scene = Scene(ALICE)
    (job,) = hashed(scene.login("alice", "pw"))
    turn = scene.bench.tell(ServiceFailed("hasher", job, "out of memory"))
    assert refused(turn) == ["Internal error, try again later"]
    assert len(hashed(scene.login("alice", "pw"))) == 1


def test_guesses_from_one_address_are_slowed_down_whatever_the_port() -> None:
    scene = Scene(ALICE, failures=3)
    for port in range(3):
        turn = scene.login("alice", f"guess{port}", remote=f"[2001:db8::1]:{port}")
        scene.checked(turn, fits=False)
    assert refused(scene.login("alice", "pw", remote="[2001:db8::1]:9")) == [
        "Too many failed logins from your address, try again in 60 s"
    ]
    assert len(hashed(scene.login("alice", "pw", remote="[2001:db8::2]:9"))) == 1
    scene.bench.advance(60)
    assert len(hashed(scene.login("alice", "other", remote="[2001:db8::1]:9"))) == 1


@pytest.mark.parametrize(
    ("prover", "other", "outcome"),
    [
        (ALICE, "bob", [(client(1), actor_of(BOB), False)]),
        (ALICE, "alice", [(client(1), actor_of(ALICE), True)]),
        (BOB, "alice", []),
        (ALICE, "nobody", []),
    ],
)
def test_only_admins_log_in_for_others(prover: User, other: str, outcome: list[Any]) -> None:
    """Row PRE-03; the rights are those of the other user."""
    scene = Scene(ALICE, BOB)
    turn = scene.checked(scene.login(prover.name, "pw", of=other), fits=True)
    assert accepted(turn) == outcome
    assert refused(turn) == ([] if outcome else ["Invalid username or password"])


def test_an_outdated_hash_is_replaced_when_its_password_is_known() -> None:
    scene = Scene(ALICE)
    turn = scene.checked(scene.login("alice", "pw"), fits=True, upgraded="better")
    assert accepted(turn)
    ((service, job),) = turn.performed
    assert (service, job.changes) == ("writer", {"password_hash": "better"})
    assert isinstance(job, UpdateUser)
    assert scene.bench.tell(WriteFailed("disk full", transient=True, request=job.request)).sent == []


def test_a_refresh_starts_changes_and_stops() -> None:
    """Another process has changed the database: a changed password closes the clients."""
    scene = Scene(ALICE, BOB)
    admin: Ref[Any] = Ref("listener/control")
    ((_, job),) = scene.bench.tell(Refresh(7), admin).performed
    changed = msgspec.structs.replace(ALICE, nick="ally", revision=1)
    carol = User(UserId(3), "carol", "hash-c")
    turn = scene.bench.tell(UsersLoaded((changed, carol), job.request))
    assert [spec.name for spec in turn.spawned] == ["carol"]
    assert turn.stopped == [actor_of(BOB)]
    assert turn.sent == [
        (actor_of(BOB), UserDeleted()),
        (actor_of(ALICE), UserChanged(changed)),
        (admin, AdminDone(7, ("2 users",))),
    ]
    again = msgspec.structs.replace(changed, password_hash="new", revision=2)
    turn = scene.bench.tell(UsersLoaded((again, carol)))
    assert turn.sent == [(actor_of(ALICE), UserChanged(again))]
    assert scene.bench.tell(UsersLoaded((again, carol))).sent == []


def test_a_refresh_that_cannot_be_made_is_told() -> None:
    scene = Scene(ALICE)
    ((_, job),) = scene.bench.tell(Refresh(7), Ref("listener/control")).performed
    turn = scene.bench.tell(ReadFailed("away", job.request))
    assert turn.sent == [(Ref("listener/control"), AdminDone(7, error="away"))]


def test_a_configuration_that_was_read_again_reaches_all_users_also_those_that_failed() -> None:
    """Row CLI-11."""
    scene = Scene(ALICE, BOB)
    new = ServerSettings("new.test")
    turn = scene.bench.tell(SettingsReloaded(new))
    assert turn.sent == [(actor_of(user), SettingsChanged(new)) for user in (ALICE, BOB)]
    turn = scene.bench.tell(ChildRestarted(actor_of(BOB), "a bug"))
    assert turn.sent == [(actor_of(BOB), SettingsChanged(new))]


def test_an_actor_that_has_failed_too_often_is_started_again_later() -> None:
    scene = Scene(ALICE, BOB)
    scene.bench.children.discard("bob")
    assert scene.bench.tell(ChildGone(actor_of(BOB), "stopped")).alarms == {}
    scene.bench.tell(ChildGone(actor_of(BOB), "a bug", gave_up=True))
    assert scene.bench.advance(START_AGAIN - 1).spawned == []
    assert [spec.name for spec in scene.bench.advance(1).spawned] == ["bob"]
    scene.bench.tell(ChildGone(actor_of(ALICE), "a bug", gave_up=True))
    scene.bench.tell(UsersLoaded((BOB,)))
    assert scene.bench.advance(START_AGAIN).spawned == [], "the user is no more"


def test_users_are_listed_and_counted() -> None:
    """Rows SVC-19, SVC-24."""
    scene = Scene(ALICE, BOB)
    scene.bench.tell(UserCounts(2, 3, 1, 40), actor_of(ALICE))
    admin: Ref[Any] = Ref("user/alice")
    (sent,) = scene.bench.tell(ReportStatus(1), admin).sent
    assert sent.message.lines == (
        f"soju-actors {__version__}, up for 0s",
        "2 users, 2 clients",
        "1 of 3 networks connected, 40 saved channels",
    )
    (sent,) = scene.bench.tell(ListUsers(2), admin).sent
    assert sent.message.lines == (
        "alice  admin, 1 of 3 networks connected, 2 clients",
        "bob    0 of 0 networks connected, 0 clients",
    )
    (sent,) = scene.bench.tell(ListUsers(2, "bob"), admin).sent
    assert sent.message.lines == (
        "bob  0 of 0 networks connected, 0 clients",
        "  nick      bob",
        "  realname  bob",
        "  networks  as many as the server allows",
    )
    (sent,) = scene.bench.tell(ListUsers(3, "nobody"), admin).sent
    assert sent.message.error == "There is no user 'nobody'"


def test_of_very_many_users_the_first_are_listed() -> None:
    """Row LIM-23."""
    scene = Scene(*[User(UserId(n + 1), f"u{n:03}", "h") for n in range(60)])
    (sent,) = scene.bench.tell(ListUsers(1), Ref("x")).sent
    assert len(sent.message.lines) == 51
    assert sent.message.lines[-1] == "... and 10 more; name one to see it"


def test_a_text_is_shown_to_all_users() -> None:
    """Row SVC-25."""
    scene = Scene(ALICE, BOB)
    scene.bench.tell(UserCounts(2, 3, 1, 40), actor_of(ALICE))
    turn = scene.bench.tell(Announce("hello", "alice", 4), Ref("user/alice"))
    told = [to for to, msg in turn.sent if msg == Broadcast("hello", "alice")]
    assert told == [actor_of(ALICE), actor_of(BOB)]
    assert turn.sent[-1].message.lines == ("Sent to 2 clients",)


def test_an_answer_that_nobody_waits_for_changes_nothing() -> None:
    scene = Scene(ALICE)
    for answer in (Saved(77), PasswordChecked(fits=True, request=77), WriteFailed("x", transient=False, request=77)):
        assert scene.bench.tell(answer).effects == []
