"""Thespian's own tests, as they are installed, on the base ``node``."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("thespian")]
"""They start another pytest."""

ROOT = Path(__file__).parents[2]
AT_ONCE = 8
"""More than there are cores, for these tests mostly sleep."""


SEVERAL = "HAConvention or manyActorSystems or multipleActorSystems or preRegistration or updateSystemCapabilities"
"""Tests of several systems."""


def run(folder: Path, *options: str, linked: bool = False) -> subprocess.CompletedProcess[str]:
    """Run pytest on Thespian's tests."""
    settings = folder / "pytest.ini"
    settings.write_text("[pytest]\n")
    words = f"-m pytest -c {settings} --rootdir {folder} -p no:cacheprovider -p tests.thespian.node_plugin -q"
    words += " --tb=short --show-capture=no -W ignore --pyargs thespian.test"
    # Output that is lost with a killed process is among what they test.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    environment["PYTHONPATH"] = str(ROOT)
    if linked:
        environment["NODES_OF_TESTS"] = "linked"
    command = [sys.executable, *words.split(), *options]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def passed(done: subprocess.CompletedProcess[str]) -> int:
    """Return how many tests have passed: all."""
    summary = done.stdout.strip().rpartition("\n")[2]
    assert done.returncode == 0, done.stdout
    assert re.fullmatch(r"\d+ passed in .*", summary), summary
    return int(summary.split()[0])


def test_thespians_own_tests_pass_on_a_node(tmp_path: Path) -> None:
    assert passed(run(tmp_path, "-n", str(AT_ONCE))) > 440


def test_thespians_tests_of_several_systems_pass_on_nodes_that_are_connected_by_tls(tmp_path: Path) -> None:
    assert passed(run(tmp_path, "-n", str(AT_ONCE), "-k", SEVERAL, linked=True)) > 70


def test_each_exclusion_is_of_a_test_that_exists(tmp_path: Path) -> None:
    done = run(tmp_path, "--collect-only")
    assert done.returncode == 0, done.stderr
