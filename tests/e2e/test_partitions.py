"""Hosts that do not reach each other, or the database: no packet comes, and nobody is told."""

import logging
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest
import pytest_asyncio

from tests.e2e.trial import DETECTED, LEASE, Trial, rounds, trial
from tests.support.namespaces import HostedCluster, need_namespaces
from tests.support.numbered import BURST, PERIOD, talking
from tests.support.postgres import Postgres

log = logging.getLogger(__name__)

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("nodes"), pytest.mark.asyncio(loop_scope="module")]

LINES_IN_A_SECOND = BURST / PERIOD


class Apart(NamedTuple):
    """The cluster that all tests here use, one after the other, and the user's part in it."""

    scene: Trial
    cluster: HostedCluster


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def apart() -> AsyncIterator[Apart]:
    """Start three nodes, each on a host of its own."""
    need_namespaces()
    postgres = Postgres()
    try:
        with tempfile.TemporaryDirectory(prefix="apart-") as name:
            folder = Path(name)
            folder.chmod(0o755)  # noqa: ASYNC240 - PostgreSQL, which does not run as root, reaches what relays to it
            async with trial(postgres, folder, "apart", HostedCluster) as scene:
                assert isinstance(scene.cluster, HostedCluster)
                yield Apart(scene, scene.cluster)
    finally:
        postgres.remove()


async def test_two_nodes_do_not_reach_each_other_and_a_third_reaches_both(apart: Apart) -> None:
    """The user and its server notice nothing, nor does a client of the third node."""
    (scene, cluster), server = apart, apart.scene.server
    scene.sessions.clear()
    for _ in range(rounds()):
        home = cluster.node_of("u1")
        far, third = cluster.others(home)
        clients = [await scene.attach(far, "plain"), await scene.attach(third, "modern")]
        before = list(server.members)
        async with talking(server):
            await clients[1].expect("line ")
            place, other = far.program.output.here, clients[1].heard.here
            cluster.hosts.cut(home.name, far.name)
            silent = await scene.silence(home, {far.name: place})
            cluster.hosts.mend(home.name, far.name)
            joined = await scene.joined(home, {far.name: place})
            place = clients[0].heard.here
            await clients[0].expect("line ", since=place, count=20)
        log.warning("%s", f"pair: detected {silent:.2f} s, joined {joined:.2f} s")
        assert server.members == before
        assert not [line for line in clients[1].heard.lines[other:] if "line " not in line and "PING" not in line]
        await scene.check(clients)
        for client in clients:
            await client.abort()
        assert silent < DETECTED


async def test_a_node_that_reaches_no_other_goes_on_with_its_users(apart: Apart) -> None:
    """It has the database, so its leases hold: others do not take its users."""
    (scene, cluster), server = apart, apart.scene.server
    scene.sessions.clear()
    for _ in range(rounds()):
        home = cluster.node_of("u1")
        others = cluster.others(home)
        clients = [await scene.attach(others[0], "plain"), await scene.attach(home, "modern")]
        before = list(server.members)
        async with talking(server):
            await clients[0].expect("line ")
            places = {node.name: node.program.output.here for node in others}
            cluster.hosts.cut(home.name)
            silent = await scene.silence(home, places)
            place = clients[1].heard.here
            await clients[1].expect("line ", since=place, count=int(1.1 * LEASE * LINES_IN_A_SECOND))
            assert cluster.node_of("u1") is home
            cluster.hosts.mend(home.name)
            joined = await scene.joined(home, places)
            place = clients[0].heard.here
            await clients[0].expect("line ", since=place, count=20)
        log.warning("%s", f"alone: detected {silent:.2f} s, joined {joined:.2f} s")
        assert server.members == before
        await scene.check(clients)
        for client in clients:
            await client.abort()
        assert silent < DETECTED


async def test_a_node_that_reaches_nobody_has_given_up_its_users_before_others_have_them(apart: Apart) -> None:
    """Nor does it reach the database."""
    (scene, cluster), server = apart, apart.scene.server
    scene.sessions.clear()
    for _ in range(rounds()):
        home = cluster.node_of("u1")
        client = await scene.attach(cluster.others(home)[0], "plain")
        async with talking(server):
            await client.expect("line ")
            since, place = server.log.here, home.program.output.here
            places = {node.name: node.program.output.here for node in cluster.others(home)}
            cluster.hosts.cut(home.name)
            home.database.cut()
            silent = await scene.silence(home, places)
            await home.program.output.expect("must not act for", since=place)
            await scene.until_back(since)
            cluster.hosts.mend(home.name)
            home.database.mend()
            joined = await scene.joined(home, places)
            place = client.heard.here
            await client.expect("line ", since=place, count=20)
        log.warning("%s", f"island: detected {silent:.2f} s, joined {joined:.2f} s")
        assert cluster.node_of("u1") is not home
        await scene.check([client])
        await client.abort()
        assert not server.overlaps
        assert silent < DETECTED
