"""Users move between real nodes while servers and clients talk: no connection ends, and no line is missed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.e2e.test_cluster import Shell
from tests.support.ircclient import Endpoint, IrcClient, Login
from tests.support.numbered import CHANNEL, NumberedServer, numbers_in, talking
from tests.support.ports import ports_in_a_row
from tests.support.postgres import need_programs

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("nodes")]

NODES = 3
CAPS = ("batch", "server-time", "message-tags")


class Nodes:
    """Three nodes, with a user whose network is the numbered server."""

    def __init__(self, run: Shell, port: int) -> None:
        self.run = run
        self.port = port
        self.config = str(run.folder / "data" / "cluster" / "n1" / "node.toml")

    async def ctl(self, *words: str) -> list[str]:
        return await self.run("ctl", "--config", self.config, *words)

    async def attach(self, node: int, client: str, caps: tuple[str, ...] = ()) -> IrcClient:
        """Attach a client at a node."""
        who = Login("alice", f"alice/net@{client}", "secret")
        return await IrcClient.connect(Endpoint(self.port + node - 1), who, caps=caps)

    async def users_on(self, node: str) -> int:
        """Return how many users run on a node."""
        (line,) = [line for line in await self.run("cluster", "status") if line.startswith(f"node {node}:")]
        return int(line.split("; ")[1].split(" ")[0])


@asynccontextmanager
async def cluster(folder: Path, server: NumberedServer) -> AsyncIterator[Nodes]:
    """Start the nodes."""
    need_programs()
    run = Shell(folder)
    nodes = Nodes(run, ports_in_a_row(NODES))
    link = ports_in_a_row(NODES)
    try:
        await run("cluster", "up", str(NODES), "--port", str(nodes.port), "--link-port", str(link))
        await nodes.ctl("user", "create", "-username", "alice", "-password", "secret")
        network = ("network", "create", "-name", "net", "-addr", server.address, "-nick", "alice")
        await nodes.ctl("user", "run", "alice", *network)
        await nodes.ctl("user", "run", "alice", "channel", "create", CHANNEL, "-network", "net")
        yield nodes
    finally:
        await run("cluster", "down")


async def test_a_user_moves_and_a_node_is_drained_while_lines_are_said(folder: Path) -> None:
    async with NumberedServer() as server, cluster(folder, server) as nodes:
        await server.log.expect(rf"JOIN {CHANNEL}")
        async with await nodes.attach(2, "plain") as plain, await nodes.attach(3, "modern", CAPS) as modern:
            async with talking(server):
                for node in ("n2", "n3", "n1", "n3"):
                    said = await nodes.run("cluster", "move", "alice", node)
                    assert said == [f"user/alice is on node {node} now"]
                said = await nodes.run("cluster", "drain", "n3")
                assert said[-1].endswith("moved to other nodes, with all connections kept")
                assert await nodes.users_on("n3") == 0
                edges = folder / "edges.csv"
                await nodes.run("placement", "record", str(edges), "--seconds", "1", "--config", nodes.config)
                assert ",user/alice/upstream-1,user/alice," in edges.read_text()
                assert ",user/alice" in (folder / "edges-actors.csv").read_text()
                assert any("it is being emptied" in line for line in await nodes.ctl("cluster", "explain", "alice"))
                plain.send(f"PRIVMSG {CHANNEL} :still here")
                await server.log.expect(rf"PRIVMSG {CHANNEL} :still here")
            last = rf":line {server.said - 1:07}$"
            for client in (plain, modern):
                await client.heard.expect(last)
                numbers = numbers_in(client.heard.lines)
                assert numbers == list(range(numbers[0], server.said)), client.heard.report("lines are missing")
            assert len(server.members) == 1, "the server's connection was made anew"
        async with await nodes.attach(1, "plain") as again:
            await again.expect(r" (422|376) ")
            await again.round_trip()
            assert numbers_in(again.heard.lines) == [], "what was acknowledged is not said again"
