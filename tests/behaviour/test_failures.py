"""A bug ends one actor, which begins again from what is stored; the others go on (DESIGN promise 6)."""

from collections.abc import Callable
from typing import Any

import pytest

from actors import BytesReceived, Ref, Service
from soju_actors.buffer.actor import BufferActor
from soju_actors.downstream.actor import DownstreamActor
from soju_actors.listener.actor import ListenerActor
from soju_actors.messages.buffer import Append, EntriesStored
from soju_actors.messages.listener import LoggedIn
from soju_actors.messages.logins import Login
from soju_actors.messages.store import Store
from soju_actors.messages.user import ClientSaid, UpstreamSaid
from soju_actors.ports.database import WriteFailed
from soju_actors.registry.actor import RegistryActor
from soju_actors.store.actor import StoreActor
from soju_actors.upstream.actor import UpstreamActor
from soju_actors.user.actor import UserActor
from tests.support.world import InlineClient, Setting, World

Break = Callable[[type, type, str], None]
SETTING = Setting(caps="", of_network={"auto_away": False})


@pytest.fixture
def breaks(monkeypatch: pytest.MonkeyPatch) -> Break:
    """Return what makes a handler fail, once, on a message that holds a word."""

    def make(actor: type, message: type, word: str) -> None:
        handlers: dict[type, Any] = actor.handlers  # type: ignore[attr-defined]
        handler = handlers[message]
        left = [word]

        def fails(self: Any, msg: Any, turn: Any) -> None:  # noqa: ANN401 - as any handler
            if left and word in str(msg):
                left.clear()
                raise ZeroDivisionError(word)
            handler(self, msg, turn)

        monkeypatch.setitem(handlers, message, fails)

    return make


def said(word: str) -> str:
    return f":bob!b@host PRIVMSG #soju :{word}"


def talk(client: InlineClient) -> list[str]:
    """Return the texts that a client was shown."""
    return [line.rpartition(":")[2] for line in client.received() if " PRIVMSG " in line]


@pytest.mark.parametrize(
    ("actor", "message", "word"),
    [
        (UserActor, UpstreamSaid, "fatal"),
        (BufferActor, Append, "fatal"),
        (BufferActor, EntriesStored, "end=4"),
        (StoreActor, Store, "fatal"),
    ],
)
def test_what_fails_on_a_message_of_the_server_begins_again(
    breaks: Break, actor: type, message: type, word: str
) -> None:
    """Clients are told to connect again, and get what they have missed; what was shown is in history."""
    world = World(SETTING)
    laptop = world.attach("alice/libera@laptop")
    world.say(said("one"))
    assert talk(laptop) == ["one"]
    breaks(actor, message, word)
    world.say(said("fatal"), said("behind it"))
    world.advance(5)
    shown = talk(laptop)
    assert shown in ([], ["fatal"], ["fatal", "behind it"])
    assert laptop.peer.closed
    world.say(said("two"))
    again = world.attach("alice/libera@laptop")
    caught_up = talk(again)
    assert caught_up[-1] == "two"
    assert (shown + caught_up).count("fatal") <= 2, "what was not confirmed may come twice"
    world.say(said("three"))
    assert talk(again) == ["three"]


def test_what_waited_for_the_database_is_not_lost_when_its_user_fails_meanwhile(breaks: Break) -> None:
    """The next actor of the user gives no number that is taken already."""
    first = World(SETTING)
    writer = FailingWriter(first.database.writer())
    world = World(SETTING, database=first.database, services={"writer": writer})
    world.attach("alice/libera@laptop")
    writer.failing = True
    world.say(said("one"), said("two"))
    breaks(UserActor, UpstreamSaid, "fatal")
    world.say(said("fatal"))
    world.advance(5)
    writer.failing = False
    world.advance(20)
    laptop = world.attach("alice/libera@laptop")
    world.say(said("three"))
    assert talk(laptop) == ["one", "two", "three"]
    reader = world.attach("alice/libera@reader", caps="draft/chathistory")
    talk(reader)
    reader.send("CHATHISTORY LATEST #soju * 10")
    assert talk(reader) == ["one", "two", "three"]


class FailingWriter:
    """A writer that fails while the test says so."""

    def __init__(self, writer: Service) -> None:
        self.failing = False
        self._writer = writer

    def perform(self, job: Any) -> Any:  # noqa: ANN401 - any job and its answer
        return WriteFailed("full", transient=True, request=job.request) if self.failing else self._writer.perform(job)

    def close(self) -> None:
        self._writer.close()


def test_an_upstream_that_fails_connects_anew_and_clients_stay(breaks: Break) -> None:
    """It asks for the nick of now, not for that of its first start."""
    world = World(SETTING)
    laptop = world.attach()
    breaks(UpstreamActor, BytesReceived, "fatal")
    laptop.send("NICK alicia")
    world.server.nick = ""
    laptop.received()
    world.say(said("fatal"))
    world.advance(5)
    lines = laptop.received()
    assert [line for line in lines if " NOTICE " in line] == [
        ":BouncerServ!BouncerServ@BouncerServ NOTICE alicia :Disconnected from libera: internal error",
        ":BouncerServ!BouncerServ@BouncerServ NOTICE alicia :Connected to libera",
    ]
    assert ":alicia!a@host JOIN #soju" in lines
    world.say(said("one"))
    assert talk(laptop) == ["one"]


def test_a_client_that_makes_its_connection_fail_bothers_nobody(breaks: Break) -> None:
    world = World(SETTING)
    evil, laptop = world.attach("alice/libera@evil"), world.attach()
    laptop.received()
    breaks(DownstreamActor, BytesReceived, "fatal")
    evil.send("PRIVMSG #soju :fatal")
    assert evil.peer.closed
    world.say(said("one"))
    assert talk(laptop) == ["one"]
    assert world.system.actor(Ref("user/alice")).user.clients.keys() == {"listener/2"}


def test_a_user_that_makes_the_dispatcher_fail_bothers_no_other_user(breaks: Break) -> None:
    world = World(SETTING)
    for line in ("-username bob -password x",):
        world.attach().send(f"PRIVMSG BouncerServ :user create {line}")
    bob = world.connect()
    bob.send("PASS x", "NICK bob", "USER bob 0 * :Bob")
    bob.received()
    laptop = world.attach()
    breaks(UserActor, ClientSaid, "fatal")
    laptop.send("PRIVMSG #soju :fatal")
    assert laptop.peer.closed
    assert laptop.received()[-1] == "ERROR :Internal error, connect again"
    bob.send("PING x")
    assert bob.received() == [":bouncer.test PONG bouncer.test x"]
    world.advance(5)
    world.attach()
    world.say(said("one"))
    assert talk(world.clients[-1]) == ["one"]


@pytest.mark.parametrize(("actor", "message"), [(RegistryActor, Login), (ListenerActor, LoggedIn)])
def test_what_all_users_need_begins_again(breaks: Break, actor: type, message: type) -> None:
    world = World(SETTING)
    breaks(actor, message, "")
    world.attach()
    world.advance(5)
    laptop = world.attach()
    world.say(said("one"))
    assert talk(laptop)[-1:] == ["one"]
