"""Nodes into values. Nothing here trusts what has come."""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone
from itertools import count
from random import Random
from struct import unpack
from types import MethodType
from typing import Any

from actors.bases.values.allowed import name_of
from actors.bases.values.dumping import Node, Rules, find_method
from actors.bases.values.making import known_load
from actors.bases.values.wire import ATOMS, FIRST_SHAPE, PARTS, RANDOM_VERSION, RANDOM_WORDS, Op

_KEYS = frozenset({str, int})
_FLAGS = re.ASCII | re.DOTALL | re.IGNORECASE | re.MULTILINE | re.UNICODE | re.VERBOSE | re.LOCALE
Load = Callable[["Loader", list[Any], int], Any]


class Loader:
    """Makes one value of its node. Everything it raises means that it is no value."""

    def __init__(self, rules: Rules, shapes: Any) -> None:  # noqa: ANN401 - whatever has come
        self.rules = rules
        self.found: list[Any] = []
        """What has been counted."""
        self._most = rules.limits.objects
        self._loads: list[Load | None] = [_LOADS.get(number) for number in range(FIRST_SHAPE)]
        self._loads += [known_load(rules, shape) for shape in exactly(shapes, list)]

    def load(self, node: Node, depth: int = 0) -> Any:  # noqa: ANN401 - any value
        """Return the value of a node.

        Raises:
            Exception: it is malformed, or has what may not travel.
        """
        if type(node) is not list:
            if type(node) not in ATOMS:
                raise ValueError(f"{type(node).__name__} is no part of a value")
            return node
        number = node[0]
        if depth >= self.rules.limits.depth or type(number) is not int or number < 0:
            raise ValueError("too deep, or no array of ours")
        load = self._loads[number]
        if load is None:
            raise ValueError(f"{number} means nothing")
        return load(self, node, depth + 1)

    def note(self, value: object) -> None:
        """Give a value its number."""
        if len(self.found) >= self._most:
            raise ValueError("too many parts")
        self.found.append(value)

    def load_all(self, nodes: Any, depth: int) -> list[Any]:  # noqa: ANN401 - whatever has come
        """Return the values of several nodes."""
        if not PARTS.issuperset(map(type, exactly(nodes, list))):
            raise ValueError("no part of a value")
        if list not in map(type, nodes):
            return nodes  # type: ignore[no-any-return]
        load = self.load
        return [load(node, depth) if type(node) is list else node for node in nodes]

    def counted(self, number: Any) -> Any:  # noqa: ANN401 - any value
        """Return what has this number."""
        if exactly(number, int) < 0:
            raise ValueError("no number of a part")
        return self.found[number]


def exactly(value: Any, *kinds: type) -> Any:  # noqa: ANN401 - whatever has come
    """Return a value of one of these types.

    Raises:
        ValueError: it is of another.
    """
    if type(value) not in kinds:
        raise ValueError(f"{type(value).__name__} in place of {kinds[0].__name__}")
    return value


def _reference(loader: Loader, node: list[Any], depth: int) -> Any:  # noqa: ANN401
    del depth
    _, number = node
    return loader.counted(number)


def _after(loader: Loader, node: list[Any], depth: int) -> Any:  # noqa: ANN401
    _, number, other = node
    loader.load(other, depth)
    return loader.counted(number)


def _list(loader: Loader, node: list[Any], depth: int) -> list[Any]:
    _, nodes = node
    value: list[Any] = []
    loader.note(value)
    value += loader.load_all(nodes, depth)
    return value


def _tuple(loader: Loader, node: list[Any], depth: int) -> tuple[Any, ...]:
    _, nodes = node
    value = tuple(loader.load_all(nodes, depth))
    loader.note(value)
    return value


def _set(loader: Loader, node: list[Any], depth: int) -> set[Any]:
    _, nodes = node
    value: set[Any] = set()
    loader.note(value)
    value.update(loader.load_all(nodes, depth))
    return value


def _frozenset(loader: Loader, node: list[Any], depth: int) -> frozenset[Any]:
    _, nodes = node
    value = frozenset(loader.load_all(nodes, depth))
    loader.note(value)
    return value


def _map(loader: Loader, node: list[Any], depth: int) -> dict[Any, Any]:
    _, value = node
    if not _KEYS.issuperset(map(type, exactly(value, dict))) or not PARTS.issuperset(map(type, value.values())):
        raise ValueError("no part of a value")
    loader.note(value)
    if list in map(type, value.values()):
        load = loader.load
        for key, part in value.items():
            if type(part) is list:
                value[key] = load(part, depth)
    return value  # type: ignore[no-any-return]


