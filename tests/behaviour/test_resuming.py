"""In a cluster, clients whose user's node is lost stay connected, and go on where they were on the next one."""

from typing import Any

import pytest

from actors import Ref
from soju_actors.messages.registry import StartAgain
from soju_actors.messages.user import LeaseLapsed, UserArgs
from soju_actors.model.lease import Mandate
from soju_actors.model.records import UserId
from soju_actors.policy.downstream import DownstreamSettings
from soju_actors.registry import actor as registry
from tests.support.world import HOSTNAME, InlineClient, Setting, World

PATIENT = DownstreamSettings(HOSTNAME, resume_time=30.0)
SETTING = Setting(settings=PATIENT)
USER = Ref[Any]("user/alice")


def under_mandate(*args: Any, **_: Any) -> UserArgs:  # noqa: ANN401 - those of UserArgs
    """Make the arguments of a user as they are in a cluster."""
    user, settings, store, registry_ref, pacer = args
    return UserArgs(user, settings, store, registry_ref, pacer, Mandate(UserId(1), 3))


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(registry, "UserArgs", under_mandate)
    monkeypatch.setattr("soju_actors.adapters.database.writer.lapsed", lambda *_: set())
    return World(SETTING)


def said(client: InlineClient) -> list[str]:
    """Return the texts of the messages that a client was shown."""
    return [line.rpartition(":")[2] for line in client.received() if " PRIVMSG #soju " in line]


def lose(world: World) -> None:
    """End the user's actor as where another node may act for the user."""
    world.system.tell(USER, LeaseLapsed())
    world.advance(1)
    assert not world.system.running(USER)


def start(world: World) -> None:
    """Start it as where a lease was got."""
    world.system.tell(Ref("registry"), StartAgain("alice"))
    world.advance(2)
    assert world.server.connected


@pytest.mark.parametrize("caps", ["", "batch server-time message-tags", "draft/chathistory batch"])
def test_a_client_stays_and_is_shown_each_line_once(world: World, caps: str) -> None:
    laptop = world.attach("alice/libera@laptop", caps)
    world.say(":bob!b@host PRIVMSG #soju :one")
    assert said(laptop) == ["one"]
    lose(world)
    start(world)
    world.say(":bob!b@host PRIVMSG #soju :two")
    received = laptop.received()
    assert not laptop.peer.closed
    assert [line for line in received if " 001 " in line] == []
    assert any("Disconnected from libera" in line for line in received)
    assert any("Connected to libera" in line for line in received)
    assert [line.rpartition(":")[2] for line in received if " PRIVMSG #soju " in line] == ["two"]
    laptop.send("PRIVMSG #soju :three")
    assert any(line.endswith("PRIVMSG #soju :three") for line in world.server.heard)


def test_what_was_said_before_a_client_is_back_follows(world: World) -> None:
    """Others attach sooner: what was said meanwhile is shown once, to clients that fetch history, too."""
    laptop = world.attach("alice/libera@laptop", "draft/chathistory batch")
    world.say(":bob!b@host PRIVMSG #soju :one")
    assert said(laptop) == ["one"]
    lose(world)
    world.system.tell(Ref("registry"), StartAgain("alice"))
    world.run()
    world.say(":bob!b@host PRIVMSG #soju :two")
    assert said(laptop) == []
    world.advance(1)
    assert said(laptop) == ["two"]


def test_what_a_client_says_meanwhile_is_answered(world: World) -> None:
    laptop = world.attach("alice/libera@laptop")
    lose(world)
    laptop.send("PRIVMSG #soju :later")
    start(world)
    answered = [line for line in laptop.received() if line.endswith(" 400 alice :Not connected to libera")]
    assert len(answered) + world.server.heard.count("PRIVMSG #soju :later") == 1


def test_who_logs_in_meanwhile_waits(world: World) -> None:
    lose(world)
    laptop = world.connect()
    laptop.send("PASS secret", "NICK alice", "USER alice/libera@laptop 0 * :Alice")
    world.advance(2)
    start(world)
    assert any(" 001 " in line for line in laptop.received())


def test_a_client_does_not_wait_for_ever(world: World) -> None:
    laptop = world.attach("alice/libera@laptop")
    lose(world)
    world.advance(31)
    assert laptop.received()[-1] == "ERROR :Internal error, connect again"
    assert laptop.peer.closed


def test_what_a_client_has_asked_for_holds_with_the_next_actor(world: World) -> None:
    world.server.say(":irc.example 005 alice MONITOR=100 :are supported by this server")
    laptop = world.attach("alice/libera@laptop", "draft/metadata-2 batch")
    laptop.send("MONITOR + bob,BouncerServ", "METADATA * SUB soju.im/muted", "AWAY :lunch")
    lose(world)
    world.server.heard.clear()
    start(world)
    world.server.say(":irc.example 005 alice MONITOR=100 :are supported by this server")
    world.advance(1)
    assert "MONITOR + bob" in world.server.heard
    laptop.received()
    world.server.say(":irc.example 730 alice :bob!b@host")
    world.advance(1)
    assert any(" 730 alice " in line and "bob!b@host" in line for line in laptop.received())
    laptop.send("MONITOR L", "METADATA * SUBS")
    received = laptop.received()
    (client,) = world.system.actor(USER).user.clients.values()
    assert client.away == "lunch"
    assert any(line.endswith(" 732 alice :bob,BouncerServ") for line in received), received
    assert any("soju.im/muted" in line for line in received), received


def test_commands_of_which_nobody_knows_whether_they_were_carried_out_are_told(world: World) -> None:
    laptop = world.attach("alice/libera@laptop", "labeled-response batch")
    laptop.received()
    world.system.tell(USER, LeaseLapsed())
    laptop.send("@label=x PRIVMSG #soju :lost on the way")
    world.advance(1)
    start(world)
    received = laptop.received()
    told = [line for line in received if " 400 alice :PRIVMSG may not have been carried out" in line]
    assert [line.partition(" ")[0] for line in told] == ["@label=x"], received
    assert not any("lost on the way" in line for line in world.server.heard)
    laptop.send("PRIVMSG #soju :now")
    assert any(line.endswith("PRIVMSG #soju :now") for line in world.server.heard)
    assert [line for line in laptop.received() if " 400 " in line] == []
