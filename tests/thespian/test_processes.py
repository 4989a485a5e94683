"""An unmodified program of Thespian's on two nodes that are processes."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from thespian.actors import ActorSystem, NoCompatibleSystemForActor

from soju_actors.adapters.authority import Authority
from tests.thespian import program

ROOT = Path(__file__).parents[2]
WAIT = timedelta(seconds=10)
NOTICED = timedelta(seconds=2)
"""A node that dies is missed after so long at the latest."""

pytestmark = pytest.mark.e2e

Nodes = tuple[ActorSystem, "subprocess.Popen[bytes]"]


@pytest.fixture
def nodes(tmp_path: Path) -> Iterator[Nodes]:
    authority = Authority(tmp_path / "keys")
    authority.init("test", time.time())
    for name in ("near", "far"):
        authority.issue(name, time.time())
    system, base = program.start("near", authority.folder_of("near"), {})
    assert base.peers is not None
    words = [sys.executable, "-m", "tests.thespian.program", "far", str(authority.folder_of("far")), base.peers.address]
    with subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)}) as other:
        end = time.monotonic() + WAIT.total_seconds()
        while time.monotonic() < end:
            try:
                system.createActor(program.Child)
                break
            except NoCompatibleSystemForActor:
                time.sleep(0.01)  # nothing tells a thread that a system has registered
        yield system, other
        other.kill()
    system.shutdown()


def test_a_parent_talks_to_a_child_in_another_process_and_hears_of_its_death(nodes: Nodes) -> None:
    system, other = nodes
    parent = system.createActor(program.Parent)
    assert system.ask(parent, "hello", WAIT) == "hello yourself"
    other.kill()
    assert system.listen(NOTICED) is True
