"""Programs of the system that some tests need."""

import os
import shutil

import pytest

PACKAGES = {"umount": "mount", "setpriv": "util-linux"}
"""The Debian package of a program, where it has another name."""


def need(program: str) -> str:
    """Return the path of a program, or skip the test and name the package; with CI=true that is a failure."""
    found = shutil.which(program, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin")
    if found is not None:
        return found
    reason = f"needs {program}: apt-get install {PACKAGES.get(program, program)}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
