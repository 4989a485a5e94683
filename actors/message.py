"""What makes a class a message, and which messages a protocol has."""

import abc
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec


class ActorProtocol:
    """The root of all protocols: what an actor accepts is a subclass of this.

    A protocol is an empty class (``class ToUpstream(ActorProtocol)``, with empty
    slots); a message is a frozen, tagged ``msgspec.Struct`` that derives from each
    protocol it belongs to.
    """

    __slots__ = ()


class Args(ActorProtocol):
    """The marker of structs that an actor is constructed with.

    Arguments travel like messages, so they are frozen, tagged structs too.
    """

    __slots__ = ()


class SystemMessage(ActorProtocol):
    """The marker of what the actor layer itself tells actors.

    Any actor may handle any of them; one without a handler never sees it.
    """

    __slots__ = ()


if TYPE_CHECKING:
    Job = msgspec.Struct
else:

    class Job(abc.ABC):  # noqa: B024 - it only answers isinstance
        """Any tagged struct: what a service is asked to do."""

        @classmethod
        def __subclasshook__(cls, other: type) -> bool:
            """Whether it is a struct."""
            return issubclass(other, msgspec.Struct)


def messages_of(protocol: type) -> Iterator[type[msgspec.Struct]]:
    """Yield each message class of the protocol once, also those of its sub-protocols."""
    seen: set[type] = set()
    todo: list[type] = [protocol]
    while todo:
        found: type
        for found in todo.pop().__subclasses__():
            if found not in seen:
                seen.add(found)
                todo.append(found)
                if issubclass(found, msgspec.Struct):
                    yield found


def tag_of(message: type) -> str:
    """Return the wire tag of a message class.

    Raises:
        TypeError: it is not a frozen struct with a tag.
    """
    config = getattr(message, "__struct_config__", None)
    if config is None or not config.frozen or not isinstance(config.tag, str):
        raise TypeError(f"{message.__qualname__} is not a frozen msgspec.Struct with a tag")
    return config.tag
