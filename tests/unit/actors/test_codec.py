"""Messages as bytes."""

import contextlib
from datetime import UTC, datetime
from enum import Enum
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors import ActorProtocol, Ref, Refused, Returned, ServiceFailed, codec


class ToCodec(ActorProtocol):
    __slots__ = ()


class Colour(Enum):
    RED = "red"


class Inner(msgspec.Struct, frozen=True):
    names: tuple[str, ...]


class Everything(msgspec.Struct, ToCodec, frozen=True, tag="codec.everything"):
    text: str
    data: bytes
    inner: Inner
    mapping: dict[str, str]
    caps: frozenset[str]
    to: Ref[ToCodec]
    at: datetime
    number: float | None
    colour: Colour = Colour.RED


class Work(msgspec.Struct, frozen=True, tag="codec.work"):
    data: bytes


text = st.text(st.characters(codec=None) | st.sampled_from("\udc80\udcff\ud800\ufdd0\ue000"), max_size=20)
everything = st.builds(
    Everything,
    text=text,
    data=st.binary(),
    inner=st.builds(Inner, st.lists(text).map(tuple)),
    mapping=st.dictionaries(text, text),
    caps=st.frozensets(text),
    to=st.builds(Ref, text),
    at=st.datetimes(timezones=st.just(UTC)),
    number=st.none() | st.floats(allow_nan=False),
)


@given(everything)
def test_what_is_encoded_is_decoded(message: Everything) -> None:
    to, sender = Ref[Any]("user/alice"), Ref[Any]("network/é")
    assert codec.decode(codec.encode(to, sender, message)) == codec.Envelope(to, sender, message)


@given(everything)
def test_a_message_within_a_message_too(message: Everything) -> None:
    for outer in (Returned(Ref("a"), message), Refused(Ref("a"), message)):
        assert codec.copy(outer) == outer


def test_a_job_comes_back_with_its_failure() -> None:
    failed = ServiceFailed("store", Work(b"\xff\x00"), "the disk is full")
    assert codec.copy(failed) == failed


def test_paths_may_have_text_that_is_no_utf_8() -> None:
    to, sender = Ref[Any]("channel/#caf\udce9"), Ref[Any]("user/\udcff")
    plain = _plain()
    assert codec.decode(codec.encode(to, sender, plain)) == codec.Envelope(to, sender, plain)


def test_nobody_may_be_the_sender() -> None:
    assert codec.decode(codec.encode(Ref("a"), None, Returned(Ref("b"), Returned(Ref("c"), _plain())))).sender is None


def _plain() -> Everything:
    return Everything("", b"", Inner(()), {}, frozenset(), Ref(""), datetime.now(UTC), None)


def test_only_text_that_needs_it_is_escaped() -> None:
    plain = msgspec.structs.replace(_plain(), text="caf\u00e9 \ufdd0")
    assert "caf\u00e9 \ufdd0".encode() in codec.encode(Ref("a"), None, plain)


UNABLE: Any = Returned(Ref("a"), object())  # type: ignore[arg-type]
"""What cannot be encoded."""


@given(st.lists(everything | st.just(UNABLE), max_size=5))
def test_many_at_once_are_decoded_as_one_by_one(messages: list[Any]) -> None:
    """What cannot be encoded leaves its place empty; the second time, the classes are known."""
    decoder = codec.Decoder(int, most=10)
    to = Ref[Any]("a")
    began = ("b", 1, 2)
    data, complaints = codec.encode_all((7,), [(to, None, message, True, began) for message in messages])
    expected = [codec.Envelope(to, None, m, True, began) if isinstance(m, Everything) else None for m in messages]
    assert len(complaints) == expected.count(None)
    for _ in range(2):
        head, envelopes = decoder.decode(data)
        assert head == 7
        assert [
            e if e is None else codec.Envelope(e.to, e.sender, e.message, e.wanted_back, e.began) for e in envelopes
        ] == expected


def test_one_that_cannot_be_read_leaves_the_others() -> None:
    decoder = codec.Decoder(most=10)
    good = msgspec.Raw(codec.encode(Ref("a"), None, _plain()))
    (envelopes,) = decoder.decode(msgspec.msgpack.encode([[good, 1, good]]))
    assert [type(envelope) for envelope in envelopes] == [codec.Envelope, str, codec.Envelope]
    with pytest.raises(ValueError, match="length"):
        decoder.decode(msgspec.msgpack.encode([[1] * 11]))


class Stray(msgspec.Struct, frozen=True, tag="codec.stray"):
    """Belongs to no protocol."""


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        msgspec.msgpack.encode([["a"], None, {"type": "codec.unknown"}]),
        msgspec.msgpack.encode([["a"], None, {"type": "codec.stray"}]),
        msgspec.msgpack.encode([["a"], None, {"type": "codec.everything", "text": 1}]),
        msgspec.msgpack.encode([["a"], None, {"type": "actors.returned", "to": ["a"], "message": 1}]),
        msgspec.msgpack.encode([["a"], None, {"type": "actors.returned", "to": ["a"], "message": {}}]),
        msgspec.msgpack.encode([1]),
    ],
)
def test_what_is_no_message_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        codec.decode(data)


@given(st.binary())
def test_arbitrary_bytes_are_refused_or_decoded(data: bytes) -> None:
    with contextlib.suppress(ValueError):
        codec.decode(data)


def test_what_is_no_message_is_not_encoded() -> None:
    with pytest.raises(TypeError, match="str is not a frozen"):
        codec.encode(Ref("a"), None, "hello")


def test_two_classes_with_one_tag_are_an_error() -> None:
    class ToClash:  # not an ActorProtocol, which would let the others of this process find it
        __slots__ = ()

    class First(msgspec.Struct, ToClash, frozen=True, tag="codec.same"):
        """One."""

    class Second(msgspec.Struct, ToClash, frozen=True, tag="codec.same"):
        """Another."""

    with pytest.raises(TypeError, match=r"First and .*Second have the same tag"):
        codec._Registry(ToClash).find("codec.same")
