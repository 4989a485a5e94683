"""Work in other processes ends well or with a sentence."""

from pathlib import Path

import pytest

from soju_actors.adapters.elsewhere import ElsewhereError, run_elsewhere


def make(folder: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> str:
    """Make a module of this code that can be run, and return its name."""
    (folder / "told_elsewhere.py").write_text(code)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return "told_elsewhere"


def test_what_is_told_comes_back_as_it_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = "import sys, soju_actors; sys.stdout.write(sys.stdin.read().upper())"
    monkeypatch.chdir(tmp_path)
    assert run_elsewhere(make(tmp_path, monkeypatch, code), b"hello") == b"HELLO"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("raise SystemExit('the disk is full')", "the disk is full"),
        ("raise SystemExit(7)", "it ended with code 7"),
        ("import sys; sys.stdin.read(); import threading; threading.Event().wait()", "it took longer than 0.5 s"),
    ],
)
def test_a_failure_is_told(code: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    patience = 0.5 if "Event" in code else 30
    with pytest.raises(ElsewhereError, match=said):
        run_elsewhere(make(tmp_path, monkeypatch, code), b"", patience)
