"""What the objects of a class are made of, found out without calling code of the class."""

from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from enum import Enum
from functools import partial
from operator import attrgetter
from types import GetSetDescriptorType, MemberDescriptorType
from typing import Any, NamedTuple

import msgspec

from actors.bases.values.allowed import CONTAINERS, Allowed, name_of

_HEAP_TYPE = 1 << 9
"""The flag of classes that are not compiled into the interpreter."""


class Content(NamedTuple):
    """What an object holds as an instance of a builtin class, besides attributes."""

    fixed: bool
    """It is given when the object is made; otherwise put in afterwards."""
    take: Callable[[Any], Any]
    """Return it as a value that can travel."""
    put: Callable[[Any, Any], None]
    """Put it in."""


def _nothing(whole: object, content: object) -> None:
    """It was made with its content."""


def _put_items(whole: Any, content: Any) -> None:  # noqa: ANN401 - any value
    list.extend(whole, content)


def _put_pairs(whole: Any, content: Any) -> None:  # noqa: ANN401 - any value
    setter = OrderedDict.__setitem__ if isinstance(whole, OrderedDict) else dict.__setitem__
    for key, item in zip(content[::2], content[1::2], strict=True):
        setter(whole, key, item)


def _take_pairs(whole: Any) -> list[Any]:  # noqa: ANN401 - any value
    items = OrderedDict.items(whole) if isinstance(whole, OrderedDict) else dict.items(whole)
    return [part for pair in items for part in pair]


def _put_members(whole: Any, content: Any) -> None:  # noqa: ANN401 - any value
    set.update(whole, content)


def _put_queue(whole: Any, content: Any) -> None:  # noqa: ANN401 - any value
    length, *items = content
    deque.__init__(whole, items, length)


def _put_arguments(whole: Any, content: Any) -> None:  # noqa: ANN401 - any value
    vars(BaseException)["args"].__set__(whole, tuple(content))


def _arguments(whole: Any) -> list[Any]:  # noqa: ANN401 - any value
    return list(vars(BaseException)["args"].__get__(whole))


_ALL = slice(None)
CONTENTS: dict[type, Content | None] = {
    object: None,
    str: Content(True, str.__str__, _nothing),
    int: Content(True, int.__int__, _nothing),
    float: Content(True, float.__float__, _nothing),
    bytes: Content(True, lambda whole: bytes.__getitem__(whole, _ALL), _nothing),
    tuple: Content(True, lambda whole: tuple.__getitem__(whole, _ALL), _nothing),
    frozenset: Content(True, lambda whole: tuple(frozenset.__iter__(whole)), _nothing),
    list: Content(False, lambda whole: list.__getitem__(whole, _ALL), _put_items),
    dict: Content(False, _take_pairs, _put_pairs),
    set: Content(False, lambda whole: list(set.__iter__(whole)), _put_members),
    deque: Content(False, lambda whole: [whole.maxlen, *deque.__iter__(whole)], _put_queue),
}
_ARGUMENTS = Content(False, _arguments, _put_arguments)
_LEFT_OUT = (vars(AttributeError)["obj"],)
"""Whatever an attribute was missing of, an error does not take it along."""


class Layout:
    """How the objects of a class are taken apart and made.

    Objects are made without constructors: by ``__new__`` of the builtin class that they are of at bottom.
    """

    __slots__ = ("attributes", "cls", "content", "make", "members", "name", "setters", "slots", "take_slots")

    def __init__(self, cls: type, allowed: Allowed) -> None:
        self.cls = cls
        self.name = name_of(cls)
        _check_allowed(cls, allowed)
        self.members = {} if issubclass(cls, Enum) else members_of(cls)
        self.slots = tuple(self.members)
        self.setters = {name: member.__set__ for name, member in self.members.items()}
        self.attributes: Callable[[Any], dict[str, Any]] | None = _dictionary(cls)
        self.content: Content | None = None
        self.make: Callable[..., Any]
        if not issubclass(cls, Enum):
            self.make, self.content = _maker(cls)
        self.take_slots = _getter(cls, self.members)


def _check_allowed(cls: type, allowed: Allowed) -> None:
    if CONTAINERS.get(name_of(cls)) is not cls:
        if cls.__module__ == "builtins":
            raise ValueError(f"a {cls.__name__} cannot travel")
        if not allowed.permits(cls.__module__):
            raise ValueError(f"{name_of(cls)} may not travel: it is not in an allowed package")
        if allowed.find(name_of(cls)) is not cls:
            raise ValueError(f"{name_of(cls)} is another class")
    for kind in cls.__mro__:
        for name, why in (("__del__", "has a finalizer"), ("__post_init__", "checks itself")):
            # Dataclasses are not made by their constructor, so theirs is not called.
            if name in vars(kind) and (name == "__del__" or issubclass(cls, msgspec.Struct)):
                raise ValueError(f"{name_of(cls)} {why}, so it cannot travel")


def members_of(cls: type) -> dict[str, Any]:
    """Return the slots of a class, by name; of two with the same name the one that hides the other."""
    members: dict[str, Any] = {}
    for kind in cls.__mro__:
        for name, member in vars(kind).items():
            if type(member) is MemberDescriptorType and not name.startswith("__") and member not in _LEFT_OUT:
                members.setdefault(name, member)
    return members


def _dictionary(cls: type) -> Callable[[Any], dict[str, Any]] | None:
    """Return what gives the dictionary of an object, if it has one."""
    for kind in cls.__mro__:
        found = vars(kind).get("__dict__")
        if type(found) is GetSetDescriptorType:
            getter: Callable[[Any], dict[str, Any]] = found.__get__
            return getter
    return None


def _maker(cls: type) -> tuple[Callable[..., Any], Content | None]:
    if issubclass(cls, msgspec.Struct):
        # Copies are made by msgspec; the lists let the collector of garbage know that there may be others in it.
        blank = cls(**{name: [] for name in cls.__struct_fields__})
        return partial(msgspec.Struct.__copy__, blank), None  # type: ignore[attr-defined]
    base = next(kind for kind in cls.__mro__ if not kind.__flags__ & _HEAP_TYPE)
    root = next(kind for kind in base.__mro__ if kind in CONTENTS)
    if issubclass(base, BaseException):
        content: Content | None = _ARGUMENTS
    elif root is object and base is not object:
        raise ValueError(f"{name_of(cls)} is made of {base.__name__}, which cannot travel")
    else:
        content = CONTENTS[root]
    make: Callable[..., Any] = base.__new__
    if content is None or not content.fixed:
        make(cls)  # so that it is known now that it can be made
    return partial(make, cls), content


def _getter(cls: type, members: Iterable[str]) -> Callable[[Any], tuple[Any, ...]] | None:
    """Return what reads all slots at once, where no attribute of the class is before one of them."""
    names = list(members)
    if not names or type.__getattribute__(cls, "__getattribute__") is not object.__getattribute__:
        return None
    for name in names:
        first = next(vars(kind)[name] for kind in cls.__mro__ if name in vars(kind))
        if type(first) is not MemberDescriptorType:
            return None
    get = attrgetter(*names)
    return get if len(names) > 1 else lambda whole: (get(whole),)
