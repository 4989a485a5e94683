"""Values into nodes."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta, timezone
from enum import Enum
from itertools import count
from random import Random
from struct import pack
from types import FunctionType, MethodType
from typing import Any, NamedTuple

from actors.bases.values.allowed import Allowed, name_of
from actors.bases.values.layout import Layout
from actors.bases.values.wire import ATOMS, FIRST_SHAPE, INTEGERS, RANDOM_WORDS, CulpritError, Limits, Op

Node = Any
Hook = tuple[Callable[[Any], Any], Callable[[Any], Any]]
"""Makes something that can travel of an object of its class, and an object of that."""
_KEYS = frozenset({str, int})
_COUNT = re.compile(r"count\((-?[\d.]+(?:e[+-]?\d+)?)(?:, (-?[\d.]+(?:e[+-]?\d+)?))?\)")


class Rules(NamedTuple):
    """What may travel, and how."""

    allowed: Allowed
    hooks: Mapping[type, Hook]
    limits: Limits
    layouts: dict[type, Layout]
    """Those that are known."""
    loads: dict[Any, Any]
    """What makes the objects of known shapes."""

    def layout(self, cls: type) -> Layout:
        """Return how objects of a class are made.

        Raises:
            ValueError: they cannot travel, or may not.
        """
        layout = self.layouts.get(cls)
        if layout is None:
            try:
                layout = self.layouts[cls] = Layout(cls, self.allowed)
            except TypeError as error:
                raise ValueError(f"{name_of(cls)} cannot travel: {error}") from error
        return layout


class Dumper:
    """Makes the node of one value; ``careful`` if there may be integers that msgpack has not."""

    def __init__(self, rules: Rules, *, careful: bool = False) -> None:
        self.rules = rules
        self.shapes: list[Any] = []
        self.atoms = ATOMS - {int} if careful else ATOMS
        self.keys = _KEYS - {int} if careful else _KEYS
        self.seen: dict[int, int] = {}
        """Numbers by identity; all of it stays alive as long as the value."""
        self._count = 0
        self.kept: list[Any] = []
        """What is no part of the value but was met as if it were."""
        self._shape_numbers: dict[Any, int] = {}
        self._usual: dict[type, tuple[int, Callable[[Any], tuple[Any, ...]]]] = {}
        """Shapes of objects that have but slots, all with values, and what reads these."""

    def dump(self, value: Any, depth: int = 0) -> Node:  # noqa: ANN401 - any value
        """Return the node of a value.

        Raises:
            CulpritError: a part cannot travel.
        """
        kind = type(value)
        if kind in self.atoms:
            return value
        number = self.seen.get(id(value))
        if number is not None:
            return [Op.REFERENCE, number]
        if depth >= self.rules.limits.depth:
            raise CulpritError(value, f"lies more than {depth} deep")
        usual = self._usual.get(kind)
        if usual is not None:
            shape, take = usual
            try:
                values = take(value)
            except AttributeError:
                pass  # a slot without a value
            else:
                self.note(value)
                return [shape, *self.dump_all(values, depth + 1)]
        return _DUMPERS.get(kind, _other)(self, value, depth + 1)

    def dump_all(self, values: Any, depth: int) -> Any:  # noqa: ANN401 - what can be iterated over
        """Return the nodes of several values; those values themselves, if they are their own nodes."""
        atoms = self.atoms
        if atoms.issuperset(map(type, values)):
            return values
        dump = self.dump
        return [value if type(value) in atoms else dump(value, depth) for value in values]

    def note(self, value: object) -> None:
        """Give a value its number."""
        self.seen[id(value)] = self._count
        self._count += 1
        if self._count > self.rules.limits.objects:
            raise CulpritError(value, "is one thing too many")

    def end(self, value: object, node: Node) -> Node:
        """Give a value that cannot be changed its number; it may have got one as a part of itself."""
        number = self.seen.get(id(value))
        if number is None:
            self.note(value)
            return node
        self._count += 1
        return [Op.AFTER, number, node]

    def shape(self, *key: Any) -> int:  # noqa: ANN401 - the class's name, slots, attributes
        """Return the op of a shape."""
        number = self._shape_numbers.get(key)
        if number is None:
            number = self._shape_numbers[key] = FIRST_SHAPE + len(self.shapes)
            self.shapes.append(key)
        return number

    def usual(self, layout: Layout, number: int) -> None:
        """Remember the shape that objects of a class have as a rule."""
        if layout.take_slots is not None:
            self._usual[layout.cls] = number, layout.take_slots

    def layout(self, value: object) -> Layout:
        """Return how a value is made."""
        try:
            return self.rules.layout(type(value))
        except ValueError as error:
            raise CulpritError(value, str(error)) from None


def _list(dumper: Dumper, value: list[Any], depth: int) -> Node:
    dumper.note(value)
    return [Op.LIST, dumper.dump_all(value, depth)]


def _tuple(dumper: Dumper, value: tuple[Any, ...], depth: int) -> Node:
    return dumper.end(value, [Op.TUPLE, dumper.dump_all(value, depth)])


def _set(dumper: Dumper, value: set[Any], depth: int) -> Node:
    dumper.note(value)
    return [Op.SET, dumper.dump_all(list(value), depth)]


def _frozenset(dumper: Dumper, value: frozenset[Any], depth: int) -> Node:
    return dumper.end(value, [Op.FROZENSET, dumper.dump_all(list(value), depth)])


def _dict(dumper: Dumper, value: dict[Any, Any], depth: int) -> Node:
    dumper.note(value)
    atoms = dumper.atoms
    if not dumper.keys.issuperset(map(type, value)):
        return [Op.DICT, dumper.dump_all([part for pair in value.items() for part in pair], depth)]
    if atoms.issuperset(map(type, value.values())):
        return [Op.MAP, value]
    dump = dumper.dump
    return [Op.MAP, {key: item if type(item) in atoms else dump(item, depth) for key, item in value.items()}]


def _integer(dumper: Dumper, value: int, depth: int) -> Node:
    del dumper, depth
    return value if value in INTEGERS else [Op.INTEGER, f"{value:x}"]


def _bytearray(dumper: Dumper, value: bytearray, depth: int) -> Node:
    del depth
    dumper.note(value)
    return [Op.BYTEARRAY, bytes(value)]


def _named(dumper: Dumper, value: Any, depth: int) -> Node:  # noqa: ANN401 - a class or a function
    del depth
    name = name_of(value)
    try:
        found = dumper.rules.allowed.find(name)
    except ValueError as error:
        short = getattr(value, "__name__", "")
        if short == "<lambda>" or "<locals>" in name:
            what = "a lambda" if short == "<lambda>" else f"{name}, which is made by a function,"
            raise CulpritError(value, f"{what} cannot travel") from None
        raise CulpritError(value, str(error)) from None
    if found is not value:
        raise CulpritError(value, f"{name} is another one elsewhere")
    return [Op.NAMED, name]


def _method(dumper: Dumper, value: MethodType, depth: int) -> Node:
    owner = value.__self__
    name = value.__func__.__name__
    if find_method(owner, name) != value:
        raise CulpritError(value, f"{name} is not found again by its name")
    return dumper.end(value, [Op.METHOD, dumper.dump(owner, depth), name])


def find_method(owner: Any, name: str) -> MethodType | None:  # noqa: ANN401 - any object or class
    """Return a method of an object or class without running anything; None if it has no such one."""
    kind = owner if isinstance(owner, type) else type(owner)
    wanted = classmethod if isinstance(owner, type) else FunctionType
    for cls in kind.__mro__:
        found = vars(cls).get(name)
        if found is not None:
            function = getattr(found, "__func__", found)
            return MethodType(function, owner) if type(found) is wanted and type(function) is FunctionType else None
    return None


def _datetime(dumper: Dumper, value: datetime, depth: int) -> Node:
    zone = dumper.dump(value.tzinfo, depth)
    return [Op.DATETIME, value.replace(tzinfo=None, fold=0).isoformat(), value.fold, zone]


def _time(dumper: Dumper, value: time, depth: int) -> Node:
    zone = dumper.dump(value.tzinfo, depth)
    return [Op.TIME, value.replace(tzinfo=None, fold=0).isoformat(), value.fold, zone]


def _date(dumper: Dumper, value: date, depth: int) -> Node:
    del dumper, depth
    return [Op.DATE, value.isoformat()]


def _timedelta(dumper: Dumper, value: timedelta, depth: int) -> Node:
    del dumper, depth
    return [Op.TIMEDELTA, value.days, value.seconds, value.microseconds]


def _timezone(dumper: Dumper, value: timezone, depth: int) -> Node:
    del depth
    offset = value.utcoffset(None)
    name = value.tzname(None)
    usual = timezone(offset).tzname(None)
    parts = [offset.days, offset.seconds, offset.microseconds]
    return dumper.end(value, [Op.TIMEZONE, parts, None if name == usual else name])


def _pattern(dumper: Dumper, value: re.Pattern[Any], depth: int) -> Node:
    del depth
    return dumper.end(value, [Op.PATTERN, value.pattern, value.flags])


def _random(dumper: Dumper, value: Random, depth: int) -> Node:
    del depth
    dumper.note(value)
    _, words, following = value.getstate()
    return [Op.RANDOM, pack(f"<{RANDOM_WORDS}I", *words[:-1]), words[-1], following]


def _count(dumper: Dumper, value: Any, depth: int) -> Node:  # noqa: ANN401 - an iterator
    found = _COUNT.fullmatch(repr(value))
    if found is None:
        raise CulpritError(value, "only counts of numbers can travel")
    dumper.note(value)
    following, step = (number_of(text or "1") for text in found.groups())
    return [Op.COUNT, dumper.dump(following, depth), dumper.dump(step, depth)]


def number_of(text: str) -> int | float:
    """Return the number that is written."""
    return float(text) if "." in text or "e" in text else int(text)


def _other(dumper: Dumper, value: Any, depth: int) -> Node:  # noqa: ANN401 - any value
    """Dump what has no dumper of its own, and tell which one its class is to have."""
    kind = type(value)
    if kind in dumper.rules.hooks:
        stand_in = dumper.rules.hooks[kind][0](value)
        dumper.kept.append(stand_in)
        return [Op.HOOK, name_of(kind), dumper.dump(stand_in, depth)]
    if isinstance(value, type):
        return _named(dumper, value, depth)
    if isinstance(value, Enum):
        return _member(dumper, value)
    return _object(dumper, value, depth)


def _member(dumper: Dumper, value: Enum) -> Node:
    layout = dumper.layout(value)
    plain = int.__int__(value) if isinstance(value, int) else value.value
    member = value.name if value.name in type(value).__members__ else plain
    return dumper.end(value, [dumper.shape(layout.name), dumper.dump(member)])


def _object(dumper: Dumper, value: Any, depth: int) -> Node:  # noqa: ANN401 - any object
    layout = dumper.layout(value)
    content = layout.content
    fixed = content is not None and content.fixed
    if not fixed:
        dumper.note(value)
    number, parts = _parts(dumper, layout, value)
    node = [number]
    if content is not None:
        taken = content.take(value)
        node.append(dumper.dump_all(taken, depth) if isinstance(taken, (list, tuple)) else dumper.dump(taken, depth))
    node += dumper.dump_all(parts, depth)
    return dumper.end(value, node) if fixed else node


def _parts(dumper: Dumper, layout: Layout, value: object) -> tuple[int, list[Any]]:
    """Return the op of the shape of an object, and the values of its slots and attributes."""
    own = {} if layout.attributes is None else layout.attributes(value)
    values = {name: member.__get__(value) for name, member in layout.members.items() if is_set(member, value)}
    if not all(type(name) is str for name in own):
        raise CulpritError(value, "has attributes whose names are no text")
    number = dumper.shape(layout.name, tuple(values), tuple(own))
    if layout.attributes is None and layout.content is None and len(values) == len(layout.slots):
        dumper.usual(layout, number)
    return number, [*values.values(), *own.values()]


def is_set(member: Any, whole: object) -> bool:  # noqa: ANN401 - a slot
    """Whether an object has a value in a slot."""
    try:
        member.__get__(whole)
    except AttributeError:
        return False
    return True


_DUMPERS: dict[type, Callable[[Dumper, Any, int], Node]] = {
    int: _integer,
    bytearray: _bytearray,
    list: _list,
    tuple: _tuple,
    set: _set,
    frozenset: _frozenset,
    dict: _dict,
    type: _named,
    FunctionType: _named,
    MethodType: _method,
    datetime: _datetime,
    date: _date,
    time: _time,
    timedelta: _timedelta,
    timezone: _timezone,
    re.Pattern: _pattern,
    Random: _random,
    count: _count,
}
