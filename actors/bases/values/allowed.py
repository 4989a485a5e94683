"""Which classes and functions may travel by name, and how they are found again."""

import builtins
import importlib
import re
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Iterable, Mapping
from types import FunctionType
from typing import Any

from actors.bases.values.wire import PLAIN_TYPES

_NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_ERRORS = [error for error in vars(builtins).values() if isinstance(error, type) and issubclass(error, BaseException)]


def name_of(thing: type | FunctionType) -> str:
    """Return the name of a class or function: its module, a colon, and the way to it there."""
    return f"{thing.__module__}:{thing.__qualname__}"


_CONTAINERS: tuple[type, ...] = (*_ERRORS, deque, OrderedDict, defaultdict, Counter)
CONTAINERS = {name_of(kind): kind for kind in _CONTAINERS}
"""Classes of the standard library whose instances may travel."""
_KNOWN = {name_of(kind): kind for kind in PLAIN_TYPES} | CONTAINERS


class Allowed:
    """The packages whose classes and functions may travel."""

    def __init__(self, packages: Iterable[str]) -> None:
        self.packages = tuple(packages)
        self._prefixes = tuple(f"{package}." for package in self.packages)
        self._found: dict[str, Any] = {}

    def permits(self, module: str) -> bool:
        """Whether a module belongs to one of the packages."""
        return module in self.packages or module.startswith(self._prefixes)

    def find(self, name: str) -> Any:  # noqa: ANN401 - a class or function
        """Return the class or function of a name.

        Raises:
            ValueError: there is none, or it may not travel.
        """
        found = self._found.get(name) or _KNOWN.get(name)
        if found is None:
            found = self._found[name] = self._look_up(name)
        return found

    def _look_up(self, name: str) -> Any:  # noqa: ANN401
        module, _, path = name.partition(":")
        if not (_NAME.fullmatch(module) and _NAME.fullmatch(path)) or "__main__" in module.split("."):
            raise ValueError(f"{name!r} is no name of a class or function")
        if not self.permits(module):
            raise ValueError(f"{name} may not travel: {module} is not in an allowed package")
        try:
            scope: Mapping[str, Any] = vars(importlib.import_module(module))
        except (Exception, SystemExit) as error:
            raise ValueError(f"{module} cannot be imported") from error
        found: Any = None
        for step in path.split("."):
            found = scope.get(step)  # not getattr, so that nothing is called
            if isinstance(found, staticmethod):
                found = found.__func__
            scope = vars(found) if isinstance(found, type) else {}
        # What a module has imported from elsewhere is not its own.
        if not isinstance(found, (type, FunctionType)) or name_of(found) != name:
            raise ValueError(f"{name} is no class or function")
        return found
