"""Nodes claim, keep, give and lose users, on one engine in virtual time, with a database that is played."""

from typing import Any

import pytest

from actors import ChildSpec, Ref, Restart
from actors.bases.inline import InlineSystem
from soju_actors.messages.leases import (
    GiveUser,
    LeaseArrived,
    LeasesArgs,
    LeasesHeld,
    LeasesLost,
    ReleaseUsers,
    SessionTold,
    UserGiven,
    WantUsers,
)
from soju_actors.messages.store import StoreArgs
from soju_actors.model.lease import Lease, SessionId
from soju_actors.model.records import UserId
from soju_actors.policy.keeping import Terms
from soju_actors.ports.database import ActFor, Barrier
from soju_actors.ports.leases import BeginSession
from tests.support.leases import LeaseDatabase
from tests.unit.leases.cast import HolderActor, HolderArgs

ALICE, BOB = UserId(1), UserId(2)
TERMS = Terms()
TAKEOVER = 10.0
"""Seconds within which the users of a dead node are another's (section 3 of the promise)."""


class Scene:
    """Some nodes, each with its keeper and its holder."""

    def __init__(self, *nodes: str, users: int = 2, modest: bool = False) -> None:
        self.users = users
        self.modest = modest
        self.system = InlineSystem(seed=1)
        self.database = LeaseDatabase(lambda: self.system.now, users)
        for service in ("renewer", "leaser", "writer"):
            self.system.attach(service, self.database)
        self.system.attach("checkpointer", self.database)
        self.system.spawn(ChildSpec("store", "soju_actors.store.actor:StoreActor", StoreArgs()))
        for node in nodes:
            self.start(node)
            self.system.advance(0.01)

    def start(self, node: str) -> None:
        keeper, holder = Ref[Any](f"leases@{node}"), Ref[Any](f"holder@{node}")
        args = HolderArgs(keeper, self.users, self.modest)
        self.system.spawn(ChildSpec(holder.path, "tests.unit.leases.cast:HolderActor", args))
        leases = LeasesArgs(node, holder, Ref("store"), TERMS)
        spec = ChildSpec(keeper.path, "soju_actors.leases.actor:LeasesActor", leases, Restart.PERMANENT)
        self.system.spawn(spec)

    def start_silent(self, node: str) -> None:
        """Start a node whose keeper answers nobody."""
        args = HolderArgs(Ref("nobody"), self.users, modest=True)
        self.system.spawn(ChildSpec(f"leases@{node}", "tests.unit.leases.cast:HolderActor", args))

    def holder(self, node: str) -> HolderActor:
        actor: HolderActor = self.system.actor(Ref(f"holder@{node}"))
        return actor

    def held(self, node: str) -> list[int]:
        return sorted(self.holder(node).held)

    def tell(self, node: str, msg: Any) -> None:  # noqa: ANN401 - any message
        self.system.tell(Ref(f"leases@{node}"), msg, Ref(f"holder@{node}"))
        self.system.run()

    def last(self, node: str) -> Any:  # noqa: ANN401
        return self.holder(node).told[-1]


def test_the_first_node_has_all_users_and_keeps_them() -> None:
    scene = Scene("a", "b")
    assert (scene.held("a"), scene.held("b")) == ([1, 2], [])
    scene.system.advance(100)
    assert (scene.held("a"), scene.held("b")) == ([1, 2], [])
    assert scene.holder("a").claims == 2
    assert scene.holder("b").places == {ALICE: "a", BOB: "a"}
    assert scene.holder("b").nodes == ("a", "b")


def test_the_writer_knows_the_session_before_anybody_acts_under_it() -> None:
    scene = Scene("a")
    assert scene.database.wrote == [ActFor(SessionId(1))]


def test_the_users_of_a_node_that_dies_are_anothers_within_ten_seconds() -> None:
    scene = Scene("a", "b", users=1000)
    assert len(scene.held("a")) == 1000
    scene.system.advance(30)
    scene.database.cut.add("a")  # so does one whose process is gone
    scene.system.advance(TAKEOVER)
    assert len(scene.held("b")) == 1000
    assert scene.held("a") == []


