"""``docs/placement.md`` does what it says: its strategy is checked, and its commands are run."""

import re
import shlex
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from actors.placement import BUILT_IN, Group, Load, Measure, Node, Spec, View
from actors.placement.check import check
from actors.placement.find import find_strategy
from soju_actors.bootstrap import ROOT
from soju_actors.cli import main
from soju_actors.config.answering import AnswersAt
from soju_actors.nodes.program import Heard, Program, Question

PAGE = (ROOT / "docs" / "placement.md").read_text()
EXAMPLE, PROGRAM = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
COMMANDS = re.findall(r"^    python3 run.py (.*)$", PAGE, re.MULTILINE)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with the example of the page."""
    (tmp_path / "mine.py").write_text(EXAMPLE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_strategy_of_the_page_is_short_and_keeps_all_rules(folder: Path) -> None:
    strategy = find_strategy(f"{folder}/mine.py:STRATEGY")
    assert len([line for line in EXAMPLE.splitlines() if line]) <= 30
    assert check(strategy).failures == ()


@pytest.mark.e2e
def test_the_commands_of_the_page_work(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    del folder
    said = {}
    for command in COMMANDS:
        words, _, file = command.partition(" > ")
        assert main(shlex.split(words)) == 0, command
        said[words.split()[1]] = out = capsys.readouterr().out
        if file:
            Path(file).write_text(out)
    assert list(said) == ["list", "check", "sample", "compare", "explain", "plan"]
    assert "failed" not in said["check"]
    assert [line.split()[0] for line in said["compare"].splitlines()[3:]] == ["rendezvous", "exchange", "sociable"]
    assert said["explain"].startswith("user/u7 → n")


def test_each_built_in_strategy_is_on_the_page() -> None:
    table = "".join(line for line in PAGE.splitlines() if line.startswith("| `"))
    assert set(re.findall(r"`([a-z-]+)`", table)) >= set(BUILT_IN)


def test_the_answers_of_the_page_are_a_part_of_a_view() -> None:
    example, _ = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    view = msgspec.json.decode(example.replace("{", '{"nodes": [], ', 1), type=View)
    assert view.answers == {"user/u7": "n2"}


def test_the_program_of_the_page_answers(tmp_path: Path) -> None:
    (tmp_path / "place.py").write_text(PROGRAM)
    at = tmp_path / "place.sock"
    view = View(
        tuple(Node(name, load=Load(bytes=Measure(load))) for name, load in (("a", 9.0), ("b", 1.0), ("c", 5.0)))
    )
    question = Question(1, "a", ("user/alice",), view)
    assert len([line for line in PROGRAM.splitlines() if line]) <= 15
    program = Program(AnswersAt(path=str(at)), patience=30.0)
    with subprocess.Popen([sys.executable, str(tmp_path / "place.py"), str(at)]) as process:
        try:
            deadline = time.monotonic() + 30.0
            heard = program.ask(question)
            while heard.answers is None and time.monotonic() < deadline:
                heard = program.ask(question)
            assert heard == Heard({"user/alice": "b"})
            runs = msgspec.structs.replace(view, groups=(Group(Spec("user/alice"), "c"),))
            assert program.ask(Question(2, "a", ("user/alice",), runs)) == Heard({"user/alice": "c"})
        finally:
            program.close()
            process.terminate()
