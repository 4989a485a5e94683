"""Sessions: each envelope once and in order, over connections that break."""

from collections import deque
from typing import Any

import msgspec
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from actors.cluster import session as session_module
from actors.cluster.session import UNDER_WAY_MOST, Origin, Session
from actors.cluster.wire import Frame, decode_frame, encode_frame
from actors.message import SystemMessage
from actors.ref import Ref


class Wire:
    """One direction of a connection: frames under way."""

    def __init__(self) -> None:
        self.frames: deque[bytes] = deque()
        self.open = True

    def write(self, frame: bytes) -> None:
        if self.open:
            self.frames.append(frame)

    def abort(self, reason: str = "") -> None:  # noqa: ARG002 - nobody asks
        self.open = False
        self.frames.clear()


class Count(msgspec.Struct, SystemMessage, frozen=True, tag="test.session.count"):
    number: int
    ballast: bytes = b""


def envelope(number: int) -> tuple[Any, ...]:
    return Ref[Any]("you"), Ref[Any]("me"), Count(number)


def encoded(frame: Frame) -> bytes:
    data, complaints = encode_frame(frame)
    assert complaints == []
    return data


def ack(received: int, passed_on: list[int]) -> bytes:
    return encoded(Frame(1, received, passed_on))


class Pair(RuleBasedStateMachine):
    """Two sides, and connections that carry frames when the rules say so."""

    def __init__(self) -> None:
        super().__init__()
        self.got: list[list[int]] = [[], []]
        self.sides = [
            Session(name, lambda _, __, got_one, got=got: got.append(got_one.message.number), lambda _: None)  # type: ignore[misc]
            for name, got in zip("ab", self.got, strict=True)
        ]
        self.said = [0, 0]
        self.sure = [0, 0]
        self.wires = [Wire(), Wire()]
        self.connect()

    def connect(self) -> None:
        self.wires = [Wire(), Wire()]
        received = [side.received for side in self.sides]
        for side, wire, other in zip(self.sides, self.wires, received[::-1], strict=True):
            side.resume(wire, other)

    @rule(side=st.integers(0, 1), count=st.integers(1, 5))
    def say(self, side: int, count: int) -> None:
        for _ in range(count):
            self.said[side] += 1
            self.sides[side].send(envelope(self.said[side]))
        number = self.said[side]
        self.sides[side].when_all_delivered(lambda: self.sure.__setitem__(side, max(number, self.sure[side])))

    @rule(side=st.integers(0, 1))
    def flush(self, side: int) -> None:
        self.sides[side].flush()

    @rule(side=st.integers(0, 1))
    def carry(self, side: int) -> None:
        if self.wires[side].frames:
            self.sides[1 - side].take(self.wires[side].frames.popleft())

    @rule()
    def break_and_connect(self) -> None:
        for wire in self.wires:
            wire.abort()
        self.connect()

    @precondition(lambda self: any(self.said))
    @rule()
    def settle(self) -> None:
        for _ in range(4):
            for side in (0, 1):
                self.flush(side)
                while self.wires[side].frames:
                    self.carry(side)
        assert [len(got) for got in self.got] == self.said[::-1]
        assert self.sure == self.said

    @invariant()
    def each_once_in_order(self) -> None:
        for got in self.got:
            assert got == list(range(1, len(got) + 1))

    @invariant()
    def what_is_sure_has_arrived(self) -> None:
        for side in (0, 1):
            assert self.sure[side] <= len(self.got[1 - side])


TestPair = Pair.TestCase


def connected() -> tuple[Session, Wire]:
    session, wire = Session("b", lambda *_: None, lambda _: None), Wire()
    session.resume(wire, 0)
    return session, wire


def test_no_more_is_sent_than_may_be_undelivered() -> None:
    session, wire = connected()
    for number in range(100):
        session.send((Ref("you"), None, Count(number, bytes(100_000))))
    session.flush()
    under_way = sum(map(len, wire.frames))
    assert UNDER_WAY_MOST <= under_way < UNDER_WAY_MOST + 300_000
    session.take(ack(40, []))
    session.flush()
    assert sum(map(len, wire.frames)) > under_way


def test_who_waits_for_room_is_told_once_there_is_some(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_module, "UNDER_WAY_MOST", 1000)
    monkeypatch.setattr(session_module, "CONGESTED", 5000)
    monkeypatch.setattr(session_module, "ROOM", 2000)
    session, _ = connected()
    told: list[int] = []
    session.on_room = lambda: told.append(1)
    for number in range(10):
        session.send((Ref("you"), None, Count(number, bytes(1000))))
        session.flush()
        assert session.congested == (number >= 5)
    for number in range(1, 11):
        session.take(ack(number, []))
        session.flush()
        assert (session.congested, told) == ((True, []) if number < 8 else (False, [1]))


def test_what_may_not_have_been_delivered_is_known_when_the_peer_is_lost() -> None:
    session, _ = connected()
    for number in (1, 2, 3):
        session.send(envelope(number))
        session.flush()
    session.send(envelope(4))
    session.take(ack(2, [1]))
    assert [unsure.number for unsure in session.lose()] == [1, 3, 4]


def test_who_waits_for_delivery_is_called_when_the_peer_is_lost() -> None:
    session, wire = connected()
    called: list[int] = []
    session.when_all_delivered(lambda: called.append(1))
    session.send(envelope(1))
    session.when_all_delivered(lambda: called.append(2))
    assert called == [1]
    session.lose()
    assert called == [1]
    session.release()
    assert called == [1, 2]
    assert not wire.open


def test_what_is_passed_on_is_delivered_when_it_has_arrived_there() -> None:
    first, wire = connected()
    third, _ = connected()
    first.take(encoded(Frame(1, 0, [], [envelope(1)])))
    third.send(envelope(9), Origin(first, 1))
    first.flush()
    third.flush()
    third.take(ack(1, []))
    first.flush()
    assert [(frame.received, frame.passed_on) for frame in map(decode_frame, wire.frames)] == [(1, [1]), (1, [])]


def test_all_is_delivered_when_nothing_of_it_is_on_its_way_any_more() -> None:
    session, _ = connected()
    called: list[int] = []
    for number in (1, 2):
        session.send(envelope(number))
    session.when_all_delivered(lambda: called.append(2))
    session.flush()
    session.take(ack(2, [1]))
    assert called == []
    session.take(ack(2, []))
    assert called == [2]


@pytest.mark.parametrize(
    ("frame", "complaint"),
    [
        (b"\xff\x00garbage", "malformed|invalid|Expected|Input"),
        (encoded(Frame(2, 0, [], [envelope(2)])), "envelope 2 came after 0"),
        (ack(7, []), "envelope 7 came before it was sent"),
    ],
)
def test_a_frame_that_cannot_be_is_refused(frame: bytes, complaint: str) -> None:
    session, _ = connected()
    with pytest.raises(ValueError, match=complaint):
        session.take(frame)
