"""What two nodes tell each other, over however many connections.

Envelopes are numbered. What is not acknowledged is kept, and sent again on the next
connection, so a connection may break without anything being lost; a node that stays
away too long is *lost*, and its session with it. An envelope counts as delivered
when it has reached the mailbox of its actor, also where that is on a third node.
"""

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, Protocol

import msgspec

from actors.cluster.wire import Frame, decode_frame, encode_frame

FRAME_MOST = 256 * 1024
"""Bytes of envelopes in one frame, unless a single one is larger."""
UNDELIVERED_MOST = 4 * 1024 * 1024
"""Bytes that may be sent and not yet delivered."""
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
        self._delivered = 0
        """The number of the last that has reached its actor."""
        self._waiting: deque[bytes] = deque()
        self._waiting_size = 0
        self._frames: deque[tuple[int, bytes]] = deque()
        """Those that are not delivered, with the number of their last envelope."""
        self._frames_size = 0
        self._letters: deque[Letter] = deque()
        self._barriers: deque[tuple[int, Callable[[], None]]] = deque()
        self._received = 0
        """The number of the last envelope of the peer."""
        self._passed_on: dict[int, None] = {}
        """Numbers of the peer's envelopes that are on their way to a third node."""
        self._told = 0
        """How far the peer knows that its envelopes are delivered."""

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

    def when_delivered(self, call: Callable[[], None]) -> None:
        """Call when all that was sent so far is delivered, or the peer is lost; at once if it is."""
        if self._delivered >= self._given:
            call()
        else:
            self._barriers.append((self._given, call))

    def flush(self) -> None:
        """Send what waits, as far as the peer has delivered what came before."""
        while self._waiting and self.connection is not None and self._frames_size < UNDELIVERED_MOST:
            self._make_frame()
        if self._told < self.delivered_here:
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
        self._told = self.delivered_here
        return encode_frame(Frame(first, self._told, envelopes))

    def _write(self, data: bytes) -> None:
        if self.connection is not None:
            self.connection.write(data)

    def beat(self) -> None:
        """Say that this node is alive, and how far it is."""
        self._write(self._encode(self._framed + 1, []))

    @property
    def idle(self) -> bool:
        """Whether all that was given to either side has arrived, as far as this one knows."""
        return self._delivered >= self._given and self._told >= self._received

    # In.

    @property
    def delivered_here(self) -> int:
        """The number of the peer's last envelope that, with all before it, has reached its actor."""
        return next(iter(self._passed_on)) - 1 if self._passed_on else self._received

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
        self._acknowledged(frame.delivered)
        self._wake(self)
        if frame.first > self._received + 1:
            raise ValueError(f"envelope {frame.first} came after {self._received}")
        for number, envelope in enumerate(frame.envelopes, frame.first):
            if number > self._received:
                self._received = number
                self._deliver(self, number, bytes(envelope))

    def _acknowledged(self, number: int) -> None:
        if not self._delivered <= number <= self._framed:
            if number < self._delivered:
                return
            raise ValueError(f"envelope {number} was delivered before it was sent")
        self._delivered = number
        frames = self._frames
        while frames and frames[0][0] <= number:
            self._frames_size -= len(frames.popleft()[1])
        while self._letters and self._letters[0].number <= number:
            self._letters.popleft()
        while self._barriers and self._barriers[0][0] <= number:
            self._barriers.popleft()[1]()

    def pass_on(self, number: int, to: "Session") -> None:
        """An envelope of the peer has just been sent to a third node."""
        self._passed_on[number] = None
        to.when_delivered(lambda: self._arrived(number))

    def _arrived(self, number: int) -> None:
        self._passed_on.pop(number, None)
        self._wake(self)

    # Connections.

    def resume(self, connection: Connection, received: int) -> None:
        """Go on with a connection; the peer says what it has received."""
        self.connection = connection
        self.heard = self._now()
        self._told = 0
        for last, data in self._frames:
            if last > received:
                connection.write(data)
        self.flush()

    def lose(self) -> Iterable[Letter]:
        """End the session: whoever waits is called; return what is wanted back."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None
        barriers, self._barriers = self._barriers, deque()
        for _, call in barriers:
            call()
        self._waiting.clear()
        self._frames.clear()
        letters, self._letters = self._letters, deque()
        return letters
