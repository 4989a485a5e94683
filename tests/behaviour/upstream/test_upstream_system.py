"""Upstreams with a pacer, a user actor and simulated sockets, under any order of delivery."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors import ChildSpec, Endpoint, Ref
from actors.bases.inline import InlineSystem, Peer, Server
from soju_actors.messages.pacer import PacerArgs
from soju_actors.messages.upstream import Disconnect, Reconnect, Taken, UpstreamArgs
from soju_actors.messages.user import UpstreamDown, UpstreamSaid, UpstreamTrying, UpstreamUp
from soju_actors.policy.upstream import UpstreamSettings
from soju_actors.upstream.actor import WINDOW
from tests.behaviour.upstream.listening_user import ListeningArgs
from tests.behaviour.upstream.scene import WELCOME, network

HERE = Endpoint("127.0.0.1", 6667)
ADDR = "irc+insecure://127.0.0.1"
REGISTRATION = b"CAP LS 302\r\nNICK alice\r\nUSER al 0 * :Alice\r\n"
UPSTREAM = "soju_actors.upstream.actor:UpstreamActor"


class World:
    """A user, a pacer, and upstreams to one server."""

    def __init__(self, *, upstreams: int = 1, takes: bool = True, at_once: int = 16, late: int | None = None) -> None:
        chance = random.Random(late)  # noqa: S311 - chance that tests can repeat
        delay = None if late is None else lambda _sender, _to, _rng: chance.choice((0.0, 0.001, 0.3))
        self.system = InlineSystem(seed=late or 0, delay=delay)
        self.server: Server = self.system.serve(HERE)
        user = "tests.behaviour.upstream.listening_user:ListeningUser"
        self.user = self.system.spawn(ChildSpec("user", user, ListeningArgs(takes)))
        pacer = self.system.spawn(ChildSpec("pacer", "soju_actors.pacer.actor:PacerActor", PacerArgs(at_once)))
        self.upstreams = [
            self.system.spawn(ChildSpec(f"upstream-{n}", UPSTREAM, self.args(pacer))) for n in range(upstreams)
        ]
        self.system.run()

    def args(self, pacer: Ref[Any]) -> UpstreamArgs:
        return UpstreamArgs(self.user, pacer, network(addr=ADDR), "alice", "al", "Alice", UpstreamSettings())

    @property
    def upstream(self) -> Ref[Any]:
        return self.upstreams[0]

    @property
    def peer(self) -> Peer:
        """The server's end of the last connection."""
        return self.server.accepted[-1]

    @property
    def told(self) -> list[Any]:
        told = self.system.actor(self.user).told
        return [msg for msg in told if not isinstance(msg, UpstreamTrying)]

    def welcome(self) -> None:
        assert self.peer.take() == REGISTRATION
        self.say(WELCOME)

    def say(self, *lines: str) -> None:
        self.peer.send("".join(f"{line}\r\n" for line in lines).encode())
        self.system.run()

    def said(self) -> list[str]:
        return [line for msg in self.told if isinstance(msg, UpstreamSaid) for line in msg.lines]

    def kinds(self) -> list[str]:
        return [type(msg).__name__ for msg in self.told]


def test_a_line_comes_through_and_a_restarted_server_is_followed() -> None:
    world = World()
    world.welcome()
    world.say(":bob PRIVMSG #soju :hello")
    world.peer.close()
    world.system.run()
    assert len(world.server.accepted) == 2
    world.welcome()
    world.say(":bob PRIVMSG #soju :again")
    assert world.kinds() == [
        *("UpstreamUp", "UpstreamSaid", "UpstreamSaid"),
        *("UpstreamDown", "UpstreamUp", "UpstreamSaid", "UpstreamSaid"),
    ]
    assert world.said()[1::2] == [":bob PRIVMSG #soju :hello", ":bob PRIVMSG #soju :again"]


def test_a_server_that_comes_back_is_found() -> None:
    world = World()
    world.welcome()
    world.system.refuse(HERE)
    world.peer.close()
    world.system.advance(60.0)
    reasons = [msg.reason for msg in world.told if isinstance(msg, UpstreamDown)]
    assert reasons[1:] == ["connection refused"] * (len(reasons) - 1)
    assert len(reasons) > 3
    world.server = world.system.serve(HERE)
    world.system.advance(100.0)
    world.welcome()
    assert isinstance(world.told[-2], UpstreamUp)


def test_only_so_many_attempts_are_under_way() -> None:
    world = World(upstreams=5, at_once=2)
    assert len(world.server.accepted) == 2
    world.say(WELCOME)
    assert len(world.server.accepted) == 3
    world.server.accepted[0].close()
    world.system.run()
    assert len(world.server.accepted) == 4


