"""``python3 run.py test``: the checks of the code, then the tests."""

import argparse
import os
import subprocess
import sys

from soju_actors.bootstrap import ROOT, say

CHECKS = {
    "ruff check": [sys.executable, "-m", "ruff", "check", "--quiet"],
    "ruff format": [sys.executable, "-m", "ruff", "format", "--check", "--quiet"],
    "lint-imports": [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
    "mypy": [sys.executable, "-m", "mypy", "--no-error-summary"],
}
IN_PARALLEL = ["--dist", "loadgroup", "--no-loadscope-reorder"]
MOST_CORES = 4
EPILOG = """\
examples:
  python3 run.py test                        everything
  python3 run.py test --fast                 the checks, and the tests that start no other program
  python3 run.py test --checks               the checks alone
  python3 run.py test tests/unit -k ring     what pytest makes of these words, alone

With --no-skips, and where the environment says CI=true, a test that is skipped counts as failed.
"""


def main(arguments: list[str]) -> int:
    """Run checks and tests as the arguments say; the last line is pytest's, unless a check failed."""
    parser = argparse.ArgumentParser(
        "run.py test", description=__doc__, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--fast", action="store_true", help="leave out the tests that start other programs")
    parser.add_argument("--checks", action="store_true", help="run no tests")
    parser.add_argument("--no-skips", action="store_true", help="a skipped test is a failed one")
    options, words = parser.parse_known_args(arguments)
    if options.no_skips:
        os.environ["CI"] = "true"
    if words:
        return _pytest(words)
    failed = _checks()
    code = 0 if options.checks else _pytest(_in_parallel(fast=options.fast))
    if failed:
        say(f"Failed: {', '.join(failed)}.")
    return code or bool(failed)


def _in_parallel(*, fast: bool) -> list[str]:
    """Return the words for pytest on all cores; of the slow tests many only wait, which leaves time for one more."""
    affinity = getattr(os, "sched_getaffinity", None)
    cores = min(len(affinity(0)) if affinity else os.cpu_count() or 1, MOST_CORES)
    workers = str(cores if fast else cores + 1)
    return ["-n", workers, *IN_PARALLEL, *(["-m", "not e2e"] if fast else ["--cov"])]


def _checks() -> list[str]:
    """Run the checks side by side; show what fails, and return its names."""
    running = {
        name: subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for name, command in CHECKS.items()
    }
    failed = []
    for name, process in running.items():
        output, _ = process.communicate()
        say(f"{name}: {'failed' if process.returncode else 'passed'}")
        if process.returncode:
            say(output)
            failed.append(name)
    return failed


def _pytest(words: list[str]) -> int:
    return subprocess.run([sys.executable, "-m", "pytest", *words], cwd=ROOT, check=False).returncode
