"""What a link does between its owner and the network, with a transport that only remembers."""

import pytest

from actors import BytesReceived, Endpoint, Link, Turn
from actors.bases.inline.clock import VirtualClock
from actors.bases.inline.system import InlineKernel, InlineServices
from actors.link import FLUSH_TIMEOUT, READ_MOST, UNREAD_MOST
from actors.sockets import Attempt, Socket
from actors.supervision import ChildSpec
from tests.contract.actors.cast import PUPPET, Do, Puppet, Say, Stage, ref, stage


class Transport:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.said: list[object] = []

    def write(self, data: bytes) -> None:
        self.said.append(data)

    def close(self) -> None:
        self.said.append("close")

    def abort(self) -> None:
        self.said.append("abort")

    def pause_reading(self) -> None:
        self.said.append("pause")

    def resume_reading(self) -> None:
        self.said.append("resume")


class Pending:
    """An attempt that is never over by itself."""

    cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class Network:
    """Hands the sockets to the test."""

    def __init__(self) -> None:
        self.sockets: list[Socket] = []
        self.attempt = Pending()

    def dial(self, socket: Socket, endpoint: Endpoint) -> Attempt:
        del endpoint
        self.sockets.append(socket)
        return self.attempt

    listen = dial


class Rig:
    """One puppet with one link to a remembering transport."""

    def __init__(self) -> None:
        Stage.__init__(stage)
        self.clock = VirtualClock()
        self.network = Network()
        self.kernel = InlineKernel(self.clock, self.network, InlineServices({}), 0)  # type: ignore[arg-type]
        self.transport = Transport()
        self.kernel.supervisor.spawn_top(ChildSpec("alice", PUPPET))
        self.do(lambda _, turn: turn.dial(Endpoint("irc.test", 6667)))
        self.socket = self.network.sockets[0]
        self.link = Link(1)

    def do(self, script: object) -> None:
        """Let the puppet take a turn."""
        self.kernel.route(None, ref("alice"), Do(stage.script(script)))  # type: ignore[arg-type]
        self.settle()

    def settle(self) -> None:
        """Let everything happen that is due."""
        while self.clock.step(self.clock.time) or self.kernel.ready:
            while self.kernel.ready and not self.clock.step(self.clock.time):
                self.kernel.ready.popleft().run(64)

    def open(self) -> None:
        """Let the link be connected."""
        self.socket.opened(self.transport, "local", "remote")
        self.settle()


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_the_writes_of_a_turn_go_out_as_one(rig: Rig) -> None:
    rig.open()

    def script(_: Puppet, turn: Turn) -> None:
        for part in (b"one ", b"two ", b"three"):
            turn.write(rig.link, part)
        turn.write(rig.link, b"")

    rig.do(script)
    assert rig.transport.said == [b"one two three"]


def test_what_was_written_goes_out_before_a_close(rig: Rig) -> None:
    rig.open()

    def script(_: Puppet, turn: Turn) -> None:
        turn.write(rig.link, b"last words")
        turn.close(rig.link)

    rig.do(script)
    assert rig.transport.said == [b"last words", "close"]


def test_a_close_that_takes_too_long_becomes_an_abort(rig: Rig) -> None:
    rig.open()
    rig.do(lambda _, turn: turn.close(rig.link))
    rig.clock.time = FLUSH_TIMEOUT - 0.1
    rig.settle()
    assert rig.transport.said == ["close"]
    rig.clock.time = FLUSH_TIMEOUT
    rig.settle()
    assert rig.transport.said == ["close", "abort"]


def test_reading_stops_while_too_much_is_not_handled(rig: Rig) -> None:
    rig.open()
    reads = UNREAD_MOST // READ_MOST
    for _ in range(reads - 1):
        rig.socket.received(bytes(READ_MOST))
    assert rig.transport.said == []
    rig.socket.received(bytes(READ_MOST))
    assert rig.transport.said == ["pause"]
    rig.settle()
    assert rig.transport.said == ["pause", "resume"]
    assert len([h for h in stage.heard if isinstance(h.message, BytesReceived)]) == reads


