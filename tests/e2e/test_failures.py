"""Nodes are killed, hang, and lose each other or the database: never two act for a user, and no line is lost."""

import asyncio
import logging
import os
import re
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from soju_actors.adapters.passwords import hash_password
from tests.support.cluster import ClusterNode, RealCluster, WatchfulServer
from tests.support.daemon import NetworkFile, UserFile
from tests.support.history import read_history
from tests.support.ircclient import IrcClient, Login
from tests.support.ledger import Session, complaints
from tests.support.numbered import CHANNEL, numbers_in
from tests.support.postgres import Postgres

log = logging.getLogger(__name__)

pytestmark = [pytest.mark.e2e]

ROUNDS = int(os.environ.get("FAILURE_ROUNDS", "2"))
"""20 of them are for a night."""
MANY = 1000
DETECTED, OWNED, BACK = 2.0, 10.0, 25.0
"""Seconds until others notice, until they have all users, and until these are on their server again."""
LEASE = 6.0
BURST, PERIOD = 5, 0.02
GRACE = 1.0
PASSWORD = "pw-Secret1"
CAPS = {"plain": (), "modern": ("batch", "server-time", "message-tags")}


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    server = Postgres()
    yield server
    server.remove()


@pytest.fixture(autouse=True)
def reachable(folder: Path) -> None:
    """Let PostgreSQL, which does not run as root, reach what relays to it."""
    folder.chmod(0o755)


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
async def trial(postgres: Postgres, folder: Path, name: str) -> AsyncIterator[Trial]:
    """Start three nodes with u1, who is in the channel."""
    url = postgres.create_database(name)
    async with WatchfulServer() as server, RealCluster(folder, url, 3) as cluster:
        network = NetworkFile("net", server.address, "u1", [CHANNEL])
        await cluster.provision([UserFile("u1", [network])])
        await asyncio.gather(*(node.start() for node in cluster.nodes.values()))
        await server.until_joined("u1")
        yield Trial(cluster, server)


@asynccontextmanager
async def talking(server: WatchfulServer) -> AsyncIterator[None]:
    """Let the server say lines all the time."""

    async def talk() -> None:
        while True:
            server.say(BURST)
            await asyncio.sleep(PERIOD)

    task = asyncio.create_task(talk())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_a_node_is_killed_and_clients_of_others_stay(postgres: Postgres, folder: Path) -> None:
    async with trial(postgres, folder, "killed") as scene:
        cluster, server = scene.cluster, scene.server
        for _ in range(ROUNDS):
            victim = cluster.node_of("u1")
            one, two = cluster.others(victim)
            clients = [await scene.attach(one, "plain"), await scene.attach(two, "modern")]
            lost = await scene.attach(victim, "plain")
            await lost.abort()
            places = {node.name: node.program.output.here for node in (one, two)}
            async with talking(server):
                await clients[0].expect("line ")
                since, began = server.log.here, time.monotonic()
                await victim.kill()
                for node in (one, two):
                    await node.program.output.expect(f"node {victim.name} is lost", since=places[node.name])
                detected = time.monotonic() - began
                owned = await cluster.until_owned(1, by=[one.name, two.name]) - began
                await scene.until_back(since)
                back = time.monotonic() - began
            log.warning("%s", f"killed: detected {detected:.2f} s, owned {owned:.2f} s, back {back:.2f} s")
            for client in clients:
                await client.expect("Disconnected from net: the node|net is connected by another node")
            await scene.check(clients)
            for client in clients:
                await client.abort()
            assert detected < DETECTED
            assert owned < OWNED
            await victim.start()


