"""Three nodes that run one user, between a server that counts its lines and the user's clients."""

import asyncio
import os
import re
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from tests.support.cluster import ClusterNode, RealCluster, WatchfulServer
from tests.support.daemon import NetworkFile, UserFile
from tests.support.history import read_history
from tests.support.ircclient import IrcClient, Login
from tests.support.ledger import Session, complaints
from tests.support.numbered import CHANNEL, numbers_in
from tests.support.postgres import Postgres

DETECTED, OWNED, BACK = 2.0, 10.0, 25.0
"""Seconds until others notice, until they have all users, and until these are on their server again."""
LEASE = 6.0
GRACE = 1.0
PASSWORD = "pw-Secret1"
CAPS = {"plain": (), "modern": ("batch", "server-time", "message-tags")}


def rounds() -> int:
    """Return how often a failure is tried: once, or what FAILURE_ROUNDS says; 20 are for a night."""
    return int(os.environ.get("FAILURE_ROUNDS", "1"))


class Trial:
    """A cluster between the numbered server and clients of u1."""

    def __init__(self, cluster: RealCluster, server: WatchfulServer) -> None:
        self.cluster = cluster
        self.server = server
        self.sessions: dict[str, list[Session]] = defaultdict(list)

    async def attach(self, node: ClusterNode, client: str) -> IrcClient:
        """Attach a client at a node."""
        who = Login("u1", f"u1/net@{client}", PASSWORD)
        attached = await IrcClient.connect(node.endpoint, who, caps=CAPS[client])
        attached.heard.name = client
        return attached

    def note(self, client: IrcClient, ended: float) -> None:
        """Keep what a session has been shown."""
        lines = client.heard.lines
        safe = max((a.shown for a in client.acknowledgements if a.at < ended - GRACE), default=0)
        self.sessions[client.heard.name].append(Session(numbers_in(lines), len(numbers_in(lines[:safe]))))

    async def silence(self, victim: ClusterNode, places: Mapping[str, int]) -> float:
        """Wait until others have lost a node; return for how long that was silent, as they have measured it."""
        said = rf"node {victim.name} is lost: nothing was heard of it for ([\d.]+) s"
        lines = [await self.cluster.nodes[name].program.output.expect(said, since=at) for name, at in places.items()]
        return max(float(found[1]) for line in lines if (found := re.search(said, line)))

    async def joined(self, victim: ClusterNode, places: Mapping[str, int]) -> float:
        """Wait until others are connected with a node again; return for how many seconds."""
        began, said = time.monotonic(), f"connected with node {victim.name}"
        for name, place in places.items():
            await self.cluster.nodes[name].program.output.expect(said, since=place)
        return time.monotonic() - began

    async def until_back(self, since: int, *, seconds: float = BACK) -> None:
        """Wait until u1 is in the channel again."""
        await self.server.log.expect(rf"^u1 JOIN {CHANNEL}$", since=since, seconds=seconds)

    async def check(self, clients: list[IrcClient]) -> None:
        """Let clients catch up, and check all that they were shown."""
        self.server.say(1)
        for client in clients:
            await client.expect(rf"line {self.server.said - 1:07}$", seconds=30)
            await client.round_trip()
            self.note(client, float("inf"))
        node = self.cluster.node_of("u1")
        wrong = complaints(await read_history(node.endpoint), self.sessions)
        assert not wrong, f"{len(wrong)} complaints:\n" + "\n".join(wrong[:30])
        assert not self.server.twice, self.server.twice[:10]
        assert self.server.connected("u1") == 1


@asynccontextmanager
async def trial(
    postgres: Postgres, folder: Path, name: str, kind: type[RealCluster] = RealCluster
) -> AsyncIterator[Trial]:
    """Start three nodes with u1, who is in the channel."""
    url = postgres.create_database(name)
    async with WatchfulServer() as server, kind(folder, url, 3) as cluster:
        network = NetworkFile("net", await cluster.reached(server), "u1", [CHANNEL])
        await cluster.provision([UserFile("u1", [network])])
        await asyncio.gather(*(node.start() for node in cluster.nodes.values()))
        await server.until_joined("u1")
        yield Trial(cluster, server)
