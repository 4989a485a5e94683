"""Messages as bytes, for whatever leaves a process.

An envelope is a msgpack array: receiver, sender or nil, message, whether its sender wants it
back when it finds nobody, and where its travel began if it is passed on. What ends it may be
left out. A message is a map with its tag; one whose text is no UTF-8 is within another,
:class:`Escaped`.

Envelopes are encoded and decoded many at a time, by one call of the encoder: the types that
have come so far are known to one decoder, and where that one fails, each is decoded by itself.
"""

import functools
import operator
import types
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec

from actors import surrogates
from actors.message import ActorProtocol, Job, SystemMessage, messages_of, tag_of
from actors.ref import Ref

Began = tuple[str, int, int]
"""Where the travel of an envelope began: the node, the number of its session, and its number there."""


class Envelope(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A message on its way."""

    to: Ref[Any]
    sender: Ref[Any] | None
    message: Any
    wanted_back: bool = False
    began: Began | None = None


class Escaped(msgspec.Struct, SystemMessage, frozen=True, tag="cluster.escaped"):
    """A message with text that is no UTF-8, and the paths of its receiver and its sender."""

    to: str
    sender: str | None
    tag: str
    values: Any


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


# Out.


def encode(to: Ref[Any], sender: Ref[Any] | None, message: Any, *, wanted_back: bool = False) -> bytes:  # noqa: ANN401
    """Encode one envelope.

    Raises:
        TypeError: the message is no frozen struct with a tag, or has a value that cannot travel.
    """
    return bytes(_careful(Envelope(to, sender, message, wanted_back)))


def encode_all(head: Sequence[Any], envelopes: Sequence[Sequence[Any]]) -> tuple[bytes, list[str]]:
    """Encode an array that ends with an array of envelopes; return it, and a complaint for each that is left out.

    What is left out leaves its place empty.
    """
    try:
        return _encoder.encode((*head, envelopes)), []
    except (TypeError, UnicodeEncodeError, OverflowError):
        complaints: list[str] = []
        return _encoder.encode((*head, [_careful_or_none(Envelope(*one), complaints) for one in envelopes])), complaints


def _careful_or_none(envelope: Envelope, complaints: list[str]) -> msgspec.Raw | None:
    try:
        return _careful(envelope)
    except (TypeError, OverflowError) as error:
        kind = type(envelope.message).__qualname__
        complaints.append(f"{envelope.sender} cannot send {kind} to another node: {error}")
        return None


def _careful(envelope: Envelope) -> msgspec.Raw:
    """Encode an envelope whatever text it has."""
    to, sender, message = envelope.to, envelope.sender, envelope.message
    wanted_back, began = envelope.wanted_back, envelope.began
    tag = tag_of(type(message))
    end = () if began is None and not wanted_back else (wanted_back, began)
    try:
        return msgspec.Raw(_encoder.encode((to, sender, message, *end)))
    except UnicodeEncodeError:
        escaped = Escaped(
            surrogates.escape(to.path),
            None if sender is None else surrogates.escape(sender.path),
            tag,
            surrogates.escape(msgspec.to_builtins(message, builtin_types=(bytes,))),
        )
        return msgspec.Raw(_encoder.encode((Ref(""), None, escaped, *end)))


# In.


class _Rough(Envelope, array_like=True, frozen=True):
    """An envelope whose message is not decoded yet."""

    message: msgspec.Raw


class _Tagged(msgspec.Struct, frozen=True):
    type: str


def decode(data: bytes) -> Envelope:
    """Decode one envelope.

    Raises:
        ValueError: it is not one, or the message is unknown or malformed.
    """
    try:
        return _decode_rough(_rough_decoder.decode(data))
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _decode_rough(rough: _Rough) -> Envelope:
    kind = _MESSAGES.find(_tag_decoder.decode(rough.message).type)
    message = _decoder(kind).decode(rough.message)
    to, sender = rough.to, rough.sender
    if kind is Escaped:
        path, sender_path, values = surrogates.unescape([message.to, message.sender, message.values])
        to, sender = Ref(path), None if sender_path is None else Ref(sender_path)
        message = _convert(values, _MESSAGES.find(message.tag))
    return Envelope(to, sender, message, rough.wanted_back, rough.began)


class Decoder:
    """Decodes arrays that end with an array of envelopes."""

    def __init__(self, *head: Any, most: int) -> None:  # noqa: ANN401 - types of what stands before the envelopes
        self._head = head
        self._most = msgspec.Meta(max_length=most)
        self._kinds: set[type] = set()
        """Those of the messages that have come."""
        self._careful = self._make(msgspec.Raw)
        self._fast = self._careful

    def decode(self, data: bytes | memoryview) -> list[Any]:
        """Return the parts of the head, and a list of envelopes.

        In place of an envelope that cannot be read there is a text that says why, and
        in place of one that was left out there is nothing.

        Raises:
            ValueError: it is no such array.
        """
        if self._kinds:
            try:
                return self._fast.decode(data)  # type: ignore[no-any-return]
            except (ValueError, RecursionError):
                pass
        try:
            *head, raws = self._careful.decode(bytes(data))
        except RecursionError:
            raise ValueError("nested too deeply") from None
        known = len(self._kinds)
        envelopes = [self._decode_one(raw) for raw in raws]
        if len(self._kinds) > known:
            self._fast = self._make(_envelope_of(self._kinds))
        return [*head, envelopes]

    def _decode_one(self, raw: msgspec.Raw) -> Envelope | str | None:
        try:
            if bytes(raw) == _NOTHING:
                return None
            envelope = decode(bytes(raw))
        except (ValueError, TypeError) as error:
            return str(error)
        self._kinds.add(type(envelope.message))
        return envelope

    def _make(self, kind: Any) -> msgspec.msgpack.Decoder[Any]:  # noqa: ANN401 - a type
        array = types.GenericAlias(list, (kind,))
        whole: Any = types.GenericAlias(tuple, (*self._head, Annotated[array, self._most]))
        return msgspec.msgpack.Decoder(whole, dec_hook=_decode_value)


def _envelope_of(kinds: set[type]) -> type:
    """Return the type of an envelope with a message of one of these classes."""
    message: Any = functools.reduce(operator.or_, kinds)
    return msgspec.defstruct(
        "KnownEnvelope", [("message", message)], bases=(Envelope,), array_like=True, frozen=True, gc=False
    )


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


_NOTHING = msgspec.msgpack.encode(None)
_encoder = msgspec.msgpack.Encoder()
_rough_decoder = msgspec.msgpack.Decoder(_Rough)
_tag_decoder = msgspec.msgpack.Decoder(_Tagged)