def test_a_node_that_cannot_renew_gives_up_before_another_begins() -> None:
    scene = Scene("a", "b")
    scene.system.advance(5)
    scene.database.cut.add("a")
    gave_up = began = 0.0
    while not began:
        scene.system.advance(0.05)
        gave_up = gave_up or (scene.system.now if not scene.held("a") else 0.0)
        began = scene.system.now if scene.held("b") else 0.0
    assert 0 < gave_up < began - TERMS.margin
    scene.database.cut.clear()
    scene.system.advance(20)
    assert scene.held("b") == [1, 2]
    assert scene.holder("a").nodes == ("a", "b"), "it is there again, with another session"
    assert scene.database.nodes[SessionId(3)] == "a"


def test_a_short_failure_is_nobodys_loss() -> None:
    scene = Scene("a", "b")
    for _ in range(5):
        scene.database.cut.add("a")
        scene.system.advance(TERMS.lease - TERMS.margin - 2 * TERMS.every)
        scene.database.cut.clear()
        scene.system.advance(2)
    assert scene.holder("a").claims == 2
    assert not any(isinstance(told, LeasesLost) for told in scene.holder("a").told)


def test_a_node_that_ends_frees_its_users_at_once() -> None:
    scene = Scene("a", "b")
    scene.system.stop(Ref("leases@a"))
    scene.system.advance(1.5)
    assert scene.held("b") == [1, 2]


def test_a_keeper_that_fails_begins_anew_and_what_it_had_is_free_when_its_session_ends() -> None:
    """Its holder sees it end, and gives up what it had from the old one."""
    scene = Scene("a", "b")
    kernel = scene.system._kernel
    kernel.supervisor.fail(kernel.running["leases@a"], "a bug")
    scene.system.advance(0.1)
    assert scene.held("a") == []
    scene.system.advance(TAKEOVER)
    assert sorted(scene.held("a") + scene.held("b")) == [1, 2]
    for node in "ab":
        assert {scene.database.owner(UserId(user)) for user in scene.held(node)} <= {node}


def test_users_that_are_released_are_stored_first_and_then_free() -> None:
    scene = Scene("a", "b", modest=True)
    scene.tell("a", WantUsers((ALICE, BOB)))
    scene.tell("a", ReleaseUsers((ALICE,)))
    assert isinstance(scene.database.wrote[-1], Barrier)
    assert scene.database.owner(ALICE) == ""
    scene.tell("b", WantUsers((ALICE, BOB)))
    assert scene.last("b") == LeasesHeld((Lease(ALICE, SessionId(2), 2, 2),))


def test_what_is_wanted_while_another_has_it_is_seen_to_be_free_later() -> None:
    scene = Scene("a", "b")
    scene.tell("a", ReleaseUsers((ALICE,)))
    scene.holder("a").args = HolderArgs(Ref("leases@a"), 2, modest=True)
    scene.system.advance(1.5)
    assert scene.held("b") == [1]