def test_reading_stays_stopped_while_the_owner_wants_that_too(rig: Rig) -> None:
    rig.open()
    rig.do(lambda _, turn: turn.pause(rig.link))
    rig.socket.received(bytes(UNREAD_MOST))
    rig.settle()
    assert "resume" not in rig.transport.said
    rig.do(lambda _, turn: turn.resume(rig.link))
    assert rig.transport.said[-1] == "resume"


def test_a_link_that_was_paused_before_it_opened_does_not_read(rig: Rig) -> None:
    rig.do(lambda _, turn: turn.pause(rig.link))
    rig.open()
    assert rig.transport.said == ["pause"]


def test_nothing_is_told_of_a_link_whose_owner_has_closed_it_but_its_end(rig: Rig) -> None:
    rig.open()
    rig.do(lambda _, turn: turn.close(rig.link))
    rig.socket.received(b"too late")
    rig.settle()
    assert not [h for h in stage.heard if isinstance(h.message, BytesReceived)]


def test_bytes_that_wait_when_the_owner_closes_are_not_handled(rig: Rig) -> None:
    rig.open()
    closing = Do(stage.script(lambda _, turn: turn.close(rig.link)))
    rig.kernel.route(None, ref("alice"), closing)
    rig.socket.received(b"too late")
    rig.settle()
    assert not [h for h in stage.heard if isinstance(h.message, BytesReceived)]


def test_bytes_that_came_before_the_peer_closed_are_handled(rig: Rig) -> None:
    rig.open()
    rig.socket.received(b"last words")
    rig.socket.lost("closed by the peer", clean=True)
    rig.settle()
    assert [type(h.message).__name__ for h in stage.heard] == ["Opened", "BytesReceived", "Closed"]


def test_a_dial_that_is_given_up_is_cancelled(rig: Rig) -> None:
    rig.do(lambda _, turn: turn.abort(rig.link))
    assert rig.network.attempt.cancelled
    assert rig.kernel.sockets.empty


def test_a_link_is_forgotten_with_its_timer(rig: Rig) -> None:
    rig.open()
    rig.do(lambda _, turn: turn.close(rig.link))
    rig.socket.lost("closed", clean=True)
    rig.clock.time = FLUSH_TIMEOUT * 2
    rig.settle()
    assert rig.transport.said == ["close"]
    assert rig.kernel.sockets.empty


def test_a_turn_that_asks_for_the_impossible_fails_and_leaves_nothing_to_the_next(rig: Rig) -> None:
    rig.kernel.supervisor.spawn_top(ChildSpec("bob", PUPPET))
    rig.open()

    def script(_: Puppet, turn: Turn) -> None:
        turn.send(turn.me, None)
        turn.write(rig.link, b"never written")

    rig.do(script)
    rig.kernel.route(None, ref("bob"), Do(stage.script(lambda _, turn: turn.send(turn.me, Say("bob lives")))))
    rig.settle()
    assert stage.heard[-1].message == Say("bob lives")
    assert rig.transport.said == ["close"]


def test_bytes_that_wait_in_the_givers_mailbox_move_with_the_link(rig: Rig) -> None:
    rig.kernel.supervisor.spawn_top(ChildSpec("heir", PUPPET))
    rig.open()
    rig.kernel.route(None, ref("alice"), Do(stage.script(lambda _, turn: turn.give(rig.link, ref("heir")))))
    rig.kernel.route(None, ref("alice"), Say("stays with alice"))
    for number in range(3):
        rig.socket.received(b"%d" % number)
    rig.settle()
    rig.socket.received(b"3")
    rig.settle()
    heard = [(h.by, h.message) for h in stage.heard[1:]]
    assert [by for by, msg in heard if isinstance(msg, Say)] == ["alice"]
    assert [(by, msg.data) for by, msg in heard if isinstance(msg, BytesReceived)] == [
        ("heir", b"%d" % number) for number in range(4)
    ]
    assert rig.socket.unread == 0
