"""The engine for tests: delays, determinism, and the outside's end of a link."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors import BytesReceived, ChildSpec, Closed, Congested, Drained, Endpoint, Opened, OpenFailed, Turn
from actors.bases.inline import InlineSystem
from actors.link import CONGESTED_AT
from tests.contract.actors.cast import PUPPET, Do, Puppet, Say, Stage, ref, stage

SERVER = Endpoint("irc.test", 6667)


@pytest.fixture(autouse=True)
def clean_stage() -> None:
    Stage.__init__(stage)


def do(system: InlineSystem, path: str, script: Any) -> None:  # noqa: ANN401
    system.tell(ref(path), Do(stage.script(script)))
    system.run()


def start(system: InlineSystem, *names: str) -> None:
    for name in names:
        system.spawn(ChildSpec(name, PUPPET))
    system.run()


def chatter(seed: int, most: float) -> list[tuple[str, Any, str | None]]:
    """Let four actors tell each other numbers, with messages that take up to so many seconds."""
    Stage.__init__(stage)
    system = InlineSystem(seed=seed, delay=lambda _, __, rng: rng.uniform(0.0, most))
    names = ["a", "b", "c", "d"]
    start(system, *names)

    def script(_: Puppet, turn: Turn) -> None:
        for number in range(20):
            for name in names:
                turn.send(ref(name), Say(str(number)))

    for name in names:
        system.tell(ref(name), Do(stage.script(script)))
    system.advance(1000.0)
    return [(h.by, h.message, h.sender) for h in stage.heard]


@given(st.integers(0, 1000), st.floats(0.0, 10.0))
def test_delays_mix_the_pairs_and_keep_the_order_of_each(seed: int, most: float) -> None:
    heard = chatter(seed, most)
    pairs = {(by, sender) for by, _, sender in heard}
    assert len(pairs) == 16
    for pair in pairs:
        assert [m.text for by, m, sender in heard if (by, sender) == pair] == [str(n) for n in range(20)]


def test_the_same_seed_gives_the_same_run_and_another_seed_another() -> None:
    assert chatter(1, 5.0) == chatter(1, 5.0)
    assert chatter(1, 5.0) != chatter(2, 5.0)


def test_delays_keep_the_order_of_a_links_events() -> None:
    system = InlineSystem(delay=lambda _, __, rng: rng.uniform(0.0, 3.0))
    start(system, "alice", "heir")
    server = system.serve(SERVER)
    system.tell(ref("alice"), Do(stage.script(lambda _, turn: turn.dial(SERVER))))
    system.advance(10.0)
    (peer,) = server.accepted
    for number in range(20):
        peer.send(b"%d " % number)
    give = Do(stage.script(lambda _, turn: turn.give(link, ref("heir"))))
    link = next(h.message.link for h in stage.heard if isinstance(h.message, Opened))
    system.tell(ref("alice"), give)
    system.advance(2.0)
    peer.send(b"end")
    peer.close()
    system.advance(100.0)
    events: list[Any] = [h.message for h in stage.heard if isinstance(h.message, BytesReceived | Closed)]
    assert b"".join(e.data for e in events[:-1]) == b"".join(b"%d " % n for n in range(20)) + b"end"
    assert events[-1] == Closed(link, "closed by the peer", clean=True)
    assert {h.by for h in stage.heard if isinstance(h.message, BytesReceived)} <= {"alice", "heir"}


def test_chance_of_an_actor_does_not_depend_on_delays() -> None:
    drawn: list[float] = []
    for delay in (None, lambda _, __, rng: rng.random()):
        system = InlineSystem(seed=3, delay=delay)
        start(system, "alice")
        system.tell(ref("alice"), Do(stage.script(lambda _, turn: drawn.append(turn.rng.random()))))
        system.advance(2.0)
    assert drawn[0] == drawn[1] != random.Random(3).random()  # noqa: S311


class Outside:
    """A system in which alice has dialed an outside server."""

    def __init__(self) -> None:
        self.system = InlineSystem()
        start(self.system, "alice")
        self.server = self.system.serve(SERVER, fingerprint="ab")
        do(self.system, "alice", lambda _, turn: turn.dial(SERVER))
        (self.peer,) = self.server.accepted
        self.link = self.heard(Opened)[0].link

    def heard(self, kind: type) -> list[Any]:
        return [h.message for h in stage.heard if isinstance(h.message, kind)]

    def write(self, data: bytes) -> None:
        do(self.system, "alice", lambda _, turn: turn.write(self.link, data))


@pytest.fixture
def outside() -> Outside:
    return Outside()


def test_a_server_outside_sees_what_actors_write(outside: Outside) -> None:
    assert outside.heard(Opened)[0].peer_fingerprint == "ab"
    outside.write(b"hello ")
    outside.write(b"world")
    assert outside.peer.received == b"hello world"
    assert outside.peer.take() == b"hello world"
    assert outside.peer.take() == b""


@pytest.mark.parametrize("clean", [True, False])
def test_a_server_outside_may_close_in_order_or_not(outside: Outside, *, clean: bool) -> None:
    outside.peer.send(b"last words")
    outside.peer.close(clean=clean)
    outside.system.run()
    assert [e.data for e in outside.heard(BytesReceived)] == [b"last words"]
    assert [e.clean for e in outside.heard(Closed)] == [clean]
    assert outside.peer.closed


def test_a_stalled_peer_congests_the_link_and_an_unstalled_one_drains_it(outside: Outside) -> None:
    outside.peer.stall()
    outside.write(bytes(CONGESTED_AT))
    assert outside.heard(Congested) == []
    outside.write(b"x")
    assert outside.heard(Congested) == [Congested(outside.link)]
    assert outside.peer.received == b""
    outside.peer.unstall()
    outside.system.run()
    assert outside.heard(Drained) == [Drained(outside.link)]
    assert len(outside.peer.received) == CONGESTED_AT + 1


def test_a_close_of_the_actor_is_seen_after_its_bytes(outside: Outside) -> None:
    outside.peer.stall()
    outside.write(b"last words")
    do(outside.system, "alice", lambda _, turn: turn.close(outside.link))
    assert not outside.peer.closed
    outside.peer.unstall()
    assert outside.peer.closed
    assert outside.peer.received == b"last words"
    assert outside.peer.reason == "closed by the peer"


def test_a_peer_that_never_reads_does_not_keep_a_closing_link(outside: Outside) -> None:
    outside.peer.stall()
    outside.write(b"last words")
    do(outside.system, "alice", lambda _, turn: turn.close(outside.link))
    outside.system.advance(60.0)
    assert outside.peer.closed
    assert [e.reason for e in outside.heard(Closed)] == ["aborted"]


def test_a_client_outside_connects_with_address_and_fingerprint() -> None:
    system = InlineSystem()
    start(system, "alice")
    do(system, "alice", lambda _, turn: turn.listen(SERVER))
    peer = system.connect(SERVER, remote="192.0.2.1:1234", fingerprint="cd")
    peer.send(b"hello")
    system.run()
    accepted = stage.heard[-2].message
    assert (accepted.remote, accepted.peer_fingerprint) == ("192.0.2.1:1234", "cd")
    assert stage.heard[-1].message == BytesReceived(accepted.link, b"hello")


def test_nobody_can_be_connected_to_where_nobody_listens() -> None:
    with pytest.raises(ConnectionRefusedError, match=r"nobody listens at irc\.test:6667"):
        InlineSystem().connect(SERVER)


def test_dials_fail_as_the_test_wants(outside: Outside) -> None:
    outside.system.refuse(SERVER, "name look-up failed: no such name")
    do(outside.system, "alice", lambda _, turn: turn.dial(SERVER))
    assert [e.reason for e in outside.heard(OpenFailed)] == ["name look-up failed: no such name"]
    outside.system.serve(SERVER)
    do(outside.system, "alice", lambda _, turn: turn.dial(SERVER))
    assert len(outside.heard(Opened)) == 2


def test_a_run_without_end_is_reported() -> None:
    system = InlineSystem()
    start(system, "alice")
    endless = Do(stage.script(lambda _, turn: turn.send(turn.me, endless)))
    system.tell(ref("alice"), endless)
    with pytest.raises(RuntimeError, match="still busy after 1000 steps"):
        system.run(1000)


def test_the_state_of_an_actor_can_be_looked_at() -> None:
    system = InlineSystem()
    start(system, "alice")
    assert isinstance(system.actor(ref("alice")), Puppet)
    assert system.running(ref("alice"))
    assert not system.running(ref("bob"))


def test_messages_arrive_as_copies_unless_encoding_is_off() -> None:
    for encode in (True, False):
        system = InlineSystem(encode=encode)
        start(system, "alice")
        original = Say("hello")
        system.tell(ref("alice"), original)
        system.run()
        assert (stage.heard[-1].message is original) is not encode
