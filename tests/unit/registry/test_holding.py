"""A registry in a cluster: whom its node claims, acts for, gives away and loses (DESIGN section 7)."""

from typing import Any

import pytest
from msgspec.structs import replace

from actors import ChildArrived, ChildGone, ChildLeft, ChildSpec, Ref
from actors.testing import Bench, BenchTurn
from soju_actors.messages.cluster import (
    ActorsLate,
    Answered,
    AskComing,
    AskPlaces,
    Coming,
    ConfirmMove,
    LoadSeen,
    MoveConfirmed,
    NodeSeen,
    NodesSeen,
    PlacesAsked,
    RunCluster,
    WantFree,
)
from soju_actors.messages.leases import GiveUser, LeasesHeld, LeasesLost, LeasesSeen, ReleaseUsers, UserGiven, WantUsers
from soju_actors.messages.registry import AdminDone, ClusterPart, RegistryArgs
from soju_actors.messages.user import LeaseLapsed, NodesChanged, UserArgs, UserChanged, UserDeleted
from soju_actors.model.lease import Lease, Mandate, SessionId
from soju_actors.model.records import User, UserId
from soju_actors.policy.server import ServerSettings
from soju_actors.ports.database import LoadUsers, UsersLoaded
from soju_actors.registry.actor import RegistryActor
from soju_actors.registry.holding import LATE, LEFT_FREE

USERS = tuple(User(UserId(number), f"u{number}", "hash") for number in range(1, 21))
IDS = {user.id for user in USERS}
LEASES: Ref[Any] = Ref("leases")
NODES: Ref[Any] = Ref("nodes")


def node(name: str, role: str = "both") -> NodeSeen:
    return NodeSeen(name, "default", role, {})


def lease(number: int, *, epoch: int = 1, claim: int = 1) -> Lease:
    return Lease(UserId(number), SessionId(7), epoch, claim)


def messages(turn: BenchTurn, kind: type) -> list[Any]:
    return [msg for _, msg in turn.sent if isinstance(msg, kind)]


class Scene:
    """The registry of node a."""

    def __init__(self, *nodes: NodeSeen) -> None:
        args = RegistryArgs(
            Ref("store"), Ref("pacer"), ServerSettings("bouncer.test"), b"secret", cluster=ClusterPart("a", LEASES)
        )
        self.bench = Bench(RegistryActor, args, path="registry@a")
        self.loaded = self.bench.tell(UsersLoaded(USERS))
        self.bench.tell(NodesSeen(nodes or (node("a"), node("b"))))
        self.bench.tell(UsersLoaded(USERS))  # again, for the sake of those who were met
        self.seen = self.bench.tell(LeasesSeen(tuple(one.name for one in nodes) or ("a", "b"), {}, whole=True))

    def holding(self) -> "Scene":
        """Let the node act for u1."""
        self.started = self.bench.tell(LeasesHeld((lease(1),)))
        return self


def wanted(turn: BenchTurn) -> set[UserId]:
    return {user for msg in messages(turn, WantUsers) for user in msg.users}


def test_no_user_is_started_before_its_lease_is_held() -> None:
    scene = Scene()
    assert scene.loaded.spawned == scene.seen.spawned == []


def test_two_nodes_share_the_free_users_and_want_none_twice() -> None:
    at_a = wanted(Scene().seen)
    assert 0 < len(at_a) < len(IDS)
    args = RegistryArgs(
        Ref("store"), Ref("pacer"), ServerSettings("bouncer.test"), b"secret", cluster=ClusterPart("b", LEASES)
    )
    other = Bench(RegistryActor, args, path="registry@b")
    other.tell(UsersLoaded(USERS))
    other.tell(NodesSeen((node("a"), node("b"))))
    at_b = wanted(other.tell(LeasesSeen(("a", "b"), {}, whole=True)))
    assert at_a | at_b == IDS
    assert not at_a & at_b


def test_a_node_without_a_session_gets_no_user() -> None:
    scene = Scene()
    assert wanted(scene.bench.tell(LeasesSeen(("a",), {}))) == IDS


