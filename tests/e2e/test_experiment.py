"""``placement experiment``, as short as it can be: three nodes, PostgreSQL, a load, and what it comes to."""

import csv
import os
import subprocess
from pathlib import Path

import pytest

from tests.support.daemon import run_py
from tests.support.postgres import need_programs

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("nodes")]


def test_a_quick_experiment_has_results_and_leaves_nothing_behind(folder: Path) -> None:
    need_programs()
    folder.chmod(0o755)  # PostgreSQL may run as another user
    words = ("placement", "experiment", "--quick", "--strategies", "near-client", "--out", str(folder / "results"))
    env = {**os.environ, "TMPDIR": str(folder)}
    done = subprocess.run(run_py(*words), cwd=folder, env=env, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr.decode()
    with (folder / "results" / "runs.csv").open() as file:
        (run,) = csv.DictReader(file)
    assert (run["strategy"], run["seed"], run["missing"]) == ("near-client", "0", "0")
    assert 0 < float(run["remote"]) < 1
    assert 1 <= float(run["busiest"]) <= 3
    assert 0 < float(run["p50"]) <= float(run["p99"])
    edges = {"edges-near-client-0.csv", "edges-near-client-0-actors.csv"}
    names = {*edges, "load-0.json", "runs.csv", "strategies.csv"}
    assert {file.name for file in (folder / "results").iterdir()} == names
    assert [file.name for file in folder.iterdir()] == ["results"]
