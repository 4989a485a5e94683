"""The actors of the benchmarks."""

from collections.abc import Callable

import msgspec

from actors import Actor, ActorProtocol, Args, Ref, Turn, Window, on


class ToPlayer(ActorProtocol):
    """What the players accept."""

    __slots__ = ()


class Ball(msgspec.Struct, ToPlayer, frozen=True, tag="bench.ball"):
    """Goes to and fro, so often."""

    left: int


class Serve(msgspec.Struct, ToPlayer, frozen=True, tag="bench.serve"):
    """Begin."""

    count: int


class Item(msgspec.Struct, ToPlayer, frozen=True, tag="bench.item"):
    """One of a stream."""

    number: int
    text: str


class Credit(msgspec.Struct, ToPlayer, frozen=True, tag="bench.credit"):
    """So many items were handled."""

    count: int


class PlayerArgs(msgspec.Struct, Args, frozen=True, tag="bench.args"):
    """The other player."""

    other: Ref[ToPlayer]


class Marks:
    """What the benchmark waits for."""

    done: Callable[[float], None]


class Player(Actor[ToPlayer]):
    """Plays ping-pong; sends a stream under credit, or counts one."""

    __slots__ = ("count", "left", "other", "window")
    BATCH = 100

    def __init__(self, args: PlayerArgs) -> None:
        self.other = args.other
        self.window = Window(50)
        self.left = 0
        self.count = 0

    @on(Ball)
    def ball(self, msg: Ball, turn: Turn) -> None:
        """Return it."""
        if msg.left:
            turn.send(self.other, Ball(msg.left - 1))
        else:
            Marks.done(turn.now)

    @on(Serve)
    def serve(self, msg: Serve, turn: Turn) -> None:
        """Begin a stream."""
        self.left = msg.count
        self._stream(turn)

    def _stream(self, turn: Turn) -> None:
        while self.left and self.window.take():
            for number in range(self.BATCH):
                turn.send(self.other, Item(number, "a line of text"))
            self.left -= self.BATCH

    @on(Item)
    def item(self, msg: Item, turn: Turn) -> None:
        """Count it, and give credit for a batch."""
        if msg.number == self.BATCH - 1:
            self.count += self.BATCH
            turn.send(self.other, Credit(self.BATCH))

    @on(Credit)
    def credit(self, msg: Credit, turn: Turn) -> None:
        """Go on with the stream, or end it."""
        del msg
        self.window.give()
        self._stream(turn)
        if not self.left and not self.window.under_way:
            Marks.done(turn.now)


class Idler(Actor[ToPlayer]):
    """Does nothing but say when."""

    __slots__ = ()

    @on(Ball)
    def ball(self, msg: Ball, turn: Turn) -> None:
        """Say when it came."""
        del msg
        Marks.done(turn.now)

    @on(Item)
    def item(self, msg: Item, turn: Turn) -> None:
        """Do a little work."""

    @on(Serve)
    def serve(self, msg: Serve, turn: Turn) -> None:
        """Do nothing."""

    @on(Credit)
    def credit(self, msg: Credit, turn: Turn) -> None:
        """Do nothing."""


class ToMover(ActorProtocol):
    """What the mover accepts."""

    __slots__ = ()


class Line(msgspec.Struct, ToMover, frozen=True, tag="bench.line"):
    """Something that is said."""

    text: str


class Mover(Actor[ToMover]):
    """Has a state, and says when it has come to another node."""

    __slots__ = ("lines", "number")

    def __init__(self, args: Args | None) -> None:
        del args
        self.lines = {f"#channel-{number}": f"{number:05} a line of text that was said" for number in range(1320)}
        self.number = 0

    def moved(self, turn: Turn) -> None:
        """Say so."""
        Marks.done(turn.now)

    @on(Line)
    def line(self, msg: Line, turn: Turn) -> None:
        """Count it."""
        del msg, turn
        self.number += 1
