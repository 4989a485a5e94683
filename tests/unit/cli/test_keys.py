"""``cluster key``: what a person is told to do with the keys."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from soju_actors.cli import main

RUN = "python3 run.py cluster key"


class End(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


Run = Callable[..., End]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs ``cluster key`` with an authority in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> End:
        return End(main(["cluster", "key", *words]), *capsys.readouterr())

    return run


def test_each_step_says_what_to_copy_where(run: Run, tmp_path: Path) -> None:
    keys = tmp_path / "cluster-keys"
    assert run("init", "--cluster", "chat").out.splitlines() == [
        f"Made the authority of cluster chat in {keys}.",
        "Whoever can read it can let nodes in: keep it secret, and a copy of it elsewhere.",
        f"Next, for each node: {RUN} issue NODE",
    ]
    issued = run("issue", "a").out.splitlines()
    assert issued[0].startswith(f"Made {keys}/nodes/a, good until 20")
    assert issued[1].startswith("Copy it to node a, where its user alone may read it")
    assert issued[3:] == ["[cluster]", 'node = "a"', 'keys = "/where/it/is"']
    run("issue", "b")
    copy = f"Copy {keys}/nodes/NODE/authorities.pem to each node and send it SIGHUP:"
    revoked = run("revoke", "b").out.splitlines()
    assert revoked[0].startswith("Revoked what node b has: ")
    assert revoked[1:] == [f"The others let it in until they know. {copy} a."]
    assert run("rotate").out.splitlines() == [
        "Authority 2 signs from now on; 1 is trusted beside it. Next:",
        f"1. {copy} a.",
        f"2. For each node: {RUN} issue --again NODE; copy its node.pem in the same way.",
        f"3. Once all nodes have theirs: {RUN} rotate --finish",
    ]
    assert run("issue", "--again", "a").code == 0
    assert run("rotate", "--finish").out.splitlines() == [
        "Authority 2 alone is trusted now; the key of the old one is deleted.",
        f"{copy} a.",
    ]
    first, second = run("list").out.splitlines()
    assert first == "cluster chat, authority 2"
    assert second.startswith("a  ")
    assert second.endswith("  authority 2")


def test_what_cannot_be_done_is_one_line(run: Run, tmp_path: Path) -> None:
    where = tmp_path / "elsewhere"
    end = run("issue", "a", "--folder", str(where))
    reason = f"there is no authority in {where}: cluster key init makes one, and --folder names another place"
    assert end == End(1, "", f"soju-actors: {reason}\n")


def test_a_cluster_has_a_name_though_it_is_given_none(run: Run) -> None:
    assert run("init").out.startswith("Made the authority of cluster c")
