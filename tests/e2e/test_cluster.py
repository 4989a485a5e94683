"""``cluster up``, ``status`` and ``down``: two nodes on this machine, with a database of their own."""

import asyncio
import json
import os
import re
import signal
from pathlib import Path

import pytest

from soju_actors.cli.together import APART
from tests.support.daemon import run_py
from tests.support.ports import free_port, ports_in_a_row
from tests.support.postgres import need_programs
from tests.support.process import Program

KNOWN = "2 nodes run, and know each other."
pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("nodes")]


class Shell:
    """Runs commands in a folder, as a rule one that others can reach: PostgreSQL is not run as root."""

    def __init__(self, folder: Path, mode: int = 0o755) -> None:
        folder.chmod(mode)
        self.folder = folder

    async def __call__(self, *words: str, code: int | None = 0) -> list[str]:
        async with Program(" ".join(words), run_py(*words), cwd=self.folder) as program:
            status = await program.ended(seconds=120)
        assert code is None or status == code, program.output.report(f"it ended with status {status}, not {code}")
        return program.output.lines


def processes(here: Path) -> dict[str, int]:
    """The process of each node."""
    found = json.loads((here / "cluster.json").read_bytes())["processes"]
    return {name: process["pid"] for name, process in found.items()}


async def a_second_of_the_name_gets_nothing(here: Path, run: Shell) -> None:
    """Start another n2, on another address: it is told and has no users, and users move to the first and from it."""
    text = (here / "n2" / "node.toml").read_text()
    link = re.findall(r'^listen = "127.0.0.1:(\d+)"', text, re.MULTILINE)
    clients = re.findall(r'"irc\+insecure://127.0.0.1:(\d+)"', text)
    text = text.replace(str(here / "n2" / "data"), str(here / "again" / "data"))
    text = text.replace(f'listen = "127.0.0.1:{link[0]}"', f'listen = "127.0.0.1:{free_port()}"')
    text = text.replace(f":{clients[0]}", f":{free_port()}")
    config = here / "again" / "node.toml"
    config.parent.mkdir()
    config.write_text(text)
    async with Program("the second n2", run_py("--config", config), cwd=here) as second:
        await second.output.expect(
            "no node lets this one in, so it acts for no users until one does: the name is in use"
        )
        await second.output.expect("node n2 has session")
        (line,) = await run("ctl", "--config", str(config), "cluster", "status")
        assert "takes no users, since it is not let in: the name is in use" in line
        assert "; 0 users, " in line
        for node in ("n2", "n1"):
            await run("cluster", "move", "admin", node)
        second.process.terminate()
        assert await second.ended(seconds=20) == 0


async def a_revoked_node_gives_its_user_up(here: Path, run: Shell) -> None:
    """Revoke the certificate of n2, where a user is, and let n1 know."""
    await run("cluster", "move", "admin", "n2")
    await run("cluster", "key", "revoke", "n2", "--folder", str(here / "keys"))
    os.kill(processes(here)["n1"], signal.SIGHUP)
    states: list[str] = []
    async with asyncio.timeout(20):
        while not any("node n1: " in line and "; 1 user, " in line for line in states):
            states = await run("cluster", "status", code=None)
    assert APART in states
    assert "not let in: its certificate was revoked; 0 users, " in states[-1].replace(
        "it says that the certificate of this node", "its certificate"
    )


async def test_two_nodes_go_up_are_looked_at_and_go_down(folder: Path) -> None:
    need_programs()
    run = Shell(folder)
    port, link = ports_in_a_row(2), ports_in_a_row(2)
    up = ("cluster", "up", "2", "--port", str(port), "--link-port", str(link))
    here = folder / "data" / "cluster"
    try:
        said = await run(*up)
        assert said[0] == f"n1  clients at 127.0.0.1:{port}, nodes at 127.0.0.1:{link}, log {here}/n1/log"
        assert said[2].startswith("There is an account now: user admin, password ")
        assert said[3] == KNOWN
        first = str(here / "n1" / "node.toml")
        assert (await run("ctl", "--config", first, "user", "status"))[0].startswith("admin  admin")
        states = await run("cluster", "status")
        assert states[0] == f"database  answers, of its own, in {here}/postgres"
        assert [line.split(",")[0] for line in states[1:3]] == ["n1  runs", "n2  runs"]
        assert [line.split(":")[0] for line in states[3:]] == ["node n1", "node n2"]
        assert "there is a cluster up in" in (await run(*up, code=1))[0]

        before = processes(here)
        os.kill(before["n2"], signal.SIGKILL)
        states = await run("cluster", "status", code=1)
        assert [line.split(",")[0] for line in states[1:3]] == ["n1  runs", "n2  has ended; its last words"]
        assert "of which n2 ended: cluster start n2 starts that again" in (await run(*up, code=1))[0]
        assert (await run("cluster", "start", "n2"))[-1] == KNOWN
        assert processes(here)["n1"] == before["n1"]
        assert "node n2 runs, process " in (await run("cluster", "start", "n2", code=1))[0]
        states = await run("cluster", "status")
        assert [line.split(":")[0] for line in states[3:]] == ["node n1", "node n2"]
        await a_second_of_the_name_gets_nothing(here, run)
        await a_revoked_node_gives_its_user_up(here, run)
    finally:
        assert await run("cluster", "down") == ["The cluster is down."]
    assert "there is no cluster up in" in (await run("cluster", "status", code=1))[0]

    said = await run(*up)
    try:
        assert said[2] == KNOWN, "the account is there still"
    finally:
        await run("cluster", "down")


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: others run PostgreSQL as themselves")
async def test_root_is_told_where_its_postgresql_cannot_be(folder: Path) -> None:
    need_programs()
    run = Shell(folder, mode=0o700)
    said = await run("cluster", "up", "1", "--port", str(free_port()), "--link-port", str(free_port()), code=1)
    assert len(said) == 1
    assert "PostgreSQL does not run as root, and user " in said[0]
    assert "run this as another user, or --folder names another place" in said[0]
