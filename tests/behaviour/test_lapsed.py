"""A user whose lease has lapsed is another node's: nothing is written, shown or said to a server for it here."""

from collections.abc import Collection
from typing import Any

import pytest

from actors import Ref, Service
from soju_actors.adapters.database import writer
from soju_actors.messages.user import LeaseLapsed, UserArgs
from soju_actors.model.lease import Mandate
from soju_actors.model.records import UserId
from soju_actors.ports.database import Appended, Commit, CursorMoved, OfUser
from soju_actors.registry import actor as registry
from soju_actors.user.attaching import MOVED
from tests.support.world import Setting, World

MANDATE = Mandate(UserId(1), 3)
SETTING = Setting(caps="", of_network={"auto_away": False})


class Fence:
    """Stands for the leases of the database, which has none here: whether the only one has lapsed."""

    def __init__(self) -> None:
        self.lapsed = False

    def __call__(self, session: object, mandates: Collection[Mandate], of: object) -> set[Mandate]:
        """Return those that do not count."""
        del session, of
        assert list(mandates) == [MANDATE]
        return {MANDATE} if self.lapsed else set()


class WatchedWriter:
    """Notes what is written without the mandate."""

    def __init__(self, writer: Service) -> None:
        self.unleased: list[object] = []
        self.leased = 0
        self._writer = writer

    def perform(self, job: Any) -> Any:  # noqa: ANN401 - any job and its answer
        """Pass a job on."""
        parts: tuple[Any, ...] = (*job.appends, *job.cursors) if isinstance(job, Commit) else (job,)
        for part in parts:
            if isinstance(part, OfUser | Appended | CursorMoved):
                self.unleased += [] if part.mandate == MANDATE else [part]
                self.leased += part.mandate == MANDATE
        return self._writer.perform(job)

    def close(self) -> None:
        """Nothing is held."""


def under_mandate(*args: Any, **_: Any) -> UserArgs:  # noqa: ANN401 - those of UserArgs
    """Make the arguments of a user as they are in a cluster."""
    user, settings, store, registry_ref, pacer = args
    return UserArgs(user, settings, store, registry_ref, pacer, MANDATE)


class Scene:
    """A bouncer whose only user is under a lease."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.fence = Fence()
        monkeypatch.setattr(registry, "UserArgs", under_mandate)
        monkeypatch.setattr(writer, "lapsed", self.fence)
        first = World(SETTING)
        self.writer = WatchedWriter(first.database.writer())
        self.world = World(SETTING, database=first.database, services={"writer": self.writer})
        self.laptop = self.world.attach("alice/libera@laptop")
        self.world.say(":bob!b@host PRIVMSG #soju :one")
        assert ":bob!b@host PRIVMSG #soju :one" in self.laptop.received()

    def ended(self) -> list[str]:
        """Return what the client was told last, once all connections have ended."""
        self.world.advance(1)
        received = self.laptop.received()
        assert MOVED in received[-1]
        assert self.laptop.peer.closed
        assert not self.world.system.running(Ref("user/alice"))
        assert not self.world.server.connected
        return received


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    return Scene(monkeypatch)


def test_all_that_a_user_writes_is_under_its_mandate(scene: Scene) -> None:
    scene.laptop.send(
        "MARKREAD #soju timestamp=2026-01-01T00:00:00.000Z", "PRIVMSG BouncerServ :network update -nick x"
    )
    scene.world.advance(1)
    assert scene.writer.unleased == []
    assert scene.writer.leased > 5


def test_a_line_that_is_refused_is_shown_to_nobody_and_ends_the_user(scene: Scene) -> None:
    scene.fence.lapsed = True
    scene.world.say(":bob!b@host PRIVMSG #soju :two")
    assert not any("two" in line for line in scene.ended())


def test_a_setting_that_is_refused_ends_the_user(scene: Scene) -> None:
    scene.fence.lapsed = True
    scene.laptop.send("JOIN #new")
    scene.ended()


def test_who_is_told_that_the_lease_has_lapsed_ends(scene: Scene) -> None:
    scene.world.system.tell(Ref("user/alice"), LeaseLapsed())
    scene.ended()
