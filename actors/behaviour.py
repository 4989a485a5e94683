"""From the import path in a spec to the actor class."""

import functools
import importlib
from typing import Any

from actors.actor import Actor


@functools.cache
def behaviour(path: str) -> type[Actor[Any]]:
    """Return the class at ``package.module:Class``.

    Raises:
        ImportError: there is no such module or name.
        TypeError: it is not an actor class.
    """
    module, _, name = path.partition(":")
    try:
        found = getattr(importlib.import_module(module), name)
    except (AttributeError, ValueError) as error:
        raise ImportError(f"there is no actor class {path!r}") from error
    if not (isinstance(found, type) and issubclass(found, Actor)):
        raise TypeError(f"{path} is not an actor class")
    return found


def foreign_behaviour(path: str) -> type[Actor[Any]]:
    """Return the class that another node names; it has nothing imported but of packages that have actors here.

    Raises:
        ImportError: there is no such module or name, or it is of no such package.
        TypeError: it is not an actor class.
    """
    if path.partition(":")[0].partition(".")[0] not in _packages(Actor):
        raise ImportError(f"{path!r} is of no package that has actors on this node")
    return behaviour(path)


def _packages(kind: type) -> set[str]:
    return {kind.__module__.partition(".")[0]}.union(*map(_packages, kind.__subclasses__()))
