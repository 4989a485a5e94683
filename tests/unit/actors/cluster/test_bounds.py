"""What waits on a node is bounded, and who sends too much is told."""

from typing import Any

import msgspec
import pytest

from actors import Actor, ActorProtocol, ChildSpec, Ref, Refused, Turn, on
from actors.bases.inline import InlineCluster
from actors.cluster import family, held, whereabouts
from actors.cluster.held import Held
from actors.cluster.parcel import Parcel
from actors.cluster.whereabouts import Whereabouts
from actors.directory import Directory
from actors.system import Down

PACKAGES = ("tests.unit.actors.cluster",)
KEEPER, TALKER = Ref[Any]("keeper"), Ref[Any]("talker")


class ToBoth(ActorProtocol):
    """What both accept."""

    __slots__ = ()


class Say(msgspec.Struct, ToBoth, frozen=True, tag="test.bounds.say"):
    """To a talker: send numbers up to this one."""

    upto: int


class Number(msgspec.Struct, ToBoth, frozen=True, tag="test.bounds.number"):
    """To a keeper."""

    number: int


class Both(Actor[ToBoth]):
    """Says numbers to the keeper, and remembers what it was told, and what was refused."""

    def __init__(self, args: None) -> None:  # noqa: ARG002 - none are given
        self.said = 0
        self.heard: list[int] = []
        self.refused: list[int] = []

    @on(Say)
    def say(self, msg: Say, turn: Turn) -> None:
        """Go on counting."""
        for number in range(self.said + 1, msg.upto + 1):
            turn.send(KEEPER, Number(number))
        self.said = msg.upto

    @on(Number)
    def number(self, msg: Number, turn: Turn) -> None:  # noqa: ARG002
        """Remember it."""
        self.heard.append(msg.number)

    @on(Refused)
    def refuse(self, msg: Refused, turn: Turn) -> None:  # noqa: ARG002
        """Remember it."""
        assert isinstance(msg.message, Number)
        self.refused.append(msg.message.number)


class Scene:
    """A keeper on ``a``, with room for some messages, and a talker."""

    def __init__(self, talker: str, room: int = 10) -> None:
        self.cluster = InlineCluster("abc", lag=lambda *_: 0.001, packages=PACKAGES)
        self.cluster.nodes["a"].spawn(ChildSpec("keeper", f"{__name__}:Both", mailbox=room))
        self.cluster.nodes[talker].spawn(ChildSpec("talker", f"{__name__}:Both"))
        self.cluster.advance(0.1)

    def say(self, upto: int) -> None:
        node = self.cluster.node_of(TALKER)
        assert node is not None
        node.tell(TALKER, Say(upto))

    def actor(self, ref: Ref[Any]) -> Both:
        node = self.cluster.node_of(ref)
        assert node is not None
        actor = node.actor(ref)
        assert isinstance(actor, Both)
        return actor

    def audit(self) -> None:
        """Check that each number was heard in order or refused, and none twice."""
        keeper, talker = self.actor(KEEPER), self.actor(TALKER)
        assert keeper.heard == sorted(keeper.heard)
        assert sorted(keeper.heard + talker.refused) == list(range(1, talker.said + 1))


@pytest.mark.parametrize("talker", ["a", "b", "c"])
def test_who_is_leaving_is_sent_no_more_than_its_mailbox_takes(talker: str) -> None:
    scene = Scene(talker)
    moving = scene.cluster.nodes["a"].cluster.moving
    confirm: list[Any] = []
    moving.departures.confirm = lambda _, __, done: confirm.append(done)
    moving.move("keeper", "b")
    for upto in (7, 14, 30):
        scene.say(upto)
        scene.cluster.advance(0.1)
    (leaving,) = moving.departures.groups
    assert len(list(leaving.held)) == 10
    confirm[0]("")
    scene.cluster.advance(1.0)
    node = scene.cluster.node_of(KEEPER)
    assert node is not None
    assert node.name == "b"
    assert (scene.actor(KEEPER).heard, scene.actor(TALKER).refused) == (list(range(1, 11)), list(range(11, 31)))
    scene.say(33)
    scene.cluster.advance(1.0)
    assert scene.actor(KEEPER).heard[10:] == [31, 32, 33]
    scene.audit()


@pytest.mark.parametrize("talker", ["a", "b", "c"])
def test_while_ways_change_what_is_too_much_is_refused(talker: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held, "HELD_MOST", 4)
    scene = Scene(talker, room=10_000)
    scene.cluster.nodes["a"].cluster.moving.move("keeper", "b")
    for upto in range(10, 2000, 10):
        scene.say(upto)
        scene.cluster.advance(0.0002)
    scene.cluster.advance(1.0)
    assert scene.actor(TALKER).refused
    scene.audit()


def test_what_is_for_a_lost_node_is_refused_where_it_is_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the others have said what has become of its actors; then nobody is there."""
    scene = Scene("b")
    monkeypatch.setattr(held, "HELD_MOST", 4)
    scene.cluster.kill("a")
    scene.cluster.nodes["b"].cluster.lose("a", "a test")
    scene.say(9)
    scene.cluster.run()
    assert scene.actor(TALKER).refused == [5, 6, 7, 8, 9]


def test_what_the_engine_says_is_always_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held, "HELD_MOST", 1)
    kernel = InlineCluster("a").nodes["a"].cluster.kernel
    queue = Held()
    messages = [Number(1), Number(2), Down(TALKER, "it ended"), Number(3)]
    assert [queue.take_in(Parcel(None, KEEPER, msg), kernel) for msg in messages] == [True, False, True, False]
    assert [parcel.message for parcel in queue.take()] == [messages[0], messages[2]]
    assert list(queue) == []
    assert queue.take_in(Parcel(None, KEEPER, messages[0]), kernel)


def test_all_actors_of_a_node_are_told_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(family, "TOGETHER", 3)
    cluster = InlineCluster("ab", packages=PACKAGES)
    for number in range(10):
        cluster.nodes["a"].spawn(ChildSpec(f"x{number}", f"{__name__}:Both"))
    cluster.run()
    cluster.kill("b")
    cluster.nodes["a"].cluster.lose("b", "it was killed")
    cluster.restart("b")
    cluster.run()
    there = cluster.nodes["b"].cluster.whereabouts
    assert {there.find(f"x{number}") for number in range(10)} == {"a"}


def test_a_node_that_announces_without_end_is_lost(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(family, "SAID_MOST", 5)
    cluster = InlineCluster("ab", packages=PACKAGES)
    for number in range(6):
        cluster.nodes["a"].spawn(ChildSpec(f"x{number}", f"{__name__}:Both"))
    cluster.run()
    assert "a" not in cluster.nodes["b"].cluster.sessions
    assert "more than 5 actors are said to be on other nodes" in caplog.text


def test_where_more_was_asked_for_than_is_remembered_all_is_taken_to_have_been_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(whereabouts, "FOUND_MOST", 3)
    where = Whereabouts("a", Directory())
    where.is_at("user", "b", 1)
    assert not where.is_at("user/x/child", "c", 1), "nobody has sent to it"
    for number in range(10):
        assert where.find(f"listener@b/{number}") == "b"
    assert not where.is_at("user/y/child", "c", 1), "what names its node is no matter of ways"
    for number in range(4):
        assert where.find(f"user/{number}") == "b"
    assert where.is_at("user/0", "c", 1)
    assert where.find("user/0") == "c"
    assert where.is_at("user/z", "c", 1)
    assert not where.is_at("user/4", "b", 1)
    assert len(where._found) <= 3
    assert len(where._named) <= 3
