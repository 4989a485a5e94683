"""Finds an interpreter that has what the lock file names, or makes one: ``.venv``.

Imports nothing that has to be installed, and little else, for it stays in the memory
of the daemon. All that it says goes to standard error.
"""

import hashlib
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed"
"""The version of Python, then a hash for each lock file whose packages are there; empty while they are installed."""
LOCK = ROOT / "requirements.lock"
TEST_LOCK = ROOT / "requirements-test.lock"
"""Has all of the other one too, in the same versions."""

PINNED = re.compile(r"^([\w.-]+)==([^\s;]+)( *;)?", re.MULTILINE)
"""A package of a lock file: its name, its version, whether only some platforms need it."""


def prepare(arguments: list[str]) -> list[str]:
    """Return when this interpreter has what is needed; else go on in ``.venv``, and do not return.

    ``--no-bootstrap`` among the arguments forbids to install anything, and contents itself
    with packages of other versions. It is missing in what is returned.
    """
    rest = [argument for argument in arguments if argument != "--no-bootstrap"]
    may_install = rest == arguments
    lock = TEST_LOCK if is_test(rest) else LOCK
    ready = is_installed(lock)
    if not (ready and is_in_venv()) and not has_packages(lock, exactly=may_install):
        if not ready and not may_install:
            stop(f"packages of {lock.name} are missing, and --no-bootstrap forbids to install them into {VENV}.")
        if not ready:
            install(lock)
        go_on_in_venv()
    return rest


def is_test(arguments: list[str]) -> bool:
    """Whether the arguments ask for the tests."""
    return arguments[:1] == ["test"]


def is_in_venv() -> bool:
    """Whether this interpreter is that of ``.venv``."""
    return Path(sys.prefix).resolve() == VENV.resolve()


def is_installed(lock: Path) -> bool:
    """Whether ``.venv`` has the packages of a lock file, for this version of Python."""
    return _digest(lock) in _stamp() and PYTHON.exists()


def has_packages(lock: Path, *, exactly: bool) -> bool:
    """Whether this interpreter has the packages of a lock file, ``exactly`` in the versions that it names."""
    found = dict(_installed())
    for name, version, optional in PINNED.findall(lock.read_text()):
        installed = found.get(_normal(name))
        if not optional and (installed is None or (exactly and installed != version)):
            return False
    return True


def install(lock: Path) -> None:
    """Make ``.venv``, or repair it, and install the packages of a lock file into it."""
    with _alone():
        if is_installed(lock):
            return
        from soju_actors.installing import install_into  # noqa: PLC0415 - rarely needed

        install_into(VENV, lock, stamp=[_tag(), *sorted({_digest(LOCK), _digest(lock)})])


def go_on_in_venv() -> NoReturn:
    """Start anew, with the same arguments, in the interpreter of ``.venv``."""
    os.execv(PYTHON, [str(PYTHON), *sys.orig_argv[1:]])  # noqa: S606 - our own interpreter, no shell


def stop(reason: str) -> NoReturn:
    """End with a sentence for a person."""
    say(f"soju-actors: {reason}")
    raise SystemExit(1)


def say(line: str) -> None:
    """Tell what is being done."""
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - it speaks to a person


@contextmanager
def _alone() -> Iterator[None]:
    """Wait until no other start installs anything."""
    import fcntl  # noqa: PLC0415 - rarely needed

    with LOCK.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _installed() -> Iterator[tuple[str, str]]:
    """Name and version of each package that can be imported, as the folders of their metadata tell."""
    for folder in filter(os.path.isdir, reversed(sys.path)):
        for entry in os.scandir(folder):
            if entry.name.endswith(".dist-info"):
                name, _, version = entry.name.removesuffix(".dist-info").partition("-")
                yield _normal(name), version


def _normal(name: str) -> str:
    """Spec: https://packaging.python.org/en/latest/specifications/name-normalization/."""
    return re.sub(r"[-_.]+", "_", name).lower()


def _tag() -> str:
    """What installed packages depend on: the version of Python."""
    return sys.implementation.cache_tag


def _digest(lock: Path) -> str:
    return hashlib.sha256(_tag().encode() + lock.read_bytes()).hexdigest()


def _stamp() -> list[str]:
    try:
        return STAMP.read_text().splitlines()
    except OSError:
        return []
