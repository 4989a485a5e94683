"""Making ``.venv``: what is done once, and after an update."""

import os
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from soju_actors.bootstrap import PINNED, STAMP, say, stop

FAILED = "the packages could not be installed; pip says why above. Start again once that is mended."


def install_into(venv: Path, lock: Path, stamp: list[str]) -> None:
    """Make or repair a virtual environment, install a lock file's packages, and leave a stamp.

    Ends the process with a sentence if that fails.
    """
    total = len(PINNED.findall(lock.read_text()))
    say(f"Installing {total} packages of {lock.name} into {venv} (once; --no-bootstrap would refuse).")
    try:
        _make(venv, clear=_is_spoilt(venv / STAMP.name, stamp[0]))
        (venv / STAMP.name).write_text("")
        _install(venv, lock, total)
        (venv / STAMP.name).write_text("\n".join(stamp) + "\n")
    except OSError as error:
        stop(f"{venv} cannot be made: {error}")
    except KeyboardInterrupt:
        stop("interrupted; the next start begins again.")
    say("Installed.")


def _is_spoilt(stamp: Path, tag: str) -> bool:
    """Whether an installation was broken off, or was for another Python. One without a stamp is not ours to clear."""
    return stamp.exists() and stamp.read_text().splitlines()[:1] != [tag]


def _make(venv: Path, *, clear: bool) -> None:
    """Make the environment without pip: that needs no more of the system than Python itself."""
    command = [_python(), "-m", "venv", "--without-pip", *(["--clear"] if clear else []), str(venv)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        stop(f"{venv} cannot be made:\n{done.stdout}")


def _install(venv: Path, lock: Path, total: int) -> None:
    """Install with the pip of this Python, telling each package as its turn comes.

    The lock file has all that its packages need. Left to resolve that again, pip of 2023 takes
    ``coverage[toml]`` for another package than the pinned ``coverage``, and the newest of it.
    """
    options = ["--disable-pip-version-check", "--no-input", "--progress-bar", "off", "--require-hashes", "--no-deps"]
    target = str(venv / "bin" / "python")
    command = [_python(), "-m", "pip", "--python", target, "install", *options, "-r", str(lock)]
    last: deque[str] = deque(maxlen=15)
    number = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
        for line in _lines(pip):
            last.append(line)
            if line.startswith(("Collecting ", "Processing ")):
                number += 1
                say(f"  {number:2}/{total} {Path(line.split()[1]).name}")
            elif line.startswith(("Installing collected", "WARNING: Retrying")):
                say("  " + line.partition(":")[0] if line.startswith("I") else line)
    if pip.returncode:
        say("\n".join(last))
        without_pip = any("No module named pip" in line for line in last)
        stop("pip is missing: install it first (Debian: apt install python3-pip)." if without_pip else FAILED)


def _lines(process: "subprocess.Popen[str]") -> Iterator[str]:
    assert process.stdout is not None  # noqa: S101 - it was asked for
    return (line.rstrip() for line in process.stdout)


def _python() -> str:
    """An interpreter that has pip: where a virtual environment lacks it, as ours does, the one it was made by."""
    return sys.executable if find_spec("pip") else os.path.realpath(sys.executable)
