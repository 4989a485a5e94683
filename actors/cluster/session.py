"""What two nodes tell each other, over however many connections.

Envelopes are numbered. What is not acknowledged is kept, and sent again on the next
connection, so a connection may break without anything being lost; a node that stays
away too long is *lost*, and its session with it. An envelope that has come is delivered
once it has reached the mailbox of its actor, which may be on a third node.
"""

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, Protocol

import msgspec

from actors.cluster.wire import Frame, decode_frame, encode_frame

FRAME_MOST = 256 * 1024
"""Bytes of envelopes in one frame, unless a single one is larger."""
UNDER_WAY_MOST = 4 * 1024 * 1024
"""Bytes that may be sent and not yet received."""
MESSAGE_MOST = 8 * 1024 * 1024
"""Bytes of one envelope."""
WAITING_MOST = 64 * 1024 * 1024
"""Bytes that may wait to be sent; more is refused."""


class Connection(Protocol):
    """A connection to a peer, which it has proved to be."""

    def write(self, frame: bytes) -> None:
        """Send a frame."""

    def close(self) -> None:
        """End it; nothing is heard of it any more."""


class Letter(NamedTuple):
    """An envelope that its sender wants back if it is not delivered."""

    number: int
    sender: Any
    to: Any
    message: Any


class Barrier(NamedTuple):
    """Somebody who waits until an envelope, and unless it counts alone all before it, is delivered."""

    number: int
    call: Callable[[], None]
    alone: bool


Deliver = Callable[["Session", int, bytes], None]


