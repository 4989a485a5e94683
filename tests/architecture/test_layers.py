"""The contracts of import-linter hold, and each bites when it is broken on purpose."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("layers")]
"""Each starts the linter."""

ROOT = Path(__file__).resolve().parents[2]
BREACHES = {
    "a lower layer imports a higher one": ("layers", "soju_actors/model/records.py", "soju_actors.messages.user"),
    "an actor package imports its sibling": ("layers", "soju_actors/store/actor.py", "soju_actors.buffer.actor"),
    "an actor package imports an adapter": ("layers", "soju_actors/user/actor.py", "soju_actors.adapters.database"),
    "something imports the command line": ("layers", "soju_actors/messages/user.py", "soju_actors.cli.daemon"),
    "a package is in no layer": ("layers", "soju_actors/misplaced/__init__.py", "soju_actors.irc.message"),
    "the actor layer imports the bouncer": ("actors", "actors/turn.py", "soju_actors.irc.message"),
    "the face of the actor layer imports Thespian": ("thespian", "actors/actor.py", "thespian.actors"),
    "the bouncer imports Thespian": ("thespian", "soju_actors/user/actor.py", "thespian.actors"),
    "the language looks at the clock": ("pure", "soju_actors/irc/message.py", "time"),
    "a decision rolls dice": ("pure", "soju_actors/policy/rate.py", "random"),
    "a record logs": ("pure", "soju_actors/model/records.py", "logging"),
    "the history knows actors": ("pure", "soju_actors/history/ring.py", "actors"),
    "a strategy looks at the clock": ("placement", "actors/placement/strategies/load.py", "time"),
    "a port imports an engine": ("ports", "soju_actors/ports/database.py", "actors.bases.node"),
    "the configuration knows actors": ("ports", "soju_actors/config/settings.py", "actors"),
    "the bootstrap needs a package": ("bootstrap", "soju_actors/bootstrap.py", "msgspec"),
    "the bootstrap needs the configuration": ("bootstrap", "soju_actors/installing.py", "soju_actors.config"),
}
"""What is done, the contract that it breaks, and the import that does it."""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the sources, to be broken."""
    for name in ("actors", "soju_actors"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def broken(tree: Path) -> tuple[set[str], str]:
    """The first words of the contracts that a tree breaks, and what the linter says."""
    command = "from importlinter.cli import lint_imports_command as c; c(['--no-cache'])"
    done = subprocess.run(
        [sys.executable, "-c", command],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    verdicts = re.findall(r"^(\w+): .* (KEPT|BROKEN)\b", done.stdout, re.MULTILINE)
    assert verdicts, done.stdout + done.stderr
    return {contract for contract, verdict in verdicts if verdict == "BROKEN"}, done.stdout


def test_every_contract_is_kept(tree: Path) -> None:
    contracts, said = broken(tree)
    assert contracts == set(), said


@pytest.mark.parametrize("breach", BREACHES)
def test_a_contract_bites_when(breach: str, tree: Path) -> None:
    contract, name, module = BREACHES[breach]
    file = tree / name
    file.parent.mkdir(exist_ok=True)
    before = file.read_text() if file.exists() else ""
    file.write_text(f"{before}\nimport {module}\n")
    contracts, said = broken(tree)
    assert contract in contracts, said
