"""Core nodes are drained and restarted one after the other under load: no connection ends, and no line is missed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from soju_actors.config.settings import Role
from tests.support.cluster import ClusterNode, RealCluster
from tests.support.daemon import NetworkFile, UserFile, run_py
from tests.support.ircclient import IrcClient, Login
from tests.support.numbered import CHANNEL, NumberedServer, numbers_in, talking
from tests.support.postgres import Postgres
from tests.support.process import Program

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("nodes"), pytest.mark.usefixtures("reachable")]

USERS = ("u1", "u2", "u3")
CAPS = {"u1": (), "u2": ("batch", "server-time", "message-tags"), "u3": ()}
ROLES = {"n1": Role.CORE, "n2": Role.CORE, "n3": Role.EDGE}


class Upgrade:
    """Two core nodes and an edge, with users in a channel of the numbered server."""

    def __init__(self, cluster: RealCluster, server: NumberedServer) -> None:
        self.server = server
        self.cluster = cluster
        self.cores = [cluster.nodes["n1"], cluster.nodes["n2"]]
        self.edge = cluster.nodes["n3"]

    async def ctl(self, node: ClusterNode, *words: str) -> list[str]:
        """Give a command to a node."""
        command = run_py("ctl", "--config", node.config, *words)
        async with Program(" ".join(words), command, cwd=node.folder) as program:
            status = await program.ended(seconds=30)
        assert status == 0, program.output.report(f"it ended with status {status}")
        return program.output.lines

    async def until_seen(self, node: ClusterNode) -> None:
        """Wait until a node is there again, as a person would."""
        seen = f"node {node.name}: zone default, role {node.role.value};"
        async with asyncio.timeout(20):
            lines: list[str] = []
            while not any(line.startswith(seen) for line in lines):
                lines = await self.ctl(self.edge, "cluster", "status")

    async def restart(self, node: ClusterNode) -> None:
        """Restart it as systemd does."""
        await node.stop()
        await node.start()
        await self.until_seen(node)

    async def attach(self, user: str) -> IrcClient:
        """Attach a client of a user at the edge."""
        client = await IrcClient.connect(self.edge.endpoint, Login(user, f"{user}/net", "pw-Secret1"), caps=CAPS[user])
        client.heard.name = user
        return client

    def users_on(self, node: ClusterNode) -> list[str]:
        """Return the users that a node has."""
        return self.cluster.owned().get(node.name, [])


@asynccontextmanager
async def upgrade(postgres: Postgres, folder: Path) -> AsyncIterator[Upgrade]:
    """Start the nodes, and wait until all users are in the channel."""
    url = postgres.create_database("rolling")
    async with NumberedServer() as server, RealCluster(folder, url, 3, roles=ROLES, patient=True) as cluster:
        await cluster.provision(
            [UserFile(name, [NetworkFile("net", server.address, name, [CHANNEL])]) for name in USERS]
        )
        await asyncio.gather(*(node.start() for node in cluster.nodes.values()))
        for name in USERS:
            await server.until_joined(name)
        yield Upgrade(cluster, server)


async def test_nodes_are_drained_and_restarted_one_after_the_other(postgres: Postgres, folder: Path) -> None:
    async with upgrade(postgres, folder) as scene, AsyncExitStack() as stack:
        server, edge = scene.server, scene.edge
        clients = [await stack.enter_async_context(await scene.attach(name)) for name in USERS]
        connections = list(server.members)
        async with talking(server):
            for node in scene.cores:
                there = len(scene.users_on(node))
                said = await scene.ctl(edge, "cluster", "drain", node.name)
                assert said[-1] == f"{there} user{'s' * (there != 1)} moved to other nodes, with all connections kept"
                assert not scene.users_on(node)
                await scene.restart(node)
            assert len(scene.users_on(scene.cores[0])) == len(USERS), "they were all on the other one at last"
            said = await scene.ctl(edge, "cluster", "drain", edge.name)
            assert said[-1] == "0 users moved to other nodes, with all connections kept"
            clients[0].send(f"PRIVMSG {CHANNEL} :still here")
            await server.log.expect(rf"u1 PRIVMSG {CHANNEL} :still here")
        last = rf":line {server.said - 1:07}$"
        for client in clients:
            await client.expect(last)
            await client.round_trip()
            numbers = numbers_in(client.heard.lines)
            assert numbers == list(range(numbers[0], server.said)), client.heard.report("lines are missing")
        assert server.members == connections, "connections of servers were made anew"

        # What an edge holds ends with it, and comes back.
        since = server.log.here
        await scene.restart(edge)
        for client in clients:
            assert client.heard.ended
        for name in USERS:
            await server.until_joined(name, since=since)
        first = server.said
        clients = [await stack.enter_async_context(await scene.attach(name)) for name in USERS]
        server.say(5)
        for client in clients:
            await client.expect(rf":line {server.said - 1:07}$")
            assert numbers_in(client.heard.lines) == list(range(first, server.said)), client.heard.report("not the new")