def _dict(loader: Loader, node: list[Any], depth: int) -> dict[Any, Any]:
    _, nodes = node
    value: dict[Any, Any] = {}
    loader.note(value)
    parts = loader.load_all(nodes, depth)
    value.update(zip(parts[::2], parts[1::2], strict=True))
    return value


def _bytearray(loader: Loader, node: list[Any], depth: int) -> bytearray:
    del depth
    _, content = node
    value = bytearray(exactly(content, bytes))
    loader.note(value)
    return value


def _integer(loader: Loader, node: list[Any], depth: int) -> int:
    del loader, depth
    _, digits = node
    return int(exactly(digits, str), 16)


def _named(loader: Loader, node: list[Any], depth: int) -> Any:  # noqa: ANN401
    del depth
    _, name = node
    return loader.rules.allowed.find(exactly(name, str))


def _method(loader: Loader, node: list[Any], depth: int) -> MethodType:
    _, owner, name = node
    value = find_method(loader.load(owner, depth), exactly(name, str))
    if value is None or not loader.rules.allowed.permits(value.__func__.__module__):
        raise ValueError(f"{name} is no method")
    loader.note(value)
    return value


def _datetime(loader: Loader, node: list[Any], depth: int) -> datetime:
    _, text, fold, zone = node
    return datetime.fromisoformat(exactly(text, str)).replace(tzinfo=_zone(loader, zone, depth), fold=fold)


def _time(loader: Loader, node: list[Any], depth: int) -> time:
    _, text, fold, zone = node
    return time.fromisoformat(exactly(text, str)).replace(tzinfo=_zone(loader, zone, depth), fold=fold)


def _zone(loader: Loader, node: Node, depth: int) -> timezone | None:
    return exactly(loader.load(node, depth), timezone, type(None))  # type: ignore[no-any-return]


def _date(loader: Loader, node: list[Any], depth: int) -> date:
    del loader, depth
    _, text = node
    return date.fromisoformat(exactly(text, str))


def _timedelta(loader: Loader, node: list[Any], depth: int) -> timedelta:
    del loader, depth
    _, days, seconds, microseconds = node
    return timedelta(exactly(days, int), exactly(seconds, int), exactly(microseconds, int))


def _timezone(loader: Loader, node: list[Any], depth: int) -> timezone:
    _, parts, name = node
    offset = _timedelta(loader, [Op.TIMEDELTA, *exactly(parts, list)], depth)
    value = timezone(offset) if name is None else timezone(offset, exactly(name, str))
    loader.note(value)
    return value


def _pattern(loader: Loader, node: list[Any], depth: int) -> re.Pattern[Any]:
    del depth
    _, pattern, flags = node
    value = re.compile(exactly(pattern, str, bytes), exactly(flags, int) & _FLAGS)
    loader.note(value)
    return value


def _random(loader: Loader, node: list[Any], depth: int) -> Random:
    del depth
    _, words, index, following = node
    value = Random()  # noqa: S311 - it gets the state of another
    value.setstate(
        (
            RANDOM_VERSION,
            (*unpack(f"<{RANDOM_WORDS}I", exactly(words, bytes)), exactly(index, int)),
            exactly(following, float, type(None)),
        )
    )
    loader.note(value)
    return value


def _count(loader: Loader, node: list[Any], depth: int) -> Any:  # noqa: ANN401 - an iterator
    _, following, step = node
    value = count(exactly(loader.load(following, depth), int, float), exactly(loader.load(step, depth), int, float))
    loader.note(value)
    return value


def _hook(loader: Loader, node: list[Any], depth: int) -> Any:  # noqa: ANN401
    _, name, stand_in = node
    for kind, (_, make) in loader.rules.hooks.items():
        if name_of(kind) == name:
            return make(loader.load(stand_in, depth))
    raise ValueError(f"there is nothing for {name}")


_LOADS: dict[int, Load] = {
    Op.REFERENCE: _reference,
    Op.AFTER: _after,
    Op.LIST: _list,
    Op.TUPLE: _tuple,
    Op.SET: _set,
    Op.FROZENSET: _frozenset,
    Op.MAP: _map,
    Op.DICT: _dict,
    Op.BYTEARRAY: _bytearray,
    Op.INTEGER: _integer,
    Op.NAMED: _named,
    Op.METHOD: _method,
    Op.DATETIME: _datetime,
    Op.DATE: _date,
    Op.TIME: _time,
    Op.TIMEDELTA: _timedelta,
    Op.TIMEZONE: _timezone,
    Op.PATTERN: _pattern,
    Op.RANDOM: _random,
    Op.COUNT: _count,
    Op.HOOK: _hook,
}
