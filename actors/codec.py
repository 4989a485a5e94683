"""Messages as bytes, for whatever leaves a process.

An envelope is a msgpack array: receiver, sender or nil, tag, message, whether the
message is escaped, and whether its sender wants it back when it finds nobody. Text
that is no UTF-8, since a peer sent it so and it was decoded with surrogates, has no
place in a msgpack string. In a message with such text each surrogate is written as a
mark and a character of the private use area.
"""

import functools
import re
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from actors.message import ActorProtocol, Job, messages_of, tag_of
from actors.ref import Ref

_MARK = "\ufdd0"
"""Stands before an escaped surrogate, and before itself."""
_SHIFT = 0xE000 - 0xD800
_TO_ESCAPE = re.compile(f"[\ud800-\udfff{_MARK}]")
_ESCAPED = re.compile(f"{_MARK}(.)", re.DOTALL)


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
        escaped = _walk(_escape, msgspec.to_builtins(message, builtin_types=(bytes,)))
        return _encoder.encode(_Wire(to.path, path, tag, msgspec.Raw(_encoder.encode(escaped)), True, wanted_back))


def decode(data: bytes) -> Envelope:
    """Decode an envelope.

    Raises:
        ValueError: it is not one, or the message is unknown or malformed.
    """
    wire = _wire_decoder.decode(data)
    kind = _MESSAGES.find(wire.tag)
    if wire.escaped:
        values = _walk(_unescape, msgspec.msgpack.decode(wire.message))
        message = _convert(values, kind)
    else:
        message = _decoder(kind).decode(wire.message)
    sender: Ref[Any] | None = None if wire.sender is None else Ref(wire.sender)
    return Envelope(Ref(wire.to), sender, message, wire.wanted_back)


def copy(message: Any) -> Any:  # noqa: ANN401 - any message
    """Return a message as it would arrive on another node."""
    return decode(encode(Ref(""), None, message)).message


def _walk(change: Callable[[str], str], value: Any) -> Any:  # noqa: ANN401 - any value
    """Change all text within plain values."""
    match value:
        case str():
            return change(value)
        case dict():
            return {_walk(change, key): _walk(change, item) for key, item in value.items()}
        case list() | tuple():
            return [_walk(change, item) for item in value]
        case _:
            return value


def _escape(text: str) -> str:
    return _TO_ESCAPE.sub(lambda found: _MARK + (_MARK if found[0] == _MARK else chr(ord(found[0]) + _SHIFT)), text)


def _unescape(text: str) -> str:
    return _ESCAPED.sub(lambda found: _MARK if found[1] == _MARK else chr(ord(found[1]) - _SHIFT), text)


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