def test_that_a_node_has_more_to_do_is_no_reason_to_claim_anybody() -> None:
    scene = Scene()
    load = LoadSeen(3, 30, 3, 0.5, 100.0)
    assert wanted(scene.bench.tell(NodesSeen((replace(node("a"), load=load), node("b"))))) == set()
    assert wanted(scene.bench.tell(NodesSeen((replace(node("a"), load=load),)))) != set()


def test_who_is_still_free_after_a_while_is_wanted_by_anybody() -> None:
    scene = Scene()
    assert wanted(scene.bench.tell(WantFree())) == IDS


def test_where_a_program_is_asked_users_are_claimed_when_it_has_been() -> None:
    args = RegistryArgs(
        Ref("store"),
        Ref("pacer"),
        ServerSettings("bouncer.test"),
        b"secret",
        cluster=ClusterPart("a", LEASES, "external", asks=True),
    )
    bench = Bench(RegistryActor, args, path="registry@a")
    bench.tell(UsersLoaded(USERS))
    assert messages(bench.tell(NodesSeen((node("a"), node("b")))), AskPlaces) == []
    bench.tell(UsersLoaded(USERS))  # again, for the sake of those who were met
    turn = bench.tell(LeasesSeen(("a", "b"), {}, whole=True))
    assert wanted(turn) == set()
    (asked,) = messages(turn, AskPlaces)
    assert set(asked.paths) == {f"user/u{number}" for number in range(1, 21)}
    again = bench.tell(LeasesSeen(("a", "b"), {}))
    assert (wanted(again), messages(again, AskPlaces)) == (set(), []), "it is being asked"

    answers = {path: Answered("a" if path in {"user/u1", "user/u2"} else "b", 0.0) for path in asked.paths}
    assert wanted(bench.tell(NodesSeen((node("a"), node("b")), answers))) == set()
    assert wanted(bench.tell(PlacesAsked(asked.paths))) == {UserId(1), UserId(2)}
    bench.tell(LeasesSeen(("a", "b"), {user.id: "b" for user in USERS}, whole=True))
    (anew,) = messages(bench.tell(LeasesSeen(("a", "b"), {UserId(3): ""})), AskPlaces)
    assert anew.paths == ("user/u3",), "who is free again is asked for again"
    assert wanted(bench.tell(WantFree())) == {UserId(3)}, "nobody is free for long"


def test_users_of_others_are_not_wanted_until_they_are_free() -> None:
    scene = Scene()
    turn = scene.bench.tell(LeasesSeen(("a",), {user.id: "b" for user in USERS}))
    assert wanted(turn) == set()
    assert wanted(scene.bench.tell(LeasesSeen(("a",), {UserId(3): ""}))) == {UserId(3)}


@pytest.mark.parametrize(
    "nodes",
    [
        (replace(node("a"), draining=True), node("b")),
        (node("a", "core"), node("b", "core")),
        (replace(node("a"), apart="no leader has answered yet"),),
    ],
    ids=["it is to be emptied", "no node could have the connections", "it is not let in"],
)
def test_a_node_that_takes_no_users_wants_none(nodes: tuple[NodeSeen, ...]) -> None:
    scene = Scene(*nodes)
    assert wanted(scene.seen) == set()
    assert wanted(scene.bench.tell(WantFree())) == set()


def test_a_core_node_takes_users_once_there_is_an_edge() -> None:
    scene = Scene(node("a", "core"))
    turn = scene.bench.tell(NodesSeen((node("a", "core"), node("e", "edge"))))
    assert wanted(turn) == IDS


def test_a_new_claim_starts_an_actor_under_its_mandate() -> None:
    (spec,) = Scene().holding().started.spawned
    assert spec.path == "user/u1"
    assert isinstance(spec.args, UserArgs)
    assert spec.args.mandate == Mandate(UserId(1), 1)


