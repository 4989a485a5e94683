"""``placement``: what it prints, and how it ends."""

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from actors.placement import BUILT_IN, Group, Node, Spec, View
from soju_actors.bootstrap import ROOT
from soju_actors.cli import main

VIEW = View(
    (Node("a", zone="eu"), Node("b", zone="us")), (Group(Spec("user/x/main", group="user/x", zones=("us",)), "a"),)
)
MINE = '''
from actors.placement import Choice
def first(request, candidates, view, chance):
    """The first of the candidates."""
    return Choice(candidates[0].name, "it is the first")
def hashed(request, candidates, view, chance):
    return Choice(next(iter({node.name for node in candidates})), "it is the first of a set")
def none(request, candidates, view, chance):
    pass
def fails(request, candidates, view, chance):
    return Choice({}["x"], "it is the last")
'''


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a saved view and a strategy."""
    (tmp_path / "view.json").write_bytes(msgspec.json.encode(VIEW))
    (tmp_path / "mine.py").write_text(MINE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_all_strategies_are_listed_with_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["placement", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[: len(BUILT_IN)]] == list(BUILT_IN)


@pytest.mark.parametrize("ref", ["user/x", "user/x/main"])
def test_a_placement_is_explained(ref: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    del folder
    assert main(["placement", "explain", "--view", "view.json", "--strategy", "mine.py:first", ref]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "user/x → b",
        "mine.py:first: it is the first",
        "",
        "   node  score  filters",
        "*  b            all 8 passed",
        "   a            zone: its zone is eu, not us",
        "",
        "It runs on a.",
    ]


def test_a_plan_is_printed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    del folder
    assert main(["placement", "plan", "--view", "view.json", "--strategy", "local"]) == 0
    assert capsys.readouterr().out == "user/x  a  →  b  its zone is eu, not us\n"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["explain", "--view", "view.json", "user/y"], "view.json has no user/y"),
        (["explain", "--view", "none.json", "user/x"], "none.json: No such file or directory"),
        (["explain", "--view", "mine.py", "user/x"], "mine.py: JSON is malformed: invalid character"),
        (
            ["explain", "--view", "view.json", "--strategy", "best", "user/x"],
            "there is no strategy best; there are local",
        ),
        (["check", "mine.py:second"], "mine.py has no second"),
        (
            ["explain", "--view", "view.json", "--strategy", "mine.py:none", "user/x"],
            "mine.py:none answered None, which is no Choice; `placement check mine.py:none` tells more",
        ),
        (["compare", "--view", "view.json", "mine.py:fails"], "mine.py:fails raised KeyError: 'x'; `placement check"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_line(
    words: list[str], why: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del folder
    assert main(["placement", *words]) == 1
    assert capsys.readouterr().err.startswith(f"soju-actors: {why}")


@pytest.mark.e2e
@pytest.mark.parametrize(("name", "code"), [("first", 0), ("hashed", 1)])
def test_a_strategy_is_checked_in_two_processes(name: str, code: int, folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "run.py"), "placement", "check", f"mine:{name}"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert ("failed  it answers the same in another process" in done.stdout) == bool(code)
    assert ("µs for a choice among 3 nodes" in done.stdout) != bool(code)
