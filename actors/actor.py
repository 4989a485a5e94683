"""The actor: state, and one method for each message of its protocol."""

import enum
import typing
from collections.abc import Callable
from typing import Any, ClassVar, Generic, TypeVar

from actors.message import ActorProtocol, Args, SystemMessage, messages_of, tag_of
from actors.turn import Turn

P_contra = TypeVar("P_contra", bound=ActorProtocol, contravariant=True)
A = TypeVar("A")
M = TypeVar("M", bound=ActorProtocol)
Handler = Callable[[Any, Any, Turn], None]


class Full(enum.Enum):
    """What happens to a message that finds the mailbox full."""

    WAIT = "wait"
    """Its senders have credit, so it cannot; if it does, that is logged as a bug and it is refused."""
    DROP_OLDEST = "drop-oldest"
    """The oldest waiting message of the same class makes room; without one it is dropped itself."""
    REFUSE = "refuse"
    """Its sender gets ``Refused``."""


def on(
    message: type[M], full: Full = Full.WAIT
) -> Callable[[Callable[[A, M, Turn], None]], Callable[[A, M, Turn], None]]:
    """Mark the method that handles a message."""

    def mark(method: Callable[[A, M, Turn], None]) -> Callable[[A, M, Turn], None]:
        method.__handles__ = (message, full)  # type: ignore[attr-defined]
        return method

    return mark


class Actor(Generic[P_contra]):
    """What an actor does, without how it is run.

    A subclass names its protocol, ``class Upstream(Actor[ToUpstream])``, and has
    exactly one :func:`on` method for each message of it; it may handle system
    messages too. A class with a missing or a surplus handler is not created.
    """

    __slots__ = ()
    handlers: ClassVar[dict[type, Handler]] = {}
    """By message class."""
    when_full: ClassVar[dict[type, Full]] = {}
    """By message class."""

    def __init__(self, args: Args | None) -> None:
        """Take the arguments of the spec; anything that needs a turn is for :meth:`started`."""

    def started(self, turn: Turn) -> None:
        """Take the first turn, at each start and restart."""

    def moved(self, turn: Turn) -> None:
        """Take the first turn on another node."""

    def stopping(self, turn: Turn) -> None:
        """Take the last turn, after the children have ended; not when it failed."""

    def __init_subclass__(cls, **kwargs: Any) -> None:  # noqa: ANN401 - passed on as it is
        """Collect the handlers and check them against the protocol.

        Raises:
            TypeError: a handler is missing, surplus or there twice, or a message is not one.
        """
        super().__init_subclass__(**kwargs)
        protocol = _protocol(cls)
        if protocol is not None:
            cls.handlers, cls.when_full = _handlers(cls)
            _check(cls, protocol)


def _protocol(cls: type) -> type | None:
    for base in cls.__mro__:
        for origin in getattr(base, "__orig_bases__", ()):
            if typing.get_origin(origin) is Actor:
                (protocol,) = typing.get_args(origin)
                return protocol if isinstance(protocol, type) else None
    return None


def _handlers(cls: type) -> tuple[dict[type, Handler], dict[type, Full]]:
    """Find the marked methods; a method replaces the inherited one of the same name."""
    handlers: dict[type, Handler] = {}
    policies: dict[type, Full] = {}
    for name in dir(cls):
        method = getattr(cls, name)
        if hasattr(method, "__handles__"):
            message, full = method.__handles__
            if message in handlers:
                raise TypeError(f"{cls.__qualname__} has two handlers for {message.__qualname__}")
            handlers[message], policies[message] = method, full
    return handlers, policies


def _check(cls: type[Actor[Any]], protocol: type) -> None:
    wanted = set(messages_of(protocol))
    for message in wanted:
        tag_of(message)
    missing = wanted - cls.handlers.keys()
    surplus = {m for m in cls.handlers.keys() - wanted if not issubclass(m, SystemMessage)}
    for what, messages in (("no", missing), ("a surplus", surplus)):
        if messages:
            names = ", ".join(sorted(m.__qualname__ for m in messages))
            raise TypeError(f"{cls.__qualname__} has {what} handler for {names}")
