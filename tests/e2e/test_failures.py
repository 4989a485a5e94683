"""Nodes are killed, hang, and lose each other or the database: never two act for a user, and no line is lost."""

import asyncio
import logging
import time
from pathlib import Path

import pytest

from soju_actors.adapters.passwords import hash_password
from tests.e2e.trial import BACK, DETECTED, LEASE, OWNED, PASSWORD, rounds, trial
from tests.support.cluster import RealCluster, WatchfulServer
from tests.support.daemon import NetworkFile, UserFile
from tests.support.numbered import talking
from tests.support.postgres import Postgres

log = logging.getLogger(__name__)

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("nodes"), pytest.mark.usefixtures("reachable")]

MANY, COUNTED = 1000, 8
"""Users, and how many of them have a network whose server permits few connections."""
PERMITTED, PERMITTED_WITHIN = 3, (2.0, 10.0)
"""So many in so many seconds; in more of them when there is time."""


async def test_a_node_is_killed_and_clients_of_others_stay(postgres: Postgres, folder: Path) -> None:
    async with trial(postgres, folder, "killed") as scene:
        cluster, server = scene.cluster, scene.server
        for _ in range(rounds()):
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
        for _ in range(rounds()):
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
        for _ in range(rounds()):
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
            assert not server.overlaps
            await scene.check([client])
            await client.abort()


async def test_the_database_is_started_again(postgres: Postgres, folder: Path) -> None:
    async with trial(postgres, folder, "again") as scene:
        for _ in range(rounds()):
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
        for _ in range(rounds()):
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


def crowd(liberal: WatchfulServer, strict: WatchfulServer) -> list[UserFile]:
    """Return users on a server, some of them also on one that counts connections."""
    # The bouncer does not pace what is on this machine; that this is, it does not see by the name.
    counting = strict.address.replace("127.0.0.1", "127.1")
    hashed = hash_password(PASSWORD)
    users = []
    for number in range(MANY):
        nick = f"b{number}"
        networks = [NetworkFile("net", liberal.address, nick)]
        if number < COUNTED:
            networks.append(NetworkFile("strict", counting, nick))
        users.append(UserFile(nick, networks, password_hash=hashed))
    return users


async def test_a_thousand_users_of_a_dead_node_are_others_in_ten_seconds_and_soon_connected(
    postgres: Postgres, folder: Path
) -> None:
    """Their server takes what comes. A second one, of some of them, permits few connections in some time, ever."""
    url, within = postgres.create_database("many"), PERMITTED_WITHIN[rounds() > 1]
    pacing = f"burst = {PERMITTED}\nevery = {within / PERMITTED:.3f}\n"
    async with WatchfulServer() as liberal, WatchfulServer() as strict, RealCluster(folder, url, 3, tables=pacing) as c:
        await c.provision(crowd(liberal, strict))
        await asyncio.gather(*(node.start() for node in c.nodes.values()))
        await c.until_owned(MANY, seconds=60)
        await liberal.until_welcomed(MANY, seconds=60)
        await strict.until_welcomed(COUNTED, seconds=10 * within)
        # Whoever was there first may have them all.
        owned_by = c.owned()
        counted = {f"b{number}" for number in range(COUNTED)}
        victim = max(c.nodes.values(), key=lambda node: len(counted & set(owned_by.get(node.name, ()))))
        others = c.others(victim)
        count, began = len(owned_by[victim.name]), time.monotonic()
        await victim.kill()
        owned = await c.until_owned(MANY, by=[node.name for node in others]) - began
        back = await liberal.until_welcomed(MANY, seconds=BACK) - began
        paced = await strict.until_welcomed(COUNTED, seconds=10 * within) - began
        log.warning("%s", f"{count} of {MANY} users are others' after {owned:.2f} s, connected after {back:.2f} s")
        seen, held = strict.most_within(within), len(counted & set(owned_by[victim.name]))
        log.warning("%s", f"{held} of {COUNTED} after {paced:.2f} s by {seen} connections in {within:g} s")
        assert count > MANY / 5
        assert owned < OWNED
        assert not liberal.overlaps + liberal.twice + strict.overlaps + strict.twice
        assert seen <= PERMITTED
        for node in others:
            assert not node.program.output.matching("is lost: nothing was heard")
