"""Whether two graphs of objects have the same structure."""
# ruff: noqa: ANN401 - any value is what this is about

from collections import defaultdict, deque
from enum import Enum
from random import Random
from types import FunctionType, MemberDescriptorType, MethodType
from typing import Any


def assert_same(first: Any, second: Any) -> None:
    """Fail with the way to the first difference."""
    differences = _Comparison().differ(first, second)
    assert not differences, differences


class _Comparison:
    def __init__(self) -> None:
        self.met: dict[int, int] = {}
        self.kept: list[Any] = []

    def differ(self, first: Any, second: Any, path: str = "it") -> str:
        """Return where they differ; nothing if they do not."""
        if type(first) is not type(second):
            return f"{path}: {type(first)} and {type(second)}"
        if type(first) in (str, bytes, int, float, bool) or isinstance(first, (type, FunctionType, Enum, type(None))):
            return "" if repr(first) == repr(second) else f"{path}: {first!r} and {second!r}"
        if id(first) in self.met:
            return "" if self.met[id(first)] == id(second) else f"{path}: not shared alike"
        self.met[id(first)] = id(second)
        self.kept += [first, second]
        ours, theirs = _parts(first), _parts(second)
        if len(ours) != len(theirs) or [step for step, _ in ours] != [step for step, _ in theirs]:
            return f"{path}: {ours!r} and {theirs!r}"
        for (step, mine), (_, other) in zip(ours, theirs, strict=True):
            found = self.differ(mine, other, f"{path}{step}")
            if found:
                return found
        return ""


def _parts(value: Any) -> list[tuple[str, Any]]:
    parts: list[tuple[str, Any]] = []
    match value:
        case dict():
            parts += [
                (f"[{kind}{number}]", part)
                for number, pair in enumerate(value.items())
                for kind, part in zip("kv", pair, strict=True)
            ]
        case list() | tuple() | deque():
            parts += [(f"[{number}]", part) for number, part in enumerate(value)]
        case set() | frozenset():
            parts += [("{}", part) for part in sorted(value, key=repr)]
        case MethodType():
            parts += [(".__self__", value.__self__), (".__func__", value.__func__)]
        case BaseException():
            parts.append((".args", value.args))
        case Random():
            parts.append((".state", repr(value.getstate())))
    if isinstance(value, deque):
        parts.append((".maxlen", value.maxlen))
    if isinstance(value, defaultdict):
        parts.append((".default_factory", value.default_factory))
    own = _attributes(value)
    return parts + own if parts or own or type(value).__module__ in ("tests", "builtins") else [(".repr", repr(value))]


def _attributes(value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, (type, FunctionType, MethodType, Random)):
        return []
    found = {
        f".{name}": member.__get__(value)
        for kind in type(value).__mro__
        for name, member in vars(kind).items()
        if type(member) is MemberDescriptorType and not name.startswith("__") and _has(member, value)
    }
    return [*found.items(), *((f".{name}", part) for name, part in getattr(value, "__dict__", {}).items())]


def _has(member: Any, value: Any) -> bool:
    try:
        member.__get__(value)
    except AttributeError:
        return False
    return True
