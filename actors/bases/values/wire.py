"""What an encoded value looks like.

It is a msgpack array ``[escaped, shapes, node]``. A node is an atom (nil, a boolean, an
integer, a float, text, bytes) or an array ``[op, …]``. What can be referred to twice is
counted as it comes, and ``[REFERENCE, n]`` is the n-th. What can be changed is counted
where it begins, so that its parts may refer to it. What cannot be changed is counted where
it ends; if it was met again within itself it is ``AFTER``: its node counts, as if it were
another, and then it is the n-th. A shape is ``[class]`` for members of an enumeration, or
``[class, slots, attributes]`` for objects; the ops from :data:`FIRST_SHAPE` on are shapes.
"""

import enum
from datetime import date, datetime, time, timedelta, timezone
from typing import Any, NamedTuple


class Op(enum.IntEnum):
    """What an array is."""

    REFERENCE = 0
    """[number]"""
    AFTER = 1
    """[number, node]"""
    LIST = 2
    """[[node…]]"""
    TUPLE = 3
    """[[node…]]"""
    SET = 4
    """[[node…]]"""
    FROZENSET = 5
    """[[node…]]"""
    MAP = 6
    """[{text or integer: node}]"""
    DICT = 7
    """[[node of key, node of value…]]"""
    BYTEARRAY = 8
    """[bytes]"""
    INTEGER = 9
    """[hexadecimal digits]"""
    NAMED = 10
    """[module:name] of a class or function"""
    METHOD = 11
    """[node of object or class, name]"""
    DATETIME = 12
    """[ISO 8601 without zone, fold, node of zone]"""
    DATE = 13
    """[ISO 8601]"""
    TIME = 14
    """[ISO 8601 without zone, fold, node of zone]"""
    TIMEDELTA = 15
    """[days, seconds, microseconds]"""
    TIMEZONE = 16
    """[[days, seconds, microseconds], name or nil]"""
    PATTERN = 17
    """[text or bytes, flags]"""
    RANDOM = 18
    """[words as bytes, index, the next number of a normal distribution or nil]"""
    COUNT = 19
    """[next, step]"""
    HOOK = 20
    """[class, node]: what the user of the codec has put in its place"""


FIRST_SHAPE = 32
"""Room for more ops."""
ATOMS = frozenset({type(None), bool, int, float, str, bytes})
PARTS = ATOMS | {list}
"""What nodes are."""
INTEGERS = range(-(1 << 63), 1 << 64)
"""Those that msgpack has."""
RANDOM_WORDS = 624
RANDOM_VERSION = 3
PLAIN_TYPES = (
    *ATOMS,
    *(bytearray, list, tuple, dict, set, frozenset, object, type),
    *(date, datetime, time, timedelta, timezone),
)
"""Classes that can be referred to, besides those that are allowed."""


class Limits(NamedTuple):
    """How large a value may be."""

    depth: int = 100
    """Arrays within arrays."""
    objects: int = 1_000_000
    """Things that are counted."""
    size: int = 16 << 20
    """Bytes."""


class CannotTravelError(TypeError):
    """A value has a part that has no meaning elsewhere; the text says where."""


class CulpritError(Exception):
    """The part that cannot travel."""

    def __init__(self, culprit: Any, reason: str) -> None:  # noqa: ANN401 - any value
        super().__init__(reason)
        self.culprit = culprit
        self.reason = reason