def test_a_lease_that_was_given_starts_no_actor_since_that_comes_by_itself() -> None:
    scene = Scene()
    assert scene.bench.tell(LeasesHeld((lease(1, epoch=2),))).spawned == []
    scene.bench.children.add("u1")  # as the engine has it then
    scene.bench.tell(ChildArrived(Ref("user/u1"), ChildSpec("u1", "x:y")))
    turn = scene.bench.tell(LeasesLost((lease(1, epoch=2),)))
    assert turn.stopped == [Ref("user/u1")]


def given_without_actors() -> tuple[Scene, BenchTurn]:
    """Give node a the lease of u1, whose actors do not come; return what is asked when they should have."""
    scene = Scene()
    turn = scene.bench.tell(LeasesHeld((lease(1, epoch=2),)))
    assert turn.spawned == []
    delay, alarm = turn.alarms["late u1"]
    assert delay == LATE
    return scene, scene.bench.tell(alarm)


def test_actors_that_do_not_come_any_more_are_replaced_by_others_with_the_same_mandate() -> None:
    scene, asked = given_without_actors()
    assert messages(asked, AskComing) == [AskComing(UserId(1), "user/u1")]
    (spec,) = scene.bench.tell(Coming(UserId(1), coming=False), NODES).spawned
    assert isinstance(spec.args, UserArgs)
    assert spec.args.mandate == Mandate(UserId(1), 1)


def test_actors_that_are_on_their_way_are_waited_for() -> None:
    scene, _ = given_without_actors()
    turn = scene.bench.tell(Coming(UserId(1), coming=True), NODES)
    assert turn.spawned == []
    assert turn.alarms["late u1"] == (LATE, ActorsLate(UserId(1)))
    scene.bench.children.add("u1")  # as the engine has it then
    scene.bench.tell(ChildArrived(Ref("user/u1"), ChildSpec("u1", "x:y")))
    assert messages(scene.bench.tell(ActorsLate(UserId(1))), AskComing) == []
    assert scene.bench.tell(Coming(UserId(1), coming=False), NODES).spawned == []


def test_actors_that_have_not_come_are_not_started_without_the_lease() -> None:
    scene, _ = given_without_actors()
    scene.bench.tell(LeasesLost((lease(1, epoch=2),)))
    assert scene.bench.tell(Coming(UserId(1), coming=False), NODES).spawned == []


@pytest.mark.parametrize("there", [True, False])
def test_a_lease_of_a_user_that_was_just_created_elsewhere_is_kept_if_there_is_one(there: bool) -> None:
    scene = Scene()
    held = scene.bench.tell(LeasesHeld((lease(99),)))
    assert (held.spawned, messages(held, ReleaseUsers)) == ([], [])
    assert LoadUsers() in [job for _, job in held.performed]
    new = (User(UserId(99), "u99"),) if there else ()
    turn = scene.bench.tell(UsersLoaded((*USERS, *new)))
    assert [spec.name for spec in turn.spawned] == ["u99"] * there
    assert messages(turn, ReleaseUsers) == [ReleaseUsers((UserId(99),))] * (not there)


@pytest.mark.parametrize("there", [True, False])
def test_actors_that_have_come_are_told_what_is_stored_by_now_or_that_it_is_nothing(there: bool) -> None:
    scene = Scene()
    scene.bench.children.add("u1")  # as the engine has it then
    come = scene.bench.tell(ChildArrived(Ref("user/u1"), ChildSpec("u1", "x:y")))
    assert come.sent == []
    users = (replace(USERS[0], nick="new"), *USERS[1:]) if there else USERS[1:]
    turn = scene.bench.tell(UsersLoaded(users))
    assert turn.stopped == ([] if there else [Ref("user/u1")])
    told = [msg for to, msg in turn.sent if to == Ref("user/u1")]
    assert UserChanged(users[0]) in told if there else UserDeleted() in told


def test_users_are_read_again_when_another_node_is_met() -> None:
    """What was changed there meanwhile, nobody has told."""
    scene = Scene(node("a"))
    assert LoadUsers() in [job for _, job in scene.bench.tell(NodesSeen((node("a"), node("c")))).performed]
    scene.bench.tell(UsersLoaded(USERS))
    assert scene.bench.tell(NodesSeen((node("a"),))).performed == []


