"""A bench for one actor: its turns as values, without an engine."""

import random
from typing import Any, NamedTuple

from actors.actor import Actor
from actors.behaviour import behaviour
from actors.link import Endpoint, Link
from actors.message import ActorProtocol, Args, SystemMessage
from actors.ref import Ref
from actors.supervision import ChildSpec
from actors.system import ChildGone
from actors.turn import Effect, Kind, Turn


class Sent(NamedTuple):
    """A message and whom it was sent to."""

    to: Ref[Any]
    message: Any


class Performed(NamedTuple):
    """A job and the service that was asked to do it."""

    service: str
    job: Any


class Alarm(NamedTuple):
    """An alarm that was set: when it is due, and what it says."""

    due: float
    message: Any


class BenchTurn:
    """What an actor did in one turn, or in the turns of several alarms."""

    def __init__(self, effects: list[Effect]) -> None:
        self.effects = effects

    def _values(self, *kinds: Kind) -> list[tuple[Any, Any]]:
        return [(a, b) for kind, a, b in self.effects if kind in kinds]

    def _first(self, kind: Kind) -> list[Any]:
        return [a for a, _ in self._values(kind)]

    @property
    def sent(self) -> list[Sent]:
        """Messages to other actors."""
        return [Sent(to, msg) for to, msg in self._values(Kind.SEND, Kind.SEND_OR_RETURN)]

    @property
    def written(self) -> dict[Link, bytes]:
        """Bytes by link."""
        written: dict[Link, bytes] = {}
        for link, data in self._values(Kind.WRITE):
            written[link] = written.get(link, b"") + data
        return written

    @property
    def alarms(self) -> dict[str, tuple[float, Any]]:
        """Delay and message of each alarm that was set, by name."""
        return dict(self._values(Kind.AFTER))

    @property
    def cancelled(self) -> list[str]:
        """Names of alarms."""
        return self._first(Kind.CANCEL)

    @property
    def spawned(self) -> list[ChildSpec]:
        """Specs of children."""
        return self._first(Kind.SPAWN)

    @property
    def stopped(self) -> list[Ref[Any]]:
        """Refs of children, or of the actor itself."""
        return self._first(Kind.STOP)

    @property
    def watched(self) -> list[Ref[Any]]:
        """Refs whose end is to be told."""
        return self._first(Kind.WATCH)

    @property
    def unwatched(self) -> list[Ref[Any]]:
        """Refs whose end is not to be told any more."""
        return self._first(Kind.UNWATCH)

    @property
    def performed(self) -> list[Performed]:
        """Jobs for services."""
        return [Performed(service, job) for service, job in self._values(Kind.PERFORM)]

    @property
    def dialed(self) -> list[tuple[Link, Endpoint]]:
        """Links that are to be connected."""
        return self._values(Kind.DIAL)

    @property
    def listened(self) -> list[tuple[Link, Endpoint]]:
        """Links that are to listen."""
        return self._values(Kind.LISTEN)

    @property
    def closed(self) -> list[Link]:
        """Links closed in order."""
        return self._first(Kind.CLOSE)

    @property
    def aborted(self) -> list[Link]:
        """Links closed at once."""
        return self._first(Kind.ABORT)

    @property
    def paused(self) -> list[Link]:
        """Links that are not read any more."""
        return self._first(Kind.PAUSE)

    @property
    def resumed(self) -> list[Link]:
        """Links that are read again."""
        return self._first(Kind.RESUME)

    @property
    def given(self) -> list[tuple[Link, Ref[Any]]]:
        """Links and their new owners."""
        return self._values(Kind.GIVE)


class Bench:
    """One actor on a bench: tell it something, look at its turn.

    Time is virtual and starts at zero; alarms fire in :meth:`advance`. What a
    handler raises reaches the test.
    """

    def __init__(
        self,
        actor: type[Actor[Any]],
        args: Args | None = None,
        *,
        path: str = "actor",
        seed: int = 0,
        wall: float = 1_700_000_000.0,
    ) -> None:
        self.ref: Ref[Any] = Ref(path)
        self.now = 0.0
        self.alarms: dict[str, Alarm] = {}
        """Those that are set now, by name."""
        self.children: set[str] = set()
        """Names of those that were spawned; forget one to let its name be used again."""
        self._wall = wall
        self._rng = random.Random(seed)  # noqa: S311 - chance that tests can repeat
        self._links = 0
        self.actor: Any = actor(args)
        self.first = self._turn(None, self.actor.started)
        """The turn of ``started``."""

    def tell(self, msg: ActorProtocol, sender: Ref[Any] | None = None) -> BenchTurn:
        """Let the actor handle a message.

        Raises:
            TypeError: it has no handler for it (system messages are then passed over).
        """
        if isinstance(msg, ChildGone):
            self.children.discard(msg.child.path.rpartition("/")[2])
        handler = self.actor.handlers.get(type(msg))
        if handler is not None:
            return self._turn(sender, lambda turn: handler(self.actor, msg, turn))
        if isinstance(msg, SystemMessage):
            return BenchTurn([])
        raise TypeError(f"{type(self.actor).__qualname__} has no handler for {type(msg).__qualname__}")

    def advance(self, seconds: float) -> BenchTurn:
        """Let time pass; return what the actor did at all alarms that became due."""
        end = self.now + seconds
        effects: list[Effect] = []
        while due := [(alarm.due, name) for name, alarm in self.alarms.items() if alarm.due <= end]:
            at, name = min(due)
            self.now = max(self.now, at)
            effects += self.tell(self.alarms.pop(name).message).effects
        self.now = end
        return BenchTurn(effects)

    def stop(self) -> BenchTurn:
        """Let the actor take its last turn."""
        return self._turn(None, self.actor.stopping)

    def _turn(self, sender: Ref[Any] | None, run: Any) -> BenchTurn:  # noqa: ANN401 - a handler of any actor
        turn = Turn(self, self.ref, self.now)
        turn.sender = sender
        run(turn)
        for kind, a, b in turn.effects:
            if kind is Kind.AFTER:
                self.alarms[a] = Alarm(self.now + b[0], b[1])
            elif kind is Kind.CANCEL:
                self.alarms.pop(a, None)
            elif kind is Kind.SPAWN:
                self.children.add(a.name)
        return BenchTurn(turn.effects)

    def wall(self) -> float:
        """Return the virtual Unix time."""
        return self._wall + self.now

    def random(self) -> random.Random:
        """Return the seeded source of chance."""
        return self._rng

    def new_link(self) -> Link:
        """Return the next link: 1, 2, and so on."""
        self._links += 1
        return Link(self._links)

    def has_child(self, name: str) -> bool:
        """Whether a child of that name was spawned."""
        return name in self.children

    def is_child(self, ref: Ref[Any]) -> bool:
        """Whether a child of that name was spawned."""
        return ref.path.rpartition("/")[2] in self.children

    def check_behaviour(self, behaviour_path: str) -> None:
        """Import the class of a child."""
        behaviour(behaviour_path)