class Session:
    """One side of what two nodes tell each other."""

    def __init__(
        self, peer: str, deliver: Deliver, wake: "Callable[[Session], None]", now: Callable[[], float] = lambda: 0.0
    ) -> None:
        self.peer = peer
        self.incarnation = 0
        """Of the peer."""
        self.numbers = (0, 0)
        """Which session this is: our number and the peer's."""
        self.connection: Connection | None = None
        self.heard = now()
        """When the peer was last heard."""
        self._now = now
        self._deliver = deliver
        self._wake = wake
        """Has :meth:`flush` called soon."""
        self._given = 0
        """The number of the last envelope to be sent."""
        self._framed = 0
        """The number of the last that is in a frame."""
        self._arrived = 0
        """The number of the last that has come to the peer."""
        self._on_their_way: frozenset[int] = frozenset()
        """Those among them that the peer has passed on, and that are not delivered."""
        self._waiting: deque[bytes] = deque()
        self._waiting_size = 0
        self._frames: deque[tuple[int, bytes]] = deque()
        """Those that have not arrived, with the number of their last envelope."""
        self._frames_size = 0
        self._letters: deque[Letter] = deque()
        self._barriers: list[Barrier] = []
        self._received = 0
        """The number of the last envelope of the peer."""
        self._passed_on: dict[int, None] = {}
        """Numbers of the peer's envelopes that are on their way to a third node."""
        self._told: tuple[int, list[int]] = (0, [])
        """What the peer knows of its envelopes."""

    # Out.

    @property
    def full(self) -> bool:
        """Whether nothing more can be taken."""
        return self._waiting_size >= WAITING_MOST

    def send(self, envelope: bytes) -> int:
        """Let an envelope wait for the next frame; return its number."""
        self._waiting.append(envelope)
        self._waiting_size += len(envelope)
        self._given += 1
        self._wake(self)
        return self._given

    def want_back(self, sender: Any, to: Any, message: Any) -> None:  # noqa: ANN401 - any message
        """Return the message that was just sent if the peer is lost before it is delivered."""
        self._letters.append(Letter(self._given, sender, to, message))

    def when_all_delivered(self, call: Callable[[], None]) -> None:
        """Call when all that was sent so far is delivered, or the peer is lost; at once if it is."""
        self._wait(Barrier(self._given, call, alone=False))

    def _wait(self, barrier: "Barrier") -> None:
        if self._is_past(barrier):
            barrier.call()
        else:
            self._barriers.append(barrier)

    def _is_past(self, barrier: "Barrier") -> bool:
        if self._arrived < barrier.number:
            return False
        if barrier.alone:
            return barrier.number not in self._on_their_way
        return not self._on_their_way or min(self._on_their_way) > barrier.number

    def flush(self) -> None:
        """Send what waits, as far as the peer has received what came before."""
        while self._waiting and self.connection is not None and self._frames_size < UNDER_WAY_MOST:
            self._make_frame()
        if self._told != (self._received, list(self._passed_on)):
            self.beat()

    def _make_frame(self) -> None:
        envelopes: list[msgspec.Raw] = []
        size = 0
        waiting = self._waiting
        while waiting and (not envelopes or size + len(waiting[0]) <= FRAME_MOST):
            envelope = waiting.popleft()
            size += len(envelope)
            envelopes.append(msgspec.Raw(envelope))
        self._waiting_size -= size
        first = self._framed + 1
        self._framed += len(envelopes)
        data = self._encode(first, envelopes)
        self._frames.append((self._framed, data))
        self._frames_size += len(data)
        self._write(data)

    def _encode(self, first: int, envelopes: list[msgspec.Raw]) -> bytes:
        self._told = (self._received, list(self._passed_on))
        return encode_frame(Frame(first, *self._told, envelopes))

    def _write(self, data: bytes) -> None:
        if self.connection is not None:
            self.connection.write(data)

    def beat(self) -> None:
        """Say that this node is alive, and how far it is."""
        self._write(self._encode(self._framed + 1, []))

    @property
    def idle(self) -> bool:
        """Whether all that was given to either side is delivered, as far as this one knows."""
        everything = self._arrived >= self._given and not self._on_their_way
        return everything and self._told == (self._received, [])

    # In.

    @property
    def received(self) -> int:
        """The number of the peer's last envelope."""
        return self._received

    def take(self, data: bytes) -> None:
        """Take a frame of the peer.

        Raises:
            ValueError: it is not one, or not the next.
        """
        self.heard = self._now()
        frame = decode_frame(data)
        self._acknowledged(frame.received, frozenset(frame.passed_on))
        self._wake(self)
        if frame.first > self._received + 1:
            raise ValueError(f"envelope {frame.first} came after {self._received}")
        for number, envelope in enumerate(frame.envelopes, frame.first):
            if number > self._received:
                self._received = number
                self._deliver(self, number, bytes(envelope))

    def _acknowledged(self, number: int, on_their_way: frozenset[int]) -> None:
        if number > self._framed:
            raise ValueError(f"envelope {number} came before it was sent")
        if number < self._arrived:  # of a connection that has broken since
            return
        self._arrived, self._on_their_way = number, on_their_way
        frames = self._frames
        while frames and frames[0][0] <= number:
            self._frames_size -= len(frames.popleft()[1])
        while self._letters and self._letters[0].number <= number:
            self._letters.popleft()
        if self._barriers:
            past = [barrier for barrier in self._barriers if self._is_past(barrier)]
            self._barriers = [barrier for barrier in self._barriers if barrier not in past]
            for barrier in past:
                barrier.call()

    def pass_on(self, number: int, to: "Session") -> None:
        """An envelope of the peer has just been sent to a third node."""
        self.keeps(number)
        to._wait(Barrier(to._given, lambda: self.is_delivered(number), alone=True))  # noqa: SLF001 - of its own class

    def keeps(self, number: int) -> None:
        """An envelope of the peer waits here to be passed on."""
        self._passed_on[number] = None

    def is_delivered(self, number: int) -> None:
        """An envelope of the peer that was to be passed on has arrived."""
        if self._passed_on.pop(number, self) is None:
            self._wake(self)

    # Connections.

    def resume(self, connection: Connection, received: int) -> None:
        """Go on with a connection; the peer says what it has received."""
        self.connection = connection
        self.heard = self._now()
        self._told = (0, [])
        for last, data in self._frames:
            if last > received:
                connection.write(data)
        self.flush()

    def lose(self) -> Iterable[Letter]:
        """End the session: whoever waits is called; return what is wanted back."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None
        barriers, self._barriers = self._barriers, []
        for barrier in barriers:
            barrier.call()
        self._waiting.clear()
        self._frames.clear()
        letters, self._letters = self._letters, deque()
        return letters
