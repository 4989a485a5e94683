"""A registry of a cluster goes on, whatever ends the actors of its users, and whenever it hears of that."""

from typing import Any

import pytest
from msgspec.structs import replace

from actors import ChildGone, Ref
from actors.testing import Bench
from soju_actors.messages.leases import LeasesHeld, LeasesLost
from soju_actors.messages.registry import ClusterPart, RegistryArgs, StartAgain
from soju_actors.messages.user import LeaseLapsed, UserChanged
from soju_actors.model.lease import Lease, SessionId
from soju_actors.model.records import User, UserId
from soju_actors.policy.server import ServerSettings
from soju_actors.ports.database import UsersLoaded
from soju_actors.registry import holding
from soju_actors.registry.actor import RegistryActor
from soju_actors.registry.holding import Holding
from soju_actors.registry.state import Known, RegistryState

ALICE = User(UserId(1), "alice")
REF: Ref[Any] = Ref("user/alice")


class Turn:
    """A turn of a registry whose child may be gone."""

    def __init__(self, *, gone: bool = False) -> None:
        self.gone = gone
        self.sent: list[object] = []
        self.alarms: list[tuple[float, object]] = []

    def send(self, _: object, msg: object) -> None:
        self.sent.append(msg)

    def stop(self, ref: Ref[Any]) -> None:
        if self.gone:
            raise ValueError(f"{ref} is not a child")

    def after(self, _: str, seconds: float, msg: object) -> None:
        self.alarms.append((seconds, msg))


class Scene:
    """A registry that acts for a user."""

    def __init__(self) -> None:
        self.state = RegistryState(ServerSettings(hostname=""))
        self.state.users["alice"] = Known(ALICE, REF)
        self.state.names[ALICE.id] = "alice"
        self.holding = Holding(ClusterPart("n1", Ref("leases")))
        self.started: list[str] = []
        self.held(1)

    def held(self, epoch: int) -> None:
        """Get the user's lease."""
        lease = Lease(ALICE.id, SessionId(1), epoch, epoch)
        turn: Any = Turn()
        holding.hold(self.state, self.holding, LeasesHeld((lease,)), self._start, turn)

    def _start(self, user: User, turn: object) -> None:
        del turn
        self.started.append(user.name)
        self.holding.acting.add(user.id)

    def lost(self, epoch: int, *, gone: bool = False) -> Turn:
        """Lose it."""
        turn: Any = Turn(gone=gone)
        holding.lose(self.state, self.holding, LeasesLost((Lease(ALICE.id, SessionId(1), epoch, epoch),)), turn)
        return turn  # type: ignore[no-any-return]

    def ended(self) -> Turn:
        """Hear that the actor has ended."""
        turn: Any = Turn()
        holding.ended(self.state, self.holding, ChildGone(REF, "stopped", gave_up=False), turn)
        return turn  # type: ignore[no-any-return]


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_an_actor_that_has_ended_before_its_lease_is_lost_is_not_stopped(scene: Scene) -> None:
    turn = scene.lost(1, gone=True)
    assert [type(msg) for msg in turn.sent] == [LeaseLapsed]


def test_a_user_is_not_started_again_before_its_actor_has_ended(scene: Scene) -> None:
    scene.lost(1)
    scene.held(2)
    assert scene.started == ["alice"], "once, at first"
    assert scene.ended().alarms == [(0.0, StartAgain("alice"))]
    assert holding.may_start(scene.holding, ALICE.id)


def test_a_user_whose_actor_ended_by_itself_is_started_again_if_its_lease_is_held(scene: Scene) -> None:
    assert scene.ended().alarms == [(holding.LEFT_FREE, StartAgain("alice"))]
    assert holding.may_start(scene.holding, ALICE.id)


def test_a_user_without_a_lease_is_not_started_again(scene: Scene) -> None:
    scene.lost(1)
    assert scene.ended().alarms == []
    assert not holding.may_start(scene.holding, ALICE.id)


def test_what_another_node_has_changed_of_a_user_holds_here_too() -> None:
    """Only other processes than bouncers raise a user's revision: nodes compare what is stored."""
    args = RegistryArgs(
        Ref("store"), Ref("pacer"), ServerSettings(""), b"key", cluster=ClusterPart("n1", Ref("leases"))
    )
    bench = Bench(RegistryActor, args, path="registry@n1")
    bench.tell(UsersLoaded((ALICE,)))
    bench.tell(LeasesHeld((Lease(ALICE.id, SessionId(1), 1, 1),)))
    seen = replace(ALICE, interacted_at=5.0)
    assert bench.tell(UsersLoaded((seen,))).sent == []
    changed = replace(seen, password_hash="other")
    assert bench.tell(UsersLoaded((changed,))).sent == [(REF, UserChanged(changed))]