class TestGiving:
    """A user moves; both nodes know in the end who has it."""

    def test_the_other_node_has_it_and_the_mandate_stays(self) -> None:
        scene = Scene("a", "b")
        scene.system.advance(2)
        before = scene.holder("a").held[ALICE]
        scene.tell("a", GiveUser(ALICE, "b", 7))
        assert scene.last("a") == UserGiven(ALICE, 7)
        after = scene.holder("b").held[ALICE]
        assert (after.mandate, after.epoch) == (before.mandate, before.epoch + 1)
        assert (scene.held("a"), scene.held("b")) == ([2], [1])
        scene.system.advance(60)
        assert (scene.held("a"), scene.held("b")) == ([2], [1])
        assert scene.holder("b").places == {ALICE: "b", BOB: "a"}
        scene.tell("b", GiveUser(ALICE, "a", 8))
        assert scene.held("a") == [1, 2]

    def test_all_is_stored_before(self) -> None:
        scene = Scene("a", "b")
        scene.system.advance(2)
        scene.tell("a", GiveUser(ALICE, "b"))
        assert isinstance(scene.database.wrote[-1], Barrier)

    def test_a_store_that_does_not_answer_keeps_it_here(self) -> None:
        scene = Scene("a", "b")
        scene.system.advance(2)
        scene.system.stop(Ref("store"))
        scene.tell("a", GiveUser(ALICE, "b", 3))
        scene.system.advance(3)
        assert scene.last("a") == UserGiven(ALICE, 3, "the store has not committed all of the user yet")
        assert scene.held("a") == [1, 2]
        assert scene.database.owner(ALICE) == "a"

    @pytest.mark.parametrize(("node", "why"), [("c", "node c is not there"), ("b", "the session of node b has ended")])
    def test_what_cannot_be_given_stays(self, node: str, why: str) -> None:
        scene = Scene("a", "b")
        scene.system.advance(2)
        scene.database.ends.pop(SessionId(2))
        scene.tell("a", GiveUser(ALICE, node, 4))
        scene.system.advance(0.1)
        assert scene.last("a") == UserGiven(ALICE, 4, why)
        assert scene.held("a") == [1, 2]
        scene.system.advance(20)
        assert scene.held("a") == [1, 2]

    def test_others_of_the_name_change_nothing(self) -> None:
        """A node of that name that is not let in has a session, and so may have one that was killed."""
        scene = Scene("a", "b")
        for _ in range(2):
            scene.database.perform(BeginSession("b", TERMS.lease))
            scene.system.advance(2)
            scene.tell("a", GiveUser(ALICE, "b", 7))
            assert scene.last("a") == UserGiven(ALICE, 7)
            assert scene.holder("b").held[ALICE].session == SessionId(2)
            scene.tell("b", GiveUser(ALICE, "a", 8))
            assert scene.last("b") == UserGiven(ALICE, 8)
        assert scene.held("a") == [1, 2]

    def test_to_a_node_that_has_no_session_nobody_is_given(self) -> None:
        scene = Scene("a", "b")
        scene.database.cut.add("b")
        scene.system.advance(TERMS.lease)
        scene.tell("a", GiveUser(ALICE, "b", 4))
        assert scene.last("a") == UserGiven(ALICE, 4, "node b has no session")
        assert scene.held("a") == [1, 2]

    def test_a_node_that_does_not_say_its_session_is_not_waited_for_for_ever(self) -> None:
        scene = Scene("a", modest=True)
        scene.tell("a", WantUsers((ALICE,)))
        scene.start_silent("b")
        scene.tell("a", GiveUser(ALICE, "b", 4))
        scene.system.advance(3)
        assert scene.last("a") == UserGiven(ALICE, 4, "the other node has not said its session yet")
        assert scene.held("a") == [1]
        assert scene.database.owner(ALICE) == "a"

    def test_who_is_not_the_other_node_does_not_say_its_session(self) -> None:
        scene = Scene("a", "c", modest=True)
        scene.tell("a", WantUsers((ALICE,)))
        scene.start_silent("b")
        scene.tell("a", GiveUser(ALICE, "b", 4))
        (number,) = scene.system.actor(Ref("leases@a")).gifts.under_way
        for sender, owner in (("leases@c", "a"), ("leases@b", "c")):
            scene.system.tell(Ref("leases@a"), SessionTold(number, SessionId(2)), Ref(sender))
            scene.system.run()
            assert scene.database.owner(ALICE) == owner

    def test_who_is_not_here_is_not_given(self) -> None:
        scene = Scene("a", "b")
        scene.tell("b", GiveUser(ALICE, "a", 5))
        assert scene.last("b") == UserGiven(ALICE, 5, "this node does not act for the user")

    def test_while_it_is_not_known_who_has_it_nobody_acts(self) -> None:
        scene = Scene("a", "b")
        scene.system.advance(2)
        scene.database.silent = True
        scene.tell("a", GiveUser(ALICE, "b", 6))
        scene.system.advance(1)
        assert not isinstance(scene.last("a"), UserGiven)
        assert scene.held("b") == []
        scene.database.silent = False
        scene.system.advance(0.5)
        assert scene.last("a") == UserGiven(ALICE, 6)
        assert (scene.held("a"), scene.held("b")) == ([2], [1])
        assert scene.holder("b").claims == 0

    def test_a_giver_that_is_cut_off_gives_up_and_the_other_begins_anew(self) -> None:
        scene = Scene("a", "b")
        scene.system.advance(2)
        scene.database.silent = True
        scene.tell("a", GiveUser(ALICE, "b", 6))
        scene.database.cut.add("a")
        scene.system.advance(TAKEOVER)
        assert scene.last("a") == UserGiven(ALICE, 6, "the lease of this node has ended")
        assert scene.held("a") == []
        assert scene.held("b") == [1, 2]
        assert scene.holder("b").claims == 2, "it was not told of the gift, and begins from what is stored"

    def test_a_lease_that_arrives_for_a_session_that_has_ended_is_lost(self) -> None:
        scene = Scene("a", "b")
        old = Lease(ALICE, SessionId(77), 9, 1)
        scene.tell("b", LeaseArrived(old))
        assert scene.last("b") == LeasesLost((old,))
