"""Graphs of objects as bytes."""
# ruff: noqa: ANN401 - any value is what this is about

import contextlib
import itertools
import pickle
import random
import re
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import Enum, Flag, IntEnum, StrEnum
from os import system as imported_from_elsewhere
from typing import Any, NamedTuple, Self

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.bases.values import CannotTravelError, Limits, Values
from tests.support.graphs import assert_same

CALLED: list[str] = []
"""What was called that must not be."""


class Plain:
    def __init__(self, value: Any) -> None:
        CALLED.append("init")
        self.value = value

    def method(self) -> Any:
        return self.value

    @classmethod
    def of_class(cls) -> type:
        return cls


@dataclass(slots=True)
class Slotted:
    first: Any
    second: Any = None
    third: list[Any] = field(default_factory=list)


@dataclass(frozen=True)
class Frozen:
    first: Any


class Both(Plain):
    __slots__ = ("_private", "slot")

    def __init__(self) -> None:
        super().__init__(1)
        self.slot = 2
        self._private = 3
        self.more = 4


class Record(msgspec.Struct):
    first: Any
    second: Any = None


class FrozenRecord(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    first: str


class Pair(NamedTuple):
    first: Any
    second: Any


class Colour(Enum):
    RED = ("r", 1)


class Word(StrEnum):
    ONE = "one"


class Rank(IntEnum):
    TOP = 1


class Mode(Flag):
    A = 1
    B = 2


class Text(str):
    __slots__ = ("note",)


class Names(dict[str, int]):
    def __setitem__(self, key: str, value: int) -> None:
        CALLED.append("setitem")
        super().__setitem__(key, value)


class Line(list[Any]):
    pass


class BrokenError(Exception):
    def __init__(self, code: int) -> None:
        CALLED.append("error init")
        super().__init__(f"code {code}")
        self.code = code


class Guarded:
    """It would do something wherever code of the class is called."""

    __slots__ = ("_kept", "value")

    def __new__(cls) -> Self:
        CALLED.append("new")
        return super().__new__(cls)

    def __init__(self) -> None:
        CALLED.append("init")
        self._kept = 0
        self.value = 1

    @property
    def kept(self) -> int:
        return self._kept

    @kept.setter
    def kept(self, value: int) -> None:  # noqa: ARG002 - it must not be called
        CALLED.append("setter")

    def __setattr__(self, name: str, value: object) -> None:
        CALLED.append("setattr")
        object.__setattr__(self, name, value)

    def __setstate__(self, state: object) -> None:
        CALLED.append("setstate")

    def __reduce__(self) -> tuple[Any, ...]:
        CALLED.append("reduce")
        return (Guarded, ())


class Finalized:
    def __del__(self) -> None:
        CALLED.append("del")


class Checked(msgspec.Struct):
    value: int

    def __post_init__(self) -> None:
        CALLED.append("post init")


def function() -> None:
    CALLED.append("function")


class Local:
    """A stand-in for what is only known by where it is."""

    def __init__(self, name: str) -> None:
        self.name = name


HERE = __name__
VALUES = Values((HERE,), hooks={Local: (lambda local: [local.name], lambda names: Local(names[0].upper()))})


def travelled(value: Any) -> Any:
    return VALUES.decode(VALUES.encode(value))


def draw() -> random.Random:
    rng = random.Random(3)  # noqa: S311 - its state is all that counts
    rng.gauss()
    return rng


def unset() -> Both:
    value = Both()
    del value.slot
    return value


def texts(*notes: str) -> list[Text]:
    made = []
    for note in notes:
        text = Text("t")
        text.note = note  # type: ignore[attr-defined]
        made.append(text)
    return made


@pytest.mark.parametrize(
    "value",
    [
        *[
            None,
            True,
            -1,
            2**64 - 1,
            2**64,
            -(2**63) - 1,
            2**200,
            1.5,
            float("inf"),
            "ä\udc80\ufdd0",
            b"\xff",
            bytearray(b"x"),
        ],
        *[[1, [2, {}]], (1, ((),)), {1: "a", "1": [b""]}, {(1, None): {1.5: True}, None: 2**70}, {2**70: "\udcff"}],
        *[{1, "a", (2,)}, frozenset({1, frozenset()}), deque([1, [2]], maxlen=3), deque()],
        *[OrderedDict(b=1, a=[2]), defaultdict(list, {"x": [1]}), defaultdict(None, {}), Counter("abc")],
        *[datetime(2024, 1, 2, 3, 4, 5, 6, UTC), datetime(2024, 1, 2, fold=1), date(2024, 1, 2), timedelta(-1, 2, 3)],  # noqa: DTZ001
        *[time(1, 2, 3, 4, timezone(timedelta(hours=-1))), timezone(timedelta(hours=2), "CEST"), timezone.utc],  # noqa: UP017
        *[Colour.RED, [Word.ONE, Rank.TOP], {Rank.TOP: Word.ONE, Word.ONE: 1}, Mode.A | Mode.B, Mode(0)],
        *[re.compile("a(b)+", re.IGNORECASE), re.compile(b"."), draw(), itertools.count(7), itertools.count(0.5, -2)],
        *[
            Plain([1]),
            Both(),
            Slotted(1, Slotted("\udc80")),
            unset(),
            Frozen((1,)),
            Record([1], 2),
            FrozenRecord(first="x"),
        ],
        *[Pair(1, [2]), [Pair, Plain, int, ValueError], function, Plain.of_class],
        *[texts("note", "\ud800"), Names(a=1), Line([1, 2]), {Frozen(1): Frozen(2)}, {Frozen(3)}],
        *[ValueError("a", 1), KeyError("x"), OSError(2, "no such file", "name"), BrokenError(5), StopIteration(4)],
    ],
    ids=lambda value: type(value).__name__,
)
def test_values_of_all_kinds_are_decoded_as_they_were(value: object) -> None:
    assert_same(value, travelled(value))


def test_what_is_one_object_stays_one_and_circles_close() -> None:
    shared: list[Any] = []
    whole = Slotted((shared, shared), {"again": shared})
    shared.append(whole)
    decoded = travelled(whole)
    assert decoded.first[0] is decoded.first[1] is decoded.second["again"]
    assert decoded.first[0][0] is decoded


def test_a_circle_through_what_cannot_be_changed_closes() -> None:
    inner: list[Any] = []
    whole = (inner, Pair(inner, 1))
    inner.append(whole)
    decoded = travelled(whole)
    assert decoded[0][0] is decoded
    assert decoded[1].first is decoded[0]


def test_a_method_travels_with_its_object() -> None:
    value = Plain(5)
    decoded = travelled([value, value.method])
    assert decoded[1].__self__ is decoded[0]
    assert decoded[1]() == 5


def test_an_instance_of_a_hooked_class_is_replaced_on_its_way() -> None:
    assert travelled({"to": [Local("here")]})["to"][0].name == "HERE"


def test_chance_goes_on_where_it_was() -> None:
    rng = draw()
    copied = travelled(rng)
    assert [copied.random(), copied.gauss(0, 1)] == [rng.random(), rng.gauss(0, 1)]


@pytest.mark.parametrize(
    ("value", "error"),
    [
        ({"x": [0, 0, 0, (i for i in range(1))]}, "state['x'][3]: a generator cannot travel"),
        (Slotted(1, {"f": lambda: 1}), "state.second['f']: a lambda cannot travel"),
        ([Plain(function.__class__)], "state[0].value: builtins:function may not travel"),
        (
            {Frozen(print)},
            "state{Frozen(first=<built-in function print>)}.first: a builtin_function_or_method cannot travel",
        ),
        ((imported_from_elsewhere,), "state[0]: a builtin_function_or_method cannot travel"),
        (Values, "state: actors.bases.values:Values may not travel: actors.bases.values is not in an allowed package"),
        (Values(()), "state: actors.bases.values:Values may not travel: it is not in an allowed package"),
        ([Finalized()], f"state[0]: {HERE}:Finalized has a finalizer, so it cannot travel"),
        (Checked(1), f"state: {HERE}:Checked checks itself, so it cannot travel"),
        (random, "state: a module cannot travel"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_cannot_travel_is_named(value: object, error: str) -> None:
    with pytest.raises(CannotTravelError, match=f"^{re.escape(error)}"):
        VALUES.encode(value, "state")


def test_nothing_of_a_class_is_called_by_decoding() -> None:
    class_with_everything = [Guarded(), Plain(1), Both(), Names(a=1), BrokenError(1), function, Plain, Guarded]
    data = VALUES.encode(class_with_everything)
    CALLED.clear()
    decoded = VALUES.decode(data)
    assert CALLED == []
    assert (decoded[0].kept, decoded[0].value, decoded[4].code) == (0, 1, 1)


def nodes(name: str, slots: list[str], attributes: list[str], *parts: Any) -> bytes:
    return msgspec.msgpack.encode([False, [[name, slots, attributes]], [32, *parts]])


@pytest.mark.parametrize(
    "data",
    [
        pickle.dumps(Guarded),
        b"cos\nsystem\n(S'false'\ntR.",
        msgspec.msgpack.encode([False, [], [10, "os:system"]]),
        msgspec.msgpack.encode([False, [], [10, "builtins:eval"]]),
        msgspec.msgpack.encode([False, [], [10, f"{HERE}:imported_from_elsewhere"]]),
        msgspec.msgpack.encode([False, [], [10, f"{HERE}:msgspec.msgpack.decode"]]),
        msgspec.msgpack.encode([False, [], [10, f"{HERE}:Plain.__init__.__globals__"]]),
        msgspec.msgpack.encode([False, [], [10, "tests.nowhere:Thing"]]),
        msgspec.msgpack.encode([False, [], [11, [10, f"{HERE}:Plain"], "__init__"]]),
        nodes("subprocess:Popen", [], ["args"], "true"),
        nodes("soju_actors.__main__:main", [], []),
        nodes(f"{HERE}:Guarded", ["kept"], [], 1),
        nodes(f"{HERE}:Guarded", [], ["value"], 1),
        nodes(f"{HERE}:Plain", [], ["value"]),
        nodes(f"{HERE}:Slotted", ["first", "first"], [], 1, 2),
        nodes(f"{HERE}:Slotted", ["first", "second"], [], 1, 2),
        nodes(f"{HERE}:Slotted", ["first", "second", "third", "fourth"], [], 1, 2, [2], 4),
        nodes(f"{HERE}:Frozen", [], []),
        nodes(f"{HERE}:Record", ["first"], [], 1),
        nodes(f"{HERE}:Finalized", [], []),
        nodes(f"{HERE}:function", [], []),
        nodes(f"{HERE}:Text", [], [], 5),
        nodes(f"{HERE}:Rank", [], [], 5),
        nodes("collections:deque", [], [], [1, "a"], 3),
        msgspec.msgpack.encode([False, [], [0, -1]]),
        msgspec.msgpack.encode([False, [], [2, [{}]]]),
        msgspec.msgpack.encode([False, [], [5, [[2, []]]]]),
        msgspec.msgpack.encode([False, [], [17, "(", 0]]),
        msgspec.msgpack.encode([False, [], [18, b"", 1, None]]),
    ],
    ids=repr,
)
def test_what_is_no_value_or_must_not_come_is_refused_and_runs_nothing(data: bytes) -> None:
    CALLED.clear()
    with pytest.raises(ValueError, match=r"."):
        VALUES.decode(data)
    assert CALLED == []


def test_depth_number_and_size_have_bounds() -> None:
    small = Values((), limits=Limits(depth=4, objects=4, size=60))
    deep: list[Any] = []
    for _ in range(4):
        deep = [deep]
    values: list[Any] = [deep, [[], [], [], []], "x" * 60]
    for value in values:
        with pytest.raises(CannotTravelError):
            small.encode(value)
        with pytest.raises(ValueError, match=r"many|deep"):
            small.decode(VALUES.encode(value))


def test_what_is_far_too_deep_is_refused_too() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(CannotTravelError):
        VALUES.encode(deep)
    with pytest.raises(ValueError, match=r"."):
        VALUES.decode(b"\x93\xc2\x90" + b"\x92\x02\x91" * 100_000 + b"\x01")


atoms = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)) | st.binary()
makers: dict[str, Callable[[list[Any]], Any]] = {
    "list": list,
    "tuple": tuple,
    "dict": lambda parts: dict(enumerate(parts)),
    "names": lambda parts: {str(number): part for number, part in enumerate(parts)},
    "pairs": lambda parts: {(number,): part for number, part in enumerate(parts)},
    "deque": deque,
    "slotted": lambda parts: Slotted(parts[:1], parts[-1:], parts[1:]),
    "plain": Plain,
    "frozen": lambda parts: Frozen(tuple(parts)),
    "record": Record,
    "pair": lambda parts: Pair(parts[:1], tuple(parts[1:])),
    "error": lambda parts: ValueError(*parts),
}


@st.composite
def graphs(draw: st.DrawFn) -> list[Any]:
    """Things made of atoms and of earlier things, and circles among them."""
    pool: list[Any] = [draw(atoms)]
    part = st.deferred(lambda: atoms | st.sampled_from(pool))
    for _ in range(draw(st.integers(1, 8))):
        pool.append(  # noqa: PERF401 - a thing is made of those before it
            makers[draw(st.sampled_from(sorted(makers)))](draw(st.lists(part, max_size=4)))
        )
    for thing in pool:
        if isinstance(thing, (list, deque)) and draw(st.booleans()):
            thing.append(draw(st.sampled_from(pool)))
    return pool


@given(graphs())
@settings(max_examples=200)
def test_any_graph_is_decoded_as_it_was(graph: list[Any]) -> None:
    assert_same(graph, travelled(graph))


parts = st.recursive(
    st.none() | st.integers(-2, 40) | st.text(max_size=3) | st.binary(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(st.text(max_size=2) | st.integers(-2, 40), inner, max_size=3)
        | st.tuples(st.integers(0, 40), inner).map(list)
        | st.tuples(st.integers(0, 40), st.lists(inner, max_size=3)).map(list)
    ),
    max_leaves=20,
)
SHAPES = [
    [f"{HERE}:Slotted", ["first", "second", "third"], []],
    [f"{HERE}:Plain", [], ["value"]],
    [f"{HERE}:Names", [], []],
    [f"{HERE}:Pair", [], []],
    [f"{HERE}:Colour"],
    ["collections:deque", [], []],
    ["builtins:OSError", ["errno"], []],
]


def decoded_or_refused(data: bytes) -> None:
    with contextlib.suppress(ValueError):
        VALUES.decode(data)


@given(st.booleans(), parts, st.sampled_from([SHAPES, []]))
@settings(max_examples=300)
def test_arrays_of_all_kinds_raise_value_errors_alone(escaped: bool, node: Any, shapes: list[Any]) -> None:
    decoded_or_refused(msgspec.msgpack.encode([escaped, shapes, node]))


@given(st.binary(max_size=200))
def test_bytes_of_all_kinds_raise_value_errors_alone(data: bytes) -> None:
    decoded_or_refused(data)
    decoded_or_refused(b"\x93\xc2\x90" + data)


@given(graphs(), st.integers(0, 1000), st.binary(max_size=3))
def test_a_value_with_an_error_in_it_raises_value_errors_alone(graph: list[Any], at: int, wrong: bytes) -> None:
    data = VALUES.encode(graph)
    at %= len(data)
    decoded_or_refused(data[:at] + wrong + data[at + len(wrong) :])
