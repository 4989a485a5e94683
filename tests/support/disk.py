"""A small file system of a test's own, which can be full."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.programs import need

CHUNK = 2**16


class Disk:
    """A mounted file system with little room."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._ballast = root / "ballast"

    def fill(self) -> None:
        """Take all the room that is left, to the last byte."""
        with self._ballast.open("ab", buffering=0) as file:
            size = CHUNK
            while size:
                try:
                    file.write(b"\0" * size)
                except OSError:
                    size //= 2

    def free(self) -> None:
        """Give the room back."""
        self._ballast.unlink()


@contextmanager
def small_disk(root: Path, megabytes: int) -> Iterator[Disk]:
    """Mount a file system of that size at a folder, or skip the test: it takes the rights to mount one."""
    root.mkdir(parents=True)
    mount = [need("mount"), "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(root)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("needs the rights to mount a file system: run the tests as root")
    try:
        yield Disk(root)
    finally:
        subprocess.run([need("umount"), "--lazy", root], check=True)