async def test_a_node_hangs_for_twice_its_lease(postgres: Postgres, folder: Path) -> None:
    async with trial(postgres, folder, "hangs") as scene:
        cluster, server = scene.cluster, scene.server
        for _ in range(ROUNDS):
            victim = cluster.node_of("u1")
            client = await scene.attach(cluster.others(victim)[0], "plain")
            async with talking(server):
                await client.expect("line ")
                since, began = server.log.here, time.monotonic()
                places = {node.name: node.program.output.here for node in cluster.others(victim)}
                victim.stop_running()
                try:
                    silent = await scene.silence(victim, places)
                    await scene.until_back(since)
                    log.warning("%s", f"hangs: detected {silent:.2f} s, back {time.monotonic() - began:.2f} s")
                    await asyncio.sleep(max(0.0, began + 2 * LEASE - time.monotonic()))
                finally:
                    place = victim.program.output.here
                    victim.go_on()
                await victim.program.output.expect("was stopped for longer", since=place)
                await victim.program.output.expect("has session", since=place)
            await scene.check([client])
            await client.abort()
            assert silent < DETECTED
            assert list(cluster.owned()) != [victim.name]


async def test_a_node_without_the_database_gives_up_its_users_in_time(postgres: Postgres, folder: Path) -> None:
    async with trial(postgres, folder, "cut") as scene:
        cluster, server = scene.cluster, scene.server
        for _ in range(ROUNDS):
            victim = cluster.node_of("u1")
            client = await scene.attach(cluster.others(victim)[0], "plain")
            async with talking(server):
                await client.expect("line ")
                since, place, began = server.log.here, victim.program.output.here, time.monotonic()
                victim.database.cut()
                await victim.program.output.expect("must not act for", since=place)
                gave_up = time.monotonic() - began
                await scene.until_back(since)
                log.warning("%s", f"cut: given up {gave_up:.2f} s, back {time.monotonic() - began:.2f} s")
                victim.database.mend()
            assert gave_up < LEASE
            await scene.check([client])
            await client.abort()


async def test_the_database_is_started_again(postgres: Postgres, folder: Path) -> None:
    async with trial(postgres, folder, "again") as scene:
        for _ in range(ROUNDS):
            victim = scene.cluster.node_of("u1")
            client = await scene.attach(scene.cluster.others(victim)[0], "plain")
            async with talking(scene.server):
                await client.expect("line ")
                place = client.heard.here
                await asyncio.to_thread(postgres.crash)
                await asyncio.to_thread(postgres.start)
                await client.expect("line ", since=place, count=100)
            await scene.check([client])
            await client.abort()


async def test_the_network_between_nodes_is_cut(postgres: Postgres, folder: Path) -> None:
    async with trial(postgres, folder, "apart") as scene:
        cluster, server = scene.cluster, scene.server
        for _ in range(ROUNDS):
            home = cluster.node_of("u1")
            far = cluster.others(home)[0]
            clients = [await scene.attach(far, "plain"), await scene.attach(home, "modern")]
            place = far.program.output.here
            async with talking(server):
                await clients[0].expect("line ")
                for node in cluster.nodes.values():
                    node.link.cut()
                assert await scene.silence(home, {far.name: place}) < DETECTED
                await asyncio.sleep(2)
                for node in cluster.nodes.values():
                    node.link.mend()
                place = clients[0].heard.here
                await clients[0].expect("line ", since=place, count=20)
            await scene.check(clients)
            for client in clients:
                await client.abort()


async def test_a_thousand_users_of_a_dead_node_are_others_in_ten_seconds(postgres: Postgres, folder: Path) -> None:
    url = postgres.create_database("many")
    async with RealCluster(folder, url, 3) as cluster:
        hashed = hash_password(PASSWORD)
        await cluster.provision([UserFile(f"b{number}", [], password_hash=hashed) for number in range(MANY)])
        await asyncio.gather(*(node.start() for node in cluster.nodes.values()))
        await cluster.until_owned(MANY, seconds=60)
        # Whoever was there first may have them all.
        victim = max(cluster.nodes.values(), key=lambda node: len(cluster.owned().get(node.name, ())))
        others = [node for node in cluster.nodes.values() if node is not victim]
        count, began = len(cluster.owned()[victim.name]), time.monotonic()
        await victim.kill()
        owned = await cluster.until_owned(MANY, by=[node.name for node in others]) - began
        log.warning("%s", f"{count} of {MANY} users are others' after {owned:.2f} s")
        assert count > MANY / 5
        assert owned < OWNED
