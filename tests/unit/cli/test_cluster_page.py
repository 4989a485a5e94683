"""``docs/cluster.md`` does what it says: its commands are there, its example runs, its log lines are those of nodes."""

import importlib
import re
import shlex
import sys
from pathlib import Path

import pytest

from soju_actors.bootstrap import ROOT
from soju_actors.cli import main
from soju_actors.cli.daemon import find_daemon_options
from soju_actors.service.groups.cluster import GROUP

PAGE = (ROOT / "docs" / "cluster.md").read_text()
CODE = " ".join(path.read_text() for path in (ROOT / "actors").rglob("*.py"))
RUN = [shlex.split(line) for line in re.findall(r"python3 run\.py ([^\n`]*)", PAGE)]


@pytest.mark.parametrize("words", RUN, ids=" ".join)
def test_each_command_of_the_page_is_there(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    if find_daemon_options(words) is not None:
        return
    if words[0] == "ctl":
        said = " ".join(words[words.index("cluster") :][:2])
        assert said in {command.name for command in GROUP.commands}
        return
    assert main([*words, "--help"]) == 0
    usage = re.search(r"Usage: run\.py ([a-z-]+(?: [a-z-]+)*)", capsys.readouterr().out)
    assert usage is not None
    assert words[: len(usage[1].split())] == usage[1].split()


def test_the_example_of_the_page_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "counted.py").write_text(example)
    monkeypatch.syspath_prepend(tmp_path)
    try:
        counted = importlib.import_module("counted")
        assert counted.play(1) == counted.play(1)
        assert [counted.play(seed)[1] for seed in range(3)] == [300] * 3
    finally:
        sys.modules.pop("counted", None)


def test_the_log_lines_of_the_page_are_those_of_nodes() -> None:
    table = PAGE.partition("| reason |")[2].partition("\n\n")[0]
    reasons = "".join(row.split("|")[1] for row in table.splitlines() if row)
    quoted = re.findall("`([^`]*)`", reasons)
    assert len(quoted) > 10
    for text in quoted:
        for part in re.split(r"…|node [abx]\b|\b(?:version )?[12]\b|cluster (?:x|chat)\b|certificate revoked", text):
            words = part.strip(" :,")
            assert words in CODE, text
