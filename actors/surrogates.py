"""Text that is no UTF-8, in formats that have no place for it.

A peer sent it so, and it was decoded with surrogates. In a msgpack string each surrogate
is written as a mark and a character of the private use area.
"""

import re
from collections.abc import Callable
from typing import Any

_MARK = "\ufdd0"
"""Stands before an escaped surrogate, and before itself."""
_SHIFT = 0xE000 - 0xD800
_TO_ESCAPE = re.compile(f"[\ud800-\udfff{_MARK}]")
_ESCAPED = re.compile(f"{_MARK}(.)", re.DOTALL)


def escape(value: Any) -> Any:  # noqa: ANN401 - any plain value
    """Write all surrogates within plain values otherwise."""
    return _walk(_escape, value)


def unescape(value: Any) -> Any:  # noqa: ANN401 - any plain value
    """Undo :func:`escape`; tuples have become lists.

    Raises:
        ValueError: the mark stands before what has not been escaped.
    """
    return _walk(_unescape, value)


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
