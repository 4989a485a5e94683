"""Sees a function that looks at a clock, does IO or throws dice of its own."""

import datetime as dt
import gc
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, ModuleType
from typing import Any

FORBIDDEN = {
    "time": "it looks at the clock",
    "posix": "it asks the operating system",
    "nt": "it asks the operating system",
    "_io": "it uses files",
    "io": "it uses files",
    "_socket": "it uses sockets",
    "socket": "it uses sockets",
    "ssl": "it uses sockets",
    "select": "it waits for sockets",
    "_posixsubprocess": "it starts processes",
    "_sqlite3": "it uses a database",
    "sqlite3": "it uses a database",
}
"""What the use of a module's functions, or of an object's methods of such a class, amounts to."""
BY_NAME = {
    ("builtins", "input"): "it reads from the terminal",
    ("builtins", "print"): "it prints",
    ("_thread", "start_new_thread"): "it starts threads",
}
GLOBAL_CHANCE = getattr(random, "_inst", None)


@contextmanager
def watched() -> Iterator[list[str]]:
    """Collect what is seen while this is entered. It sees calls of what is not written in Python, and so all of it."""
    seen: list[str] = []

    def look(frame: FrameType, event: str, function: Any) -> None:  # noqa: ANN401, ARG001 - as Python wants it
        if event == "c_call":
            offence = _offence(function)
            if offence and offence not in seen:
                seen.append(offence)

    before = sys.getprofile()
    collects = gc.isenabled()
    gc.disable()  # others may have it call something, which would be taken for the function's doing
    sys.setprofile(look)
    try:
        yield seen
    finally:
        sys.setprofile(before)
        if collects:
            gc.enable()


def _offence(function: Any) -> str:  # noqa: ANN401 - anything that can be called
    """What is wrong with the use of a function; empty if nothing is."""
    owner = getattr(function, "__self__", None)
    name = getattr(function, "__name__", "")
    if owner is GLOBAL_CHANCE and owner is not None:
        return f"it throws dice of its own: random.{name}"
    if isinstance(owner, type) and issubclass(owner, dt.date) and name in {"now", "utcnow", "today"}:
        return f"it looks at the clock: {owner.__name__}.{name}"
    if owner is None or isinstance(owner, ModuleType):
        module = getattr(function, "__module__", None) or ""
        what = BY_NAME.get((module, name)) or FORBIDDEN.get(module)
    else:
        module = type(owner).__module__
        what = FORBIDDEN.get(module)
    return f"{what}: {module}.{name}" if what else ""
