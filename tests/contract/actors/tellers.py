"""Actors that count what they tell each other, so that nothing is lost, doubled or out of order unseen."""

from typing import Any

import msgspec

from actors import Actor, ActorProtocol, Args, ChildSpec, Down, Place, Ref, Turn, on

PACKAGE = "tests"
"""Whose classes the states of these actors have."""


FIRST = 0.2
"""Seconds from the start of an actor to the first thing it tells: all know of each other by then."""


class ToTeller(ActorProtocol):
    __slots__ = ()


class TellerArgs(msgspec.Struct, Args, frozen=True, tag="tellers.args"):
    others: tuple[str, ...]
    every: float = 0.01
    """Seconds between two things that it tells."""
    children: tuple[str, ...] = ()
    away: tuple[str, ...] = ()
    """Children that are placed by themselves."""
    ballast: int = 0
    """Bytes of state."""
    first: float | None = FIRST
    """Without it, it begins when it is told to go on."""


class Tell(msgspec.Struct, ToTeller, frozen=True, tag="tellers.tell"):
    number: int


class GoOn(msgspec.Struct, ToTeller, frozen=True, tag="tellers.go-on"):
    """Tell the next."""


class Rest(msgspec.Struct, ToTeller, frozen=True, tag="tellers.rest"):
    """Tell nothing more."""


class Teller(Actor[ToTeller]):
    """Tells each of the others the next number in turn, and checks what it is told."""

    __slots__ = ("args", "ballast", "complaints", "downs", "heard", "moves", "resting", "said", "turns")

    def __init__(self, args: TellerArgs) -> None:
        self.args = args
        self.said = dict.fromkeys(args.others, 0)
        self.heard: dict[str, int] = {}
        self.complaints: list[str] = []
        self.downs: list[str] = []
        self.turns = 0
        self.moves = 0
        self.resting = False
        self.ballast = [bytes(64)] * (args.ballast // 64)

    def started(self, turn: Turn) -> None:
        for name in self.args.children:
            turn.spawn(spec(name, self._like_me()))
        for name in self.args.away:
            turn.spawn(spec(name, self._like_me(), place=Place.ANYWHERE))
        if self.args.first is not None:
            turn.after("go on", self.args.first, GoOn())

    def _like_me(self) -> TellerArgs:
        return TellerArgs(self.args.others, self.args.every, first=self.args.first)

    def moved(self, turn: Turn) -> None:
        del turn
        self.moves += 1

    @on(GoOn)
    def go_on(self, msg: GoOn, turn: Turn) -> None:
        self.turns += 1
        if self.turns == 1:
            for path in self.said:
                turn.watch(Ref(path))
        if self.resting:
            return
        for path in self.said:
            self.said[path] += 1
            turn.send(Ref[ToTeller](path), Tell(self.said[path]))
        turn.after("go on", self.args.every, msg)

    @on(Tell)
    def tell(self, msg: Tell, turn: Turn) -> None:
        assert turn.sender is not None
        sender = turn.sender.path
        expected = self.heard.get(sender, 0) + 1
        if msg.number != expected:
            self.complaints.append(f"{turn.me} expected {expected} from {sender} and heard {msg.number}")
        self.heard[sender] = msg.number

    @on(Rest)
    def rest(self, msg: Rest, turn: Turn) -> None:
        del msg, turn
        self.resting = True

    @on(Down)
    def down(self, msg: Down, turn: Turn) -> None:
        """Who has died begins anew with its numbers."""
        del turn
        self.heard.pop(msg.ref.path, None)
        self.downs.append(msg.ref.path)


def spec(name: str, args: TellerArgs, **fields: Any) -> ChildSpec:  # noqa: ANN401 - of any field
    return ChildSpec(name, f"{__name__}:Teller", args, **fields)
