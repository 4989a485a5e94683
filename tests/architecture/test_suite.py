"""The tests are run as their own rules say."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.suite import IN_PARALLEL

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("suite")]
"""They start other programs."""

ROOT = Path(__file__).resolve().parents[2]
SKIPS_ONE = """
import pytest

def test_that_runs():
    pass

def test_that_skips():
    pytest.skip("needs ircd: apt-get install ircd")

@pytest.mark.xfail(strict=True)
def test_of_a_known_fault():
    assert False
"""
SKIPS_ALL = "import pytest; pytest.skip('needs ircd: apt-get install ircd', allow_module_level=True)"
STARTS_PROGRAMS = """
import pytest

@pytest.mark.parametrize("number", range(20))
def test_of_a_daemon(number, worker_id):
    open(f"ran.{worker_id}", "w")
"""


@pytest.fixture
def tests(tmp_path: Path) -> Path:
    """A folder with our rules and no tests."""
    folder = tmp_path / "tests"
    (folder / "e2e").mkdir(parents=True)
    shutil.copy(ROOT / "tests" / "conftest.py", folder)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return folder


def outcome(tests: Path, *options: str, ci: str = "") -> str:
    """The closing lines of pytest."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options]
    environment = {**os.environ, "CI": ci}
    done = subprocess.run(command, cwd=tests.parent, env=environment, capture_output=True, text=True, check=False)
    return done.stdout[done.stdout.rindex("short test summary") :] if "summary" in done.stdout else done.stdout


def test_a_skip_is_one_line_with_its_reason(tests: Path) -> None:
    (tests / "test_it.py").write_text(SKIPS_ONE)
    said = outcome(tests)
    assert "needs ircd: apt-get install ircd" in said
    assert "1 passed, 1 skipped, 1 xfailed" in said


@pytest.mark.parametrize("parallel", [[], ["-n2"]])
def test_a_skip_is_a_failure_in_ci(tests: Path, parallel: list[str]) -> None:
    (tests / "test_it.py").write_text(SKIPS_ONE)
    said = outcome(tests, *parallel, ci="true")
    assert "nothing may be skipped here: Skipped: needs ircd: apt-get install ircd" in said
    assert "1 failed, 1 passed, 1 xfailed" in said


def test_a_skipped_module_is_a_failure_in_ci(tests: Path) -> None:
    (tests / "test_it.py").write_text(SKIPS_ALL)
    assert "1 skipped" in outcome(tests)
    assert "1 error" in outcome(tests, ci="true")


def test_whole_programs_run_one_after_the_other(tests: Path) -> None:
    (tests / "e2e" / "test_it.py").write_text(STARTS_PROGRAMS)
    assert "20 passed" in outcome(tests, "-n2", "--dist=loadgroup")
    assert len(list(tests.parent.glob("ran.*"))) == 1
    assert "20 deselected" in outcome(tests, "-m", "not e2e")


def test_what_takes_longest_begins_first(tests: Path) -> None:
    passes = "def test_it():\n    pass\n"
    (tests / "test_fast.py").write_text(passes)
    (tests / "test_slow.py").write_text(f"import pytest\n\n@pytest.mark.e2e\n{passes}")
    (tests / "e2e" / "test_daemon.py").write_text(passes)
    (tests / "e2e" / "test_nodes.py").write_text(f"import pytest\n\n@pytest.mark.xdist_group('nodes')\n{passes}")
    ran = re.findall(r"PASSED \S+test_(\w+)\.py", outcome(tests, "-n1", *IN_PARALLEL, "-v"))
    assert ran == ["nodes", "daemon", "slow", "fast"]


@pytest.mark.parametrize(("folder", "missing"), [("e2e", True), ("contract", False), ("unit", False)])
def test_coverage_is_not_measured_where_it_shows_nothing(tests: Path, folder: str, missing: bool) -> None:
    (tests.parent / "actors.py").write_text("def act():\n    return 1\n")
    (tests / folder).mkdir(exist_ok=True)
    (tests / folder / "test_it.py").write_text("import actors\n\ndef test_it():\n    assert actors.act()\n")
    said = outcome(tests, "--cov", "--cov-report=term-missing:skip-covered")
    assert "1 passed" in said
    assert bool(re.search(r"^actors.py .* 2$", said, re.MULTILINE)) == missing
