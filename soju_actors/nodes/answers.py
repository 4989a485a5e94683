"""The file in which a program outside says where users are to run, for the strategy ``external``."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import msgspec

from soju_actors.registry.state import path_of

log = logging.getLogger(__name__)

EVERY = 2.0
"""Seconds from one look at the file to the next."""

FORM = 'it is one object of JSON, such as {"alice": "n2"}: users, and their nodes'

Stamp = tuple[int, int, int]


class Asking(Protocol):
    """Who wants to know."""

    def in_thread(self, call: Callable[[], Any], done: Callable[[Any], None]) -> None:
        """Have something done in another thread."""

    def later(self, delay: float, call: Callable[[], None]) -> None:
        """Call something in so many seconds."""


class AnswersFile:
    """Reads the file when it has changed; where it is wrong, what it said before goes on to count."""

    def __init__(self, path: Path, asking: Asking, told: Callable[[dict[str, str]], None]) -> None:
        self._path = path
        self._asking = asking
        self._told = told
        self._stamp: Stamp | None = None
        self._wrong = ""

    def begin(self) -> None:
        """Look now, and from now on."""
        stamp = self._stamp
        self._asking.in_thread(lambda: _read(self._path, stamp), self._take)

    def _take(self, found: "Found") -> None:
        self._asking.later(EVERY, self.begin)
        self._stamp = found.stamp
        if found.wrong and found.wrong != self._wrong:
            log.warning("%s says nothing new of where users are to run: %s", self._path, found.wrong)
        if found.wrong or found.answers is not None:
            self._wrong = found.wrong
        if found.answers is not None:
            log.info("%s says where %d users are to run", self._path, len(found.answers))
            self._told({path_of(user): node for user, node in found.answers.items()})


class Found(msgspec.Struct, frozen=True):
    """What became of a look at the file."""

    stamp: Stamp | None = None
    """Of the content that was looked at."""
    answers: dict[str, str] | None = None
    """None: nothing new."""
    wrong: str = ""


def _read(path: Path, seen: Stamp | None) -> Found:
    try:
        stat = path.stat()
        stamp = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        if stamp == seen:
            return Found(stamp)
        return Found(stamp, msgspec.json.decode(path.read_bytes(), type=dict[str, str]))
    except OSError as error:
        return Found(wrong=error.strerror or str(error))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return Found(stamp, wrong=f"{error}; {FORM}")