def test_disconnect_and_stop_let_the_server_hear_quit() -> None:
    world = World()
    world.welcome()
    world.system.tell(world.upstream, Disconnect("So long"))
    world.system.stop(world.upstream)
    world.system.run()
    assert world.peer.take() == b"QUIT :So long\r\n"
    assert world.peer.closed
    assert not world.system.running(world.upstream)


def test_an_orderly_stop_lets_the_server_hear_quit() -> None:
    world = World()
    world.welcome()
    world.system.stop()
    world.system.run()
    assert world.peer.take() == b"QUIT :The bouncer is stopping\r\n"
    assert world.peer.closed


def test_a_reconnect_waits_until_the_server_has_heard_quit() -> None:
    """Promise 4: never two connections."""
    world = World()
    world.welcome()
    world.peer.stall()
    world.system.tell(world.upstream, Reconnect(network(addr=ADDR), "alice", "al", "Alice"))
    world.system.run()
    assert len(world.server.accepted) == 1
    world.peer.unstall()
    world.system.run()
    assert world.peer is not world.server.accepted[0]
    assert world.server.accepted[0].take() == b"QUIT :Reconnecting\r\n"
    world.welcome()


def test_an_upstream_that_fails_begins_again_from_its_arguments() -> None:
    """Promise 6. The pacer does not keep its place."""
    world = World(at_once=1)
    world.system.tell(world.upstream, Taken(-1))  # a bug of the user actor
    world.system.run()
    assert world.peer.closed
    world.system.advance(1.0)
    assert len(world.server.accepted) == 2
    world.welcome()
    assert world.kinds() == ["UpstreamUp", "UpstreamSaid"]


def test_a_user_actor_that_is_behind_stops_the_server() -> None:
    world = World(takes=False)
    world.welcome()
    sent = [f":bob PRIVMSG #soju :{n} {'x' * 1000}" for n in range(1000)]
    for line in sent:
        world.say(line)
    assert len([msg for msg in world.told if isinstance(msg, UpstreamSaid)]) == WINDOW
    held = world.system.actor(world.upstream).relay.held
    assert len(held) < 300, "the socket is not read any more"
    for _ in range(2000):
        world.system.tell(world.upstream, Taken(1))
        world.system.run()
    assert world.said()[1:] == sent


@settings(max_examples=40, deadline=None)
@given(late=st.integers(0, 10_000), cuts=st.lists(st.integers(1, 400), min_size=1, max_size=30), clean=st.booleans())
def test_every_line_comes_once_and_in_order_however_messages_travel(late: int, cuts: list[int], clean: bool) -> None:
    """Promises 1 and 2: placement and speed do not change what is said, up to the end of the connection."""
    world = World(late=late)
    world.system.advance(10.0)
    lines = [f":bob PRIVMSG #soju :{n}" for n in range(100)]
    data = "".join(f"{line}\r\n" for line in [WELCOME, *lines]).encode()
    for cut in cuts:
        world.peer.send(data[:cut])
        data = data[cut:]
        world.system.advance(0.001)
    world.peer.send(data)
    world.system.advance(0.0 if clean else 10.0)
    world.peer.close()
    world.system.advance(10.0)
    assert world.said() == [WELCOME, *lines]
    assert world.kinds()[0] == "UpstreamUp"
    assert world.kinds()[-1] == "UpstreamDown"


@pytest.mark.parametrize("seed", range(20))
def test_orders_in_any_order_leave_one_connection_or_none(seed: int) -> None:
    """Promise 4, whatever is under way when an order comes."""
    world = World(late=seed)
    chance = random.Random(seed)  # noqa: S311 - as above
    for _ in range(40):
        order = chance.choice((Disconnect("x"), Reconnect(network(addr=ADDR), "alice", "al", "Alice"), None))
        if order is not None:
            world.system.tell(world.upstream, order)
        elif world.server.accepted and not world.peer.closed:
            chance.choice((lambda: world.say(WELCOME), world.peer.close, lambda: world.peer.close(clean=False)))()
        world.system.advance(chance.choice((0.0, 0.01, 0.5, 7.0)))
        assert sum(not peer.closed for peer in world.server.accepted) <= 1
    world.system.tell(world.upstream, Reconnect(network(addr=ADDR), "alice", "al", "Alice"))
    world.system.advance(10.0)
    assert sum(not peer.closed for peer in world.server.accepted) == 1
    world.system.tell(world.upstream, Disconnect("x"))
    world.system.advance(10.0)
    assert all(peer.closed for peer in world.server.accepted)
