"""What a handler is given: the time, chance, and effects."""

import enum
import random
from typing import Any, Protocol, TypeVar

from actors.link import Endpoint, Link
from actors.message import ActorProtocol, Job
from actors.ref import Ref
from actors.supervision import ChildSpec

M = TypeVar("M", bound=ActorProtocol)


class Undelivered(enum.Enum):
    """What becomes of a message whose receiver is gone."""

    DROP = "drop"
    RETURN = "return"
    """The sender gets ``Returned``."""


class Kind(enum.Enum):
    """What an effect does, and the two values it has."""

    SEND = "send"
    """to, message"""
    SEND_OR_RETURN = "send-or-return"
    """to, message"""
    AFTER = "after"
    """name, (delay, message)"""
    CANCEL = "cancel"
    """name, None"""
    SPAWN = "spawn"
    """spec, ref"""
    STOP = "stop"
    """ref, None"""
    WATCH = "watch"
    """ref, None"""
    UNWATCH = "unwatch"
    """ref, None"""
    PERFORM = "perform"
    """service, job"""
    DIAL = "dial"
    """link, endpoint"""
    LISTEN = "listen"
    """link, endpoint"""
    WRITE = "write"
    """link, bytes"""
    CLOSE = "close"
    """link, None"""
    ABORT = "abort"
    """link, None"""
    PAUSE = "pause"
    """link, None"""
    RESUME = "resume"
    """link, None"""
    GIVE = "give"
    """link, ref"""


SEND = Kind.SEND
WRITE = Kind.WRITE
DROP = Undelivered.DROP

Effect = tuple[Kind, Any, Any]


class Context(Protocol):
    """What a turn must know of the actor that takes it."""

    def wall(self) -> float:
        """Return the Unix time in seconds."""

    def random(self) -> random.Random:
        """Return the actor's own source of chance."""

    def new_link(self) -> Link:
        """Return a link that nobody has."""

    def has_child(self, name: str) -> bool:
        """Whether the actor has a child of that name, running or waiting for its restart."""

    def is_child(self, ref: Ref[Any]) -> bool:
        """Whether it is a child of the actor."""

    def check_behaviour(self, behaviour: str) -> None:
        """Import an actor class, and raise if that fails."""


class Turn:
    """One run of one handler.

    Everything it is asked to do is done when the handler returns, in order, and
    forgotten when the handler raises. A turn is of no use after its handler.
    """

    __slots__ = ("context", "effects", "me", "now", "sender")

    def __init__(self, context: Context, me: Ref[Any], now: float) -> None:
        self.context = context
        self.me = me
        self.sender: Ref[Any] | None = None
        """Who sent the message; nobody for links, alarms and the outside."""
        self.now = now
        """Seconds on the monotonic clock."""
        self.effects: list[Effect] = []

    @property
    def wall(self) -> float:
        """Unix time in seconds."""
        return self.context.wall()

    @property
    def rng(self) -> random.Random:
        """The actor's own source of chance, seeded in tests."""
        return self.context.random()

    def send(self, to: Ref[M], msg: M, *, undelivered: Undelivered = DROP) -> None:
        """Send a message; messages from one actor to another keep their order."""
        self.effects.append((SEND if undelivered is DROP else Kind.SEND_OR_RETURN, to, msg))

    def after(self, name: str, delay: float, msg: ActorProtocol) -> None:
        """Send myself a message in ``delay`` seconds, in place of any alarm of that name."""
        self.effects.append((Kind.AFTER, name, (delay, msg)))

    def cancel(self, name: str) -> None:
        """Forget an alarm, also one that is due but not yet handled."""
        self.effects.append((Kind.CANCEL, name, None))

    def spawn(self, spec: ChildSpec) -> Ref[Any]:
        """Start a child and return its ref: my path, a slash and its name.

        Raises:
            ValueError: the name is empty, has a slash, or is that of another child.
            ImportError: the behaviour cannot be found.
            TypeError: the behaviour is not an actor class.
        """
        name = spec.name
        if not name or "/" in name:
            raise ValueError(f"{name!r} is no name for a child")
        taken = any(kind is Kind.SPAWN and child.name == name for kind, child, _ in self.effects)
        if taken or self.context.has_child(name):
            raise ValueError(f"there is a child {name!r} already")
        self.context.check_behaviour(spec.behaviour)
        ref = spec.ref(self.me)
        self.effects.append((Kind.SPAWN, spec, ref))
        return ref

    def stop(self, ref: Ref[Any] | None = None) -> None:
        """Stop a child, or myself when this turn ends; in order, children first.

        Messages sent before are handled before; a child that is gone already is fine.

        Raises:
            ValueError: it is neither me nor a child of mine.
        """
        to = self.me if ref is None else ref
        if to != self.me and to.path.rpartition("/")[0] != self.me.path and not self.context.is_child(to):
            raise ValueError(f"{to.path} is not a child of {self.me.path}")
        self.effects.append((Kind.STOP, to, None))

    def watch(self, ref: Ref[Any]) -> None:
        """Get one ``Down`` when that actor ends, at once if it does not run."""
        self.effects.append((Kind.WATCH, ref, None))

    def unwatch(self, ref: Ref[Any]) -> None:
        """Do not get a ``Down`` any more."""
        self.effects.append((Kind.UNWATCH, ref, None))

    def perform(self, service: str, job: Job) -> None:
        """Have a service do a job; its answer comes from ``Ref("service/<name>")``."""
        self.effects.append((Kind.PERFORM, service, job))

    def dial(self, endpoint: Endpoint) -> Link:
        """Connect; ``Opened`` or ``OpenFailed`` will follow."""
        link = self.context.new_link()
        self.effects.append((Kind.DIAL, link, endpoint))
        return link

    def listen(self, endpoint: Endpoint) -> Link:
        """Listen; ``Listening`` or ``OpenFailed`` will follow."""
        link = self.context.new_link()
        self.effects.append((Kind.LISTEN, link, endpoint))
        return link

    def write(self, link: Link, data: bytes) -> None:
        """Write to a link of mine; nothing happens if it is closed."""
        self.effects.append((WRITE, link, data))

    def close(self, link: Link) -> None:
        """Write what is waiting, then close; no more bytes are received."""
        self.effects.append((Kind.CLOSE, link, None))

    def abort(self, link: Link) -> None:
        """Close at once; what is waiting is lost."""
        self.effects.append((Kind.ABORT, link, None))

    def pause(self, link: Link) -> None:
        """Stop reading. What was read already still comes."""
        self.effects.append((Kind.PAUSE, link, None))

    def resume(self, link: Link) -> None:
        """Read again."""
        self.effects.append((Kind.RESUME, link, None))

    def give(self, link: Link, to: Ref[Any]) -> None:
        """Hand a link of mine to another actor on this node, with its events that I have not handled.

        Tell the new owner first: what is sent before the link is handled before its events.
        """
        self.effects.append((Kind.GIVE, link, to))