def test_the_actors_of_a_lost_lease_are_told_and_stopped() -> None:
    turn = Scene().holding().bench.tell(LeasesLost((lease(1),)))
    assert messages(turn, LeaseLapsed) == [LeaseLapsed()]
    assert turn.stopped == [Ref("user/u1")]


def test_a_move_is_confirmed_when_the_lease_is_given() -> None:
    scene = Scene().holding()
    asked = scene.bench.tell(ConfirmMove("user/u1", "b", 5), NODES)
    assert messages(asked, GiveUser) == [GiveUser(UserId(1), "b", 5)]
    told = scene.bench.tell(UserGiven(UserId(1), 5), LEASES)
    assert messages(told, MoveConfirmed) == [MoveConfirmed(5)]
    scene.bench.tell(ChildLeft(Ref("user/u1")))
    assert scene.bench.tell(LeasesLost((lease(1),))).stopped == []


def test_a_move_of_a_user_that_is_not_acted_for_is_refused() -> None:
    turn = Scene().bench.tell(ConfirmMove("user/u2", "b", 6), NODES)
    assert messages(turn, MoveConfirmed) == [MoveConfirmed(6, "this node does not act for user/u2")]


def test_commands_go_to_who_knows_the_nodes_and_the_answer_to_who_asked() -> None:
    scene = Scene()
    asked = scene.bench.tell(RunCluster("move", ("u1", "b"), 9), Ref("control/1"))
    (passed,) = messages(asked, RunCluster)
    assert (passed.command, passed.words) == ("move", ("user/u1", "b"))
    answered = scene.bench.tell(AdminDone(passed.request, ("done",)), NODES)
    assert messages(answered, AdminDone) == [AdminDone(9, ("done",))]
    unknown = scene.bench.tell(RunCluster("move", ("nobody", "b"), 10), Ref("control/1"))
    assert messages(unknown, AdminDone) == [AdminDone(10, error="There is no user 'nobody'")]


# --- the others do not let the node in


APART = replace(node("a"), apart="its certificate was revoked")


def test_a_node_that_is_let_in_no_more_ends_what_acts_for_users_and_then_frees_them() -> None:
    scene = Scene().holding()
    turn = scene.bench.tell(NodesSeen((APART,)))
    assert turn.stopped == [Ref("user/u1")]
    assert messages(turn, ReleaseUsers) == []
    turn = scene.bench.tell(ChildGone(Ref("user/u1"), "stopped"))
    assert messages(turn, ReleaseUsers) == [ReleaseUsers((UserId(1),))]
    assert wanted(scene.bench.tell(WantFree())) == set()


def test_users_that_were_claimed_before_are_freed_at_once() -> None:
    scene = Scene(APART)
    turn = scene.bench.tell(LeasesHeld((lease(1),)))
    assert turn.spawned == []
    assert messages(turn, ReleaseUsers) == [ReleaseUsers((UserId(1),))]


def test_a_node_that_is_let_in_claims_users() -> None:
    scene = Scene(APART)
    assert wanted(scene.bench.tell(NodesSeen((node("a"), node("b"))))) != set()
    assert wanted(scene.bench.advance(LEFT_FREE)) == IDS


@pytest.mark.parametrize(
    "nodes",
    [
        (node("a"),),
        (node("a"), node("b"), node("c")),
        (node("a"), replace(node("b"), zone="eu")),
        (node("a"), replace(node("b"), capabilities={"tor": True})),
        (node("a"), replace(node("b"), draining=True)),
        (node("a"), node("b", "edge")),
    ],
)
def test_users_here_are_told_that_other_nodes_are_there(nodes: tuple[NodeSeen, ...]) -> None:
    """Networks may wait for one of them."""
    scene = Scene().holding()
    turn = scene.bench.tell(NodesSeen(nodes))
    assert [to.path for to, msg in turn.sent if isinstance(msg, NodesChanged)] == ["user/u1"]
    assert messages(scene.bench.tell(NodesSeen(nodes)), NodesChanged) == []
