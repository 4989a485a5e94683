"""Reading TOML into structs, with errors that say where and what is allowed."""

import difflib
import re
from bisect import bisect_left
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar, get_args

import msgspec
import tomli

_OF_KEYS = "key` in `"
"""What is wrong with the keys of a table is said to be there."""
T = TypeVar("T", bound=msgspec.Struct)
Key = tuple[str | int, ...]
"""The way to a value: names of tables and keys, and positions in arrays."""


class ConfigError(Exception):
    """A file says something that cannot be; the text is one line for a person: file, line, key, what is allowed."""


def read_toml(path: Path, into: type[T]) -> T:
    """Read a file into a struct.

    Raises:
        ConfigError: it cannot be read, is not TOML, or has a key or value that the struct does not allow.
    """
    return decode_toml(read_text(path), into, str(path))


def read_text(path: Path) -> str:
    """The text of a file.

    Raises:
        ConfigError: it cannot be read, or is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not UTF-8 at byte {error.start}") from None


def decode_toml(text: str, into: type[T], name: str) -> T:
    """As :func:`read_toml`, from text; ``name`` stands for the file in errors."""
    try:
        table = tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        raise ConfigError(f"{name}: is not TOML: {error}") from None
    for key, allowed in _unknown_keys(table, into, ()):
        raise wrong(name, text, key, f"there is no such key; {_instead(str(key[-1]), allowed)}")
    try:
        return msgspec.convert(table, into)
    except msgspec.ValidationError as error:
        reason, _, at = str(error).partition(" - at `")
        key = _parse_key(at.removeprefix(_OF_KEYS).rstrip("`"))
        if at.startswith(_OF_KEYS):
            reason = f"Each of its keys is {reason.replace('Expected ', '', 1)}"
        raise wrong(name, text, key, reason[0].lower() + reason[1:] + _choices(into, key)) from None


def wrong(name: str, text: str, key: Key, reason: str) -> ConfigError:
    """The error about a key of a file; without a text there is no line to name."""
    where = f"{name}:{find_line(text, key)}" if text else name
    return ConfigError(": ".join(part for part in (where, format_key(key), reason) if part))


def format_key(key: Key) -> str:
    """A key as a person reads it: ``listen[1].uri``, where the first is 1."""
    return "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in key).lstrip(".")


def find_line(text: str, key: Key) -> int:
    """The line, from 1, on which a key of a TOML text is given; that of its table where it is not given.

    That is the first line without which the text does not have the key. Where a value
    takes several lines, the text cannot be read up to one of them: it began after the
    last line up to which it can.
    """
    while not _has(tomli.loads(text), key):
        key = key[:-1]
    lines = text.split("\n")
    end = bisect_left(range(len(lines)), True, key=lambda count: _has(_longest(lines, count)[0], key))
    return _longest(lines, end - 1)[1] + 1


def _longest(lines: list[str], most: int) -> tuple[dict[str, Any], int]:
    """What the first lines, up to ``most``, say, as many of them as make a readable text."""
    for end in range(most, 0, -1):
        try:
            return tomli.loads("\n".join(lines[:end])), end
        except tomli.TOMLDecodeError:
            continue
    return {}, 0


def _has(value: Any, key: Key) -> bool:  # noqa: ANN401 - whatever TOML holds
    for part in key:
        in_array = isinstance(value, list) and isinstance(part, int) and part < len(value)
        if not in_array and not (isinstance(value, dict) and part in value):
            return False
        value = value[part]
    return True


def _unknown_keys(value: Any, struct: type, key: Key) -> Iterator[tuple[Key, tuple[str, ...]]]:  # noqa: ANN401
    """Keys that a struct lacks, in the order of the file, each with those that it has."""
    if not isinstance(value, dict):
        return
    fields = {field.encode_name: field.type for field in msgspec.structs.fields(struct)}
    for name, inner in value.items():
        if name not in fields:
            yield (*key, name), tuple(fields)
            continue
        of = _struct_of(fields[name])
        if of is not None and isinstance(inner, list):
            for number, item in enumerate(inner):
                yield from _unknown_keys(item, of, (*key, name, number))
        elif of is not None:
            yield from _unknown_keys(inner, of, (*key, name))


def _struct_of(kind: Any) -> type[msgspec.Struct] | None:  # noqa: ANN401 - an annotation
    """The struct of a field that holds one or an array of them."""
    for candidate in (kind, *get_args(kind)):
        if isinstance(candidate, type) and issubclass(candidate, msgspec.Struct):
            return candidate
    return None


def _instead(name: str, allowed: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(name, allowed, n=1)
    return f'did you mean "{near[0]}"?' if near else f"allowed: {', '.join(allowed)}"


def _choices(struct: type[msgspec.Struct], key: Key) -> str:
    """What a key allows, if that is a closed set."""
    kind: Any = struct
    for part in key:
        if isinstance(part, str):
            of = _struct_of(kind)
            kind = next((f.type for f in msgspec.structs.fields(of) if f.encode_name == part), None) if of else None
    if isinstance(kind, type) and issubclass(kind, Enum):
        return "; allowed: " + ", ".join(f'"{member.value}"' for member in kind)
    return ""


def _parse_key(at: str) -> Key:
    """Read the way that msgspec gives to a value: ``$.listen[0].uri``."""
    return tuple(int(number) if number else name for number, name in re.findall(r"\[(\d+)\]|\.?([^.\[\]$]+)", at))
