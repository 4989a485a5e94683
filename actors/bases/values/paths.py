"""Where in a value a part of it is."""

from collections import deque
from collections.abc import Iterator
from types import MethodType
from typing import Any

from actors.bases.values.dumping import is_set
from actors.bases.values.layout import members_of

_MOST = 1_000_000
"""So many parts are looked at."""


def path_to(part: object, whole: object, name: str) -> str:
    """Return the shortest way to a part, like ``state.clients['x'].pending[3]``."""
    seen = {id(whole)}
    todo = deque([(whole, name)])
    while todo and len(seen) < _MOST:
        value, path = todo.popleft()
        if value is part:
            return path
        for step, inner in _parts(value):
            if id(inner) not in seen:
                seen.add(id(inner))
                todo.append((inner, path + step))
    return name


def _parts(value: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - any value
    """Yield what a value is made of, and how to get there."""
    if isinstance(value, type):
        return
    match value:
        case dict():
            yield from ((f" key {_short(key)}", key) for key in dict.keys(value))
            yield from ((f"[{_short(key)}]", inner) for key, inner in dict.items(value))
        case list() | tuple() | deque():
            yield from ((f"[{number}]", inner) for number, inner in enumerate(value))
        case set() | frozenset():
            yield from ((f"{{{_short(inner)}}}", inner) for inner in value)
        case MethodType():
            yield ".__self__", value.__self__
        case BaseException():
            yield from ((f".args[{number}]", inner) for number, inner in enumerate(value.args))
    yield from _attributes(value)


def _attributes(value: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - any value
    for name, member in members_of(type(value)).items():
        if is_set(member, value):
            yield f".{name}", member.__get__(value)
    own = getattr(value, "__dict__", None)
    if isinstance(own, dict):
        yield from ((f".{name}", inner) for name, inner in own.items())


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004 - what fits into a line
