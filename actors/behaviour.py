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
