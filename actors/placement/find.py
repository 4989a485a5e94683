"""Strategies by name: the built-in ones, those of installed packages, and any function of a module or a file."""

import importlib
import importlib.util
from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType

import msgspec

from actors.placement.strategies import BUILT_IN
from actors.placement.strategy import Strategy

GROUP = "soju_actors.placement"
"""The entry points of packages that bring strategies are in this group."""


class NoStrategyError(Exception):
    """There is no such strategy, or it cannot be loaded; the text is a sentence for people."""


class Listed(msgspec.Struct, frozen=True):
    """A strategy that can be named."""

    name: str
    about: str
    source: str
    """The package that it comes with; empty for the built-in ones."""


def find_strategy(reference: str) -> Strategy:
    """The strategy of a name, of ``package.module:name``, or of ``path/to/file.py:name``.

    What is named is a :class:`Strategy`, or a function that places.

    Raises:
        NoStrategyError: there is none.
    """
    if reference in BUILT_IN:
        return BUILT_IN[reference]
    for point in entry_points(group=GROUP):
        if point.name == reference:
            return _loaded(point)
    module, colon, name = reference.rpartition(":")
    if not colon and reference.endswith(".py"):
        raise NoStrategyError(
            f"{reference} is a file: name a Strategy or a function in it, too, as {reference}:STRATEGY"
        )
    if not colon:
        raise NoStrategyError(
            f"there is no strategy {reference}; there are {', '.join(item.name for item in listed())}"
        )
    try:
        found = getattr(_module(module), name)
    except AttributeError:
        raise NoStrategyError(f"{module} has no {name}") from None
    return _strategy(found, reference)


def listed() -> Iterator[Listed]:
    """All strategies that have a name of their own. A name that is taken by a built-in one stands for that."""
    for strategy in BUILT_IN.values():
        yield Listed(strategy.name, strategy.about, "")
    for point in sorted(entry_points(group=GROUP)):
        if point.name not in BUILT_IN:
            try:
                about = _loaded(point).about
            except NoStrategyError as error:
                about = f"cannot be used: {error}"
            yield Listed(point.name, about, point.dist.name if point.dist else point.value)


def _loaded(point: EntryPoint) -> Strategy:
    try:
        found = point.load()
    except Exception as error:
        raise NoStrategyError(f"{point.value}: {type(error).__name__}: {error}") from error
    return _strategy(found, point.name)


def _module(name: str) -> ModuleType:
    try:
        return _module_of_file(name) if name.endswith(".py") else importlib.import_module(name)
    except FileNotFoundError as error:
        raise NoStrategyError(f"{name} cannot be loaded: there is no file {error.filename}") from error
    except Exception as error:
        raise NoStrategyError(f"{name} cannot be loaded: {type(error).__name__}: {error}") from error


def _module_of_file(path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location("strategy_of_a_file", path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _strategy(found: object, name: str) -> Strategy:
    if isinstance(found, Strategy):
        return found
    if not callable(found):
        raise NoStrategyError(f"{name} is {found!r}, neither a Strategy nor a function")
    about = (getattr(found, "__doc__", None) or "no description").strip().splitlines()[0].rstrip(".")
    return Strategy(name, about, found)
