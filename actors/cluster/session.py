"""What two nodes tell each other, over however many connections.

Envelopes are numbered. What is not acknowledged is kept, and sent again on the next
connection, so a connection may break without anything being lost; a node that stays
away too long is *lost*, and its session with it. An envelope that has come is delivered
once it has reached the mailbox of its actor, which may be on a third node; until then it
is kept, too, because the peer may be lost before it has passed it on.
"""

import itertools
import logging
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from actors.cluster.wire import ENVELOPES_MOST, SAYS_NOTHING, Frame, decode_frame, encode_frame

log = logging.getLogger(__name__)

FRAME_MOST = 256 * 1024
"""Bytes of one frame, unless it has a single envelope."""
UNDER_WAY_MOST = 4 * 1024 * 1024
"""Bytes that may be sent and not yet received."""
MESSAGE_MOST = 8 * 1024 * 1024
"""Bytes of a frame with one envelope."""
CONGESTED, ROOM = 8 * 1024 * 1024, 2 * 1024 * 1024
"""Bytes that wait to be sent, from which on, and down to which, it is said that nothing more should be sent."""
WAITING_MOST = 64 * 1024 * 1024
"""Bytes that may wait to be sent; more is refused."""

Sendable = tuple[Any, ...]
"""The parts of an envelope."""


class Connection(Protocol):
    """A connection to a peer, which it has proved to be."""

    def write(self, frame: bytes) -> None:
        """Send a frame."""

    def abort(self, reason: str) -> None:
        """End it, and forget what it has not sent yet; nothing is heard of it any more."""


class Origin(NamedTuple):
    """The envelope in which a message came to this node."""

    session: "Session"
    number: int


class Made(NamedTuple):
    """A frame that has not arrived."""

    first: int
    data: bytes
    envelopes: list[Sendable]

    @property
    def last(self) -> int:
        """The number of its last envelope."""
        return self.first + len(self.envelopes) - 1


class Unsure(NamedTuple):
    """An envelope of which is not known that it was delivered."""

    number: int
    envelope: Sendable
    origin: Origin | None


class Barrier(NamedTuple):
    """Somebody who waits until an envelope and all before it are delivered."""

    number: int
    call: Callable[[], None]


