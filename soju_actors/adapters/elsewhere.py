"""Work in a process of its own, for what would stay in the bouncer's memory for ever."""

import os
import subprocess
import sys
from pathlib import Path

_PACKAGE_ROOT = Path(__file__).parents[2]


class ElsewhereError(Exception):
    """The other process failed; the text is what it said."""


def run_elsewhere(package: str, told: bytes, patience: float | None = None) -> bytes:
    """Run a package with something on its standard input, and return its standard output.

    Secrets go this way too: others can read the arguments and the environment of a process.

    Raises:
        ElsewhereError: it failed, could not be started, or took longer than ``patience`` seconds.
    """
    environment = dict(os.environ)
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, (str(_PACKAGE_ROOT), environment.get("PYTHONPATH"))))
    try:
        done = subprocess.run(
            [sys.executable, "-m", package],
            input=told,
            env=environment,
            capture_output=True,
            timeout=patience,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ElsewhereError(f"it took longer than {patience} s") from error
    except OSError as error:
        raise ElsewhereError(f"{sys.executable} cannot be started: {error.strerror}") from error
    if done.returncode:
        raise ElsewhereError(done.stderr.decode(errors="replace").strip() or f"it ended with code {done.returncode}")
    return done.stdout
