"""Shapes into what makes objects of nodes."""

from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum, Flag
from typing import TYPE_CHECKING, Any

import msgspec

from actors.bases.values.dumping import Rules
from actors.bases.values.layout import CONTENTS, Layout
from actors.bases.values.wire import ATOMS

if TYPE_CHECKING:
    from actors.bases.values.loading import Loader

KNOWN_MOST = 4096
"""Shapes that are remembered: names of attributes are of the sender's choice."""
Load = Callable[["Loader", list[Any], int], Any]


def known_load(rules: Rules, shape: Any) -> Load:  # noqa: ANN401 - whatever has come
    """Return what makes the objects of a shape, which has been met before as a rule.

    Raises:
        ValueError: it is none, or its class may not travel.
    """
    name, *groups = shape
    key = (name, *map(tuple, groups))
    load: Load | None = rules.loads.get(key)
    if load is None:
        load = _shape_load(rules, shape)
        if len(rules.loads) < KNOWN_MOST:
            rules.loads[key] = load
    return load


def _shape_load(rules: Rules, shape: Any) -> Load:  # noqa: ANN401 - whatever has come
    name, *names = _names(shape)
    cls = rules.allowed.find(name)
    if not isinstance(cls, type):
        raise ValueError(f"{name} is no class")  # noqa: TRY004 - it is what has come that is wrong
    layout = rules.layout(cls)
    if issubclass(cls, Enum):
        return _member_load(layout)
    slots, attributes = names
    setters = [layout.setters[slot] for slot in slots]
    if len(set(slots)) != len(slots) or (attributes and layout.attributes is None):
        raise ValueError(f"{name} has no such attributes")
    whole = layout.slots if issubclass(cls, msgspec.Struct) else _fields(cls)
    if not set(whole) <= {*slots, *attributes}:  # as from a node of another version
        raise ValueError(f"a {name} has no value for some of its fields")
    if layout.content is None and not attributes:
        return _slotted_load(layout, setters)
    return _object_load(layout, setters, attributes)


def _fields(cls: type) -> list[str]:
    """Return the names of the fields that each object of a dataclass has; of another class none is known."""
    if not is_dataclass(cls):
        return []
    return [f.name for f in fields(cls) if f.init or f.default is not MISSING or f.default_factory is not MISSING]


def _names(shape: Any) -> Any:  # noqa: ANN401 - whatever has come
    """Check that a shape is made of names."""
    name, *groups = shape
    if type(name) is not str or not all(type(group) is list and {str}.issuperset(map(type, group)) for group in groups):
        raise ValueError("no shape")
    return shape


def _member_load(layout: Layout) -> Load:
    """Return what finds members of an enumeration."""
    members = layout.cls.__members__  # type: ignore[attr-defined]
    composed = issubclass(layout.cls, Flag) and layout.cls._missing_.__func__ is Flag._missing_.__func__  # type: ignore[attr-defined]

    def load(loader: "Loader", node: list[Any], depth: int) -> Any:  # noqa: ANN401 - a member
        _, name = node
        name = loader.load(name, depth)
        value = layout.cls(name) if composed and type(name) is int else members[name]
        loader.note(value)
        return value

    return load


def _slotted_load(layout: Layout, setters: list[Callable[[Any, Any], None]]) -> Load:
    """Return what makes objects that have but slots: nearly all are."""
    make = layout.make
    parts = 1 + len(setters)

    def load(loader: "Loader", node: list[Any], depth: int) -> Any:  # noqa: ANN401 - an object
        if len(node) != parts:
            raise ValueError(f"{layout.name} has other parts")
        value = make()
        loader.note(value)
        rest = iter(node)
        next(rest)
        # In a slot there may be a plain dictionary, too, which we would have written otherwise.
        if list in map(type, node):
            load_part = loader.load
            for setter, part in zip(setters, rest, strict=True):
                setter(value, load_part(part, depth) if type(part) is list else part)
        else:
            for setter, part in zip(setters, rest, strict=False):
                setter(value, part)
        return value

    return load


def _object_load(layout: Layout, setters: list[Callable[[Any, Any], None]], attributes: list[str]) -> Load:
    """Return what makes objects and gives them slots and attributes."""
    begin = _beginning(layout)
    skip = 1 if layout.content is None else 2
    parts = skip + len(setters) + len(attributes)
    fixed = layout.content is not None and layout.content.fixed

    def load(loader: "Loader", node: list[Any], depth: int) -> Any:  # noqa: ANN401 - an object
        if len(node) != parts:
            raise ValueError(f"{layout.name} has other parts")
        value = begin(loader, node, depth)
        values = loader.load_all(node[skip:], depth)
        for setter, part in zip(setters, values, strict=False):
            setter(value, part)
        if attributes:
            # Into the dictionary itself: no property or other code of the class is between.
            layout.attributes(value).update(zip(attributes, values[len(setters) :], strict=True))  # type: ignore[misc]
        if fixed:
            loader.note(value)
        return value

    return load


def _beginning(layout: Layout) -> Load:
    """Return what makes an object of its content, as far as it has any."""
    content = layout.content
    make = layout.make
    if content is None:
        return lambda loader, node, depth: _noted(loader, make())  # noqa: ARG005
    if not content.fixed:

        def filled(loader: "Loader", node: list[Any], depth: int) -> Any:  # noqa: ANN401
            value = _noted(loader, make())
            content.put(value, loader.load_all(node[1], depth))
            return value

        return filled
    kind = next(kind for kind in layout.cls.__mro__ if kind in CONTENTS)

    def made(loader: "Loader", node: list[Any], depth: int) -> Any:  # noqa: ANN401
        if kind not in ATOMS:
            return make(loader.load_all(node[1], depth))
        whole = loader.load(node[1], depth)
        if type(whole) is not kind:
            raise ValueError(f"a {layout.name} is made of {kind.__name__}")
        return make(whole)

    return made


def _noted(loader: "Loader", value: Any) -> Any:  # noqa: ANN401 - an object
    loader.note(value)
    return value