Deliver = Callable[["Session", int, Any], None]


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
        """When anything of the peer was last heard, be it a part of a frame."""
        self._now = now
        self._deliver = deliver
        self._wake = wake
        """Has :meth:`flush` called soon."""
        self._given = 0
        """The number of the last envelope to be sent."""
        self._sent = 0
        """The number of the last that was sent."""
        self._arrived = 0
        """The number of the last that has come to the peer."""
        self._on_their_way: dict[int, Sendable] = {}
        """Those among them that the peer has passed on, and that are not delivered."""
        self._waiting: list[Sendable] = []
        """In no frame yet: what was said in this tick."""
        self._made: deque[Made] = deque()
        """Frames that were not sent yet."""
        self._made_size = 0
        self._congested = False
        """Somebody was told so, and waits for room."""
        self.on_room: Callable[[], None] = lambda: None
        self._under_way: deque[Made] = deque()
        """Frames that have not arrived."""
        self._under_way_size = 0
        self._origins: dict[int, Origin] = {}
        """Where those came from that are passed on."""
        self._barriers: list[Barrier] = []
        self._known: dict[str, int] = {}
        """What was sent to these paths, and those below, is delivered, up to a number, whatever the peer says."""
        self.received = 0
        """The number of the last envelope of the peer."""
        self.bytes = 0
        """Of frames, in both directions."""
        self._passed_on: dict[int, None] = {}
        """Numbers of the peer's envelopes that are on their way to a third node."""
        self._told: tuple[int, list[int]] = (0, [])
        """What the peer knows of its envelopes."""

    # Out.

    @property
    def full(self) -> bool:
        """Whether nothing more can be taken."""
        return self._made_size >= WAITING_MOST

    @property
    def congested(self) -> bool:
        """Whether who can should send nothing more until there is room."""
        self._congested = self._congested or self._made_size >= CONGESTED
        return self._congested

    def send(self, envelope: Sendable, origin: Origin | None = None) -> None:
        """Let an envelope wait for the next frame; one that is passed on has an origin."""
        if not self._waiting:
            self._wake(self)
        self._waiting.append(envelope)
        self._given += 1
        if origin is not None:
            self._origins[self._given] = origin
            origin.session.keeps(origin.number)

    @property
    def given(self) -> int:
        """The number of the last envelope to be sent."""
        return self._given

    def is_known(self, path: str, number: int) -> None:
        """All that was sent to an actor up to a number is delivered."""
        if self._arrived < number or self._on_their_way:
            self._known[path] = number

    def is_sure(self, number: int, path: str) -> bool:
        """Whether it is known that an envelope to an actor was delivered, although the peer has not said so."""
        return any(number <= upto and (path == p or path.startswith(f"{p}/")) for p, upto in self._known.items())

    def when_all_delivered(self, call: Callable[[], None]) -> None:
        """Call when all that was sent so far is delivered, or the peer is lost; at once if it is."""
        barrier = Barrier(self._given, call)
        if self._is_past(barrier):
            call()
        else:
            self._barriers.append(barrier)

    def _is_past(self, barrier: "Barrier") -> bool:
        return self._arrived >= barrier.number and not any(number <= barrier.number for number in self._on_their_way)

    def flush(self) -> None:
        """Send what waits, as far as the peer has received what came before."""
        waiting, self._waiting = self._waiting, []
        first = self._given - len(waiting) + 1
        for start in range(0, len(waiting), ENVELOPES_MOST):
            self._make(first + start, waiting[start : start + ENVELOPES_MOST])
        while self._made and self.connection is not None and self._under_way_size < UNDER_WAY_MOST:
            made = self._made.popleft()
            self._made_size -= len(made.data)
            self._under_way.append(made)
            self._under_way_size += len(made.data)
            self._sent = made.last
            self._write(made.data)
        if self._congested and self._made_size <= ROOM:
            self._congested = False
            self.on_room()
        if self._told != (self.received, list(self._passed_on)):
            self.beat()

    def _make(self, first: int, envelopes: list[Sendable]) -> None:
        """Make a frame, or several if it is too large."""
        data, complaints = encode_frame(Frame(first, SAYS_NOTHING, [], envelopes))
        count = len(envelopes)
        if len(data) > FRAME_MOST and count > 1:
            part = max(1, count * FRAME_MOST // (2 * len(data)))
            for start in range(0, count, part):
                self._make(first + start, envelopes[start : start + part])
            return
        if len(data) > MESSAGE_MOST:
            kind = type(envelopes[0][2]).__qualname__
            complaints = [f"{kind} of {envelopes[0][1]} has {len(data)} bytes: too many to be sent"]
            data, _ = encode_frame(Frame(first, SAYS_NOTHING, [], [None]))
        for complaint in complaints:
            log.error("%s", complaint)
        self._made.append(Made(first, data, envelopes))
        self._made_size += len(data)

    def _write(self, data: bytes) -> None:
        if self.connection is not None:
            self.bytes += len(data)
            self.connection.write(data)

    def beat(self) -> None:
        """Say that this node is alive, and how far it is."""
        self._told = (self.received, list(self._passed_on))
        data, _ = encode_frame(Frame(self._sent + 1, *self._told))
        self._write(data)

    @property
    def idle(self) -> bool:
        """Whether all that was given to either side is delivered, as far as this one knows."""
        everything = self._arrived >= self._given and not self._on_their_way
        return everything and self._told == (self.received, [])

    # In.

    def hear(self) -> None:
        """Note that the peer is alive."""
        self.heard = self._now()

    def take(self, data: bytes | memoryview) -> None:
        """Take a frame of the peer.

        Raises:
            ValueError: it is not one, or not the next.
        """
        self.hear()
        self.bytes += len(data)
        first, received, passed_on, envelopes = decode_frame(data)
        if received != SAYS_NOTHING:
            self._acknowledged(received, passed_on)
        if first > self.received + 1:
            raise ValueError(f"envelope {first} came after {self.received}")
        self._wake(self)
        deliver = self._deliver
        for envelope in envelopes[self.received + 1 - first :]:
            self.received += 1
            deliver(self, self.received, envelope)

    def _acknowledged(self, number: int, passed_on: list[int]) -> None:
        if number > self._sent:
            raise ValueError(f"envelope {number} came before it was sent")
        if number < self._arrived:  # of a connection that has broken since
            return
        kept = self._on_their_way
        frames = self._under_way
        if passed_on:
            for made in itertools.takewhile(lambda made: made.first <= number, frames):
                kept.update(enumerate(made.envelopes, made.first))
        while frames and frames[0].last <= number:
            self._under_way_size -= len(frames.popleft().data)
        self._arrived = number
        self._on_their_way = {number: kept[number] for number in passed_on if number in kept}
        self._tell_origins()
        if self._known and not kept:
            self._known = {path: upto for path, upto in self._known.items() if upto > number}
        if self._barriers:
            past = [barrier for barrier in self._barriers if self._is_past(barrier)]
            self._barriers = [barrier for barrier in self._barriers if barrier not in past]
            for barrier in past:
                barrier.call()

    def _tell_origins(self) -> None:
        """Let those from whom envelopes came that were passed on know that they are delivered."""
        for number in list(itertools.takewhile(lambda number: number <= self._arrived, self._origins)):
            if number not in self._on_their_way:
                origin = self._origins.pop(number)
                origin.session.is_delivered(origin.number)

    def keeps(self, number: int) -> None:
        """An envelope of the peer waits here, or is on its way to a third node."""
        self._passed_on[number] = None

    def is_delivered(self, number: int) -> None:
        """An envelope of the peer that was kept or passed on has arrived."""
        if self._passed_on.pop(number, self) is None:
            self._wake(self)

    # Connections.

    def resume(self, connection: Connection, received: int) -> None:
        """Go on with a connection; the peer says what it has received."""
        self.connection = connection
        self.hear()
        self._told = (0, [])
        for made in self._under_way:
            if made.last > received:
                self._write(made.data)
        self.flush()

    def lose(self) -> list[Unsure]:
        """End the session; return what may not have been delivered."""
        if self.connection is not None:
            self.connection.abort(f"node {self.peer} is lost")
            self.connection = None
        unsure = self._on_their_way
        frames = [*self._under_way, *self._made, Made(self._given - len(self._waiting) + 1, b"", self._waiting)]
        for made in frames:
            unsure.update(one for one in enumerate(made.envelopes, made.first) if one[0] > self._arrived)
        self._under_way.clear()
        self._made.clear()
        self._waiting = []
        return [
            Unsure(number, envelope, self._origins.get(number))
            for number, envelope in unsure.items()
            if not self.is_sure(number, envelope[0].path)
        ]

    def release(self) -> None:
        """Call whoever waits: nothing more is delivered by a session that is lost."""
        barriers, self._barriers = self._barriers, []
        for barrier in barriers:
            barrier.call()
