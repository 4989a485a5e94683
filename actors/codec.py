"""Messages as bytes, for whatever leaves a process.

An envelope is a msgpack array: receiver, sender or nil, tag, message, whether the text of
the message is escaped, and whether its sender wants it back when it finds nobody.
"""

import functools
from typing import Any, NamedTuple

import msgspec

from actors import surrogates
from actors.message import ActorProtocol, Job, messages_of, tag_of
from actors.ref import Ref


class Envelope(NamedTuple):
    """A message on its way."""

    to: Ref[Any]
    sender: Ref[Any] | None
    message: Any
    wanted_back: bool


class _Wire(msgspec.Struct, array_like=True, frozen=True):
    to: str
    sender: str | None
    tag: str
    message: msgspec.Raw
    escaped: bool = False
    wanted_back: bool = False


class _Registry:
    """Classes by wire tag; looks again when it meets one that it does not know."""

    def __init__(self, root: type) -> None:
        self._root = root
        self._classes: dict[str, set[type]] = {}

    def find(self, tag: str) -> type:
        """Return the class with the tag.

        Raises:
            ValueError: there is none.
            TypeError: two classes have the same tag.
        """
        if tag not in self._classes:
            self._scan()
        found = self._classes.get(tag, set())
        if not found:
            raise ValueError(f"unknown message {tag!r}")
        if len(found) > 1:
            raise TypeError(f"{' and '.join(sorted(c.__qualname__ for c in found))} have the same tag")
        return next(iter(found))

    def _scan(self) -> None:
        self._classes = {}
        for found in messages_of(self._root):
            config = found.__struct_config__
            if config.frozen and isinstance(config.tag, str):
                self._classes.setdefault(config.tag, set()).add(found)


_MESSAGES = _Registry(ActorProtocol)
_STRUCTS = _Registry(msgspec.Struct)


def encode(to: Ref[Any], sender: Ref[Any] | None, message: Any, *, wanted_back: bool = False) -> bytes:  # noqa: ANN401
    """Encode an envelope.

    Raises:
        TypeError: the message is no frozen struct with a tag, or has a value that cannot travel.
    """
    tag = tag_of(type(message))
    path = None if sender is None else sender.path
    try:
        return _encoder.encode(_Wire(to.path, path, tag, msgspec.Raw(_encoder.encode(message)), False, wanted_back))
    except UnicodeEncodeError:
        escaped = surrogates.escape(msgspec.to_builtins(message, builtin_types=(bytes,)))
        return _encoder.encode(_Wire(to.path, path, tag, msgspec.Raw(_encoder.encode(escaped)), True, wanted_back))


def decode(data: bytes) -> Envelope:
    """Decode an envelope.

    Raises:
        ValueError: it is not one, or the message is unknown or malformed.
    """
    wire = _wire_decoder.decode(data)
    kind = _MESSAGES.find(wire.tag)
    if wire.escaped:
        values = surrogates.unescape(msgspec.msgpack.decode(wire.message))
        message = _convert(values, kind)
    else:
        message = _decoder(kind).decode(wire.message)
    sender: Ref[Any] | None = None if wire.sender is None else Ref(wire.sender)
    return Envelope(Ref(wire.to), sender, message, wire.wanted_back)


def copy(message: Any) -> Any:  # noqa: ANN401 - any message
    """Return a message as it would arrive on another node."""
    return decode(encode(Ref(""), None, message)).message


def _decode_value(kind: type, value: Any) -> Any:  # noqa: ANN401 - any value
    """Decode a field that holds any message (or arguments, or a job)."""
    if kind is Job:
        registry = _STRUCTS
    elif issubclass(kind, ActorProtocol):
        registry = _MESSAGES
    else:
        raise NotImplementedError(f"{kind.__qualname__} cannot travel")
    if not isinstance(value, dict):
        raise TypeError(f"{kind.__qualname__} expected")
    return _convert(value, registry.find(value.get("type", "")))


def _convert(value: Any, kind: type) -> Any:  # noqa: ANN401 - any value
    return msgspec.convert(value, kind, builtin_types=(bytes,), dec_hook=_decode_value)


@functools.cache
def _decoder(kind: type) -> msgspec.msgpack.Decoder[Any]:
    return msgspec.msgpack.Decoder(kind, dec_hook=_decode_value)


_encoder = msgspec.msgpack.Encoder()
_wire_decoder = msgspec.msgpack.Decoder(_Wire)
