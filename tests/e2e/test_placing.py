"""Real nodes in zones: users leave a node that has all of them, and networks are connected from where they ask."""

import asyncio
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from soju_actors.cli.control import command
from soju_actors.cli.failure import Failure
from soju_actors.config import load_config
from tests.support.cluster import PAUSE, ClusterNode, RealCluster, WatchfulServer
from tests.support.daemon import NetworkFile, UserFile
from tests.support.numbered import CHANNEL
from tests.support.postgres import Postgres

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.xdist_group("nodes"),
    pytest.mark.usefixtures("reachable"),
    pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="who has a socket is read from /proc"),
]

USERS = tuple(f"u{number}" for number in range(1, 7))
SPOTS = {"n1": ("eu", "{}"), "n2": ("us", "{}"), "n3": ("us", "{ tor = true }")}
SETTINGS = 'placement = "spread"\nrebalance = 1\nrest = 1\n'
BURST = "burst = 100\n"
"""In the table of upstreams: nobody waits to be connected anew."""


class Places(RealCluster):
    """Nodes of which each is somewhere and has something."""

    async def link(self, own: ClusterNode, text: str, reached: int, listen: int) -> str:
        """Say where the node is, and how users move."""
        zone, capabilities = SPOTS[own.name]
        spot = f'zone = "{zone}"\n{SETTINGS}capabilities = {capabilities}'
        return (await super().link(own, text, reached, listen)).replace('zone = "default"', spot)

    async def ctl(self, *words: str) -> list[str]:
        """Give a command to the first node, as ``ctl`` does.

        Raises:
            Failure: it failed.
        """
        config = load_config(self.nodes["n1"].config)
        return await asyncio.to_thread(lambda: list(command(config, words)))

    def owner(self, port: int) -> str:
        """Return the node whose process has the socket of a local port; nothing if none has."""
        rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        sockets = {f"socket:[{row[9]}]" for row in rows if row[1].endswith(f":{port:04X}")}
        for name, node in self.nodes.items():
            for file in Path(f"/proc/{node.program.process.pid}/fd").iterdir() if node.program.running else ():
                with suppress(OSError):
                    if str(file.readlink()) in sockets:
                        return name
        return ""


class Scene:
    """The nodes, and the server that the users are connected with."""

    def __init__(self, cluster: Places, server: WatchfulServer) -> None:
        self.cluster = cluster
        self.server = server

    def spot_of(self, user: str) -> str:
        """Return the node with the connection of a user's network; nothing if there is none."""
        there = [member for member in self.server.members if member.nick == user and CHANNEL in member.channels]
        return self.cluster.owner(there[-1].writer.get_extra_info("peername")[1]) if there else ""

    async def until_on(self, user: str, *nodes: str) -> None:
        """Wait until the network is connected from one of the nodes."""
        await self.server.log.until(
            lambda: self.spot_of(user) in nodes or None, f"{user} on {' or '.join(nodes)}", seconds=20
        )

    async def ask(self, user: str, egress: str) -> None:
        """Have a network ask from where it is connected."""
        await self.cluster.ctl("user", "run", user, "network", "update", "net", "-egress", egress)

    async def until_refused(self, user: str, egress: str) -> None:
        """Wait until the network's state says that no node will do."""
        wanted, said = f"no node that is there now has {egress}; it connects when there is one", [""]
        async with asyncio.timeout(20):
            while not any(wanted in line for line in said):
                await asyncio.sleep(PAUSE)  # nobody is told of it
                with suppress(Failure):  # the user is to run again first
                    said = await self.cluster.ctl("user", "run", user, "network", "status", "net")
        assert self.spot_of(user) == ""

    async def users_leave_the_first_node(self) -> None:
        """Start the others: by zone and node the users are spread, and no connection is made anew."""
        await asyncio.gather(*(self.cluster.nodes[name].start() for name in ("n2", "n3")))
        for count, by in ((3, ("n2", "n3")), (1, ("n2",)), (1, ("n3",))):
            await self.cluster.until_owned(count, by=by)
        owned = Counter({node: len(users) for node, users in self.cluster.owned().items()})
        assert owned["n1"] == 3
        assert {owned["n2"], owned["n3"]} == {1, 2}
        log = self.cluster.nodes["n1"].program.output
        assert len(log.matching("is to move from node n1 to node n[23]: .* of its kind are on")) >= 3
        assert len(self.server.came) == len(USERS), "connections of servers were made anew"
        assert {self.spot_of(user) for user in USERS} == {"n1"}, "connections stay where they are"

    async def networks_are_connected_from_where_they_ask(self, user: str) -> None:
        """A zone, a capability, a zone that nobody has, and a capability whose node goes."""
        await self.ask(user, "zone=us")
        await self.until_on(user, "n2", "n3")
        await self.ask(user, "capability=tor")
        await self.until_on(user, "n3")
        await self.ask(user, "zone=mars")
        await self.until_refused(user, "zone=mars")
        with pytest.raises(Failure, match="'moon=1' is unknown: zone=NAME, capability=NAME"):
            await self.ask(user, "moon=1")
        await self.ask(user, "zone=us,capability=tor")
        await self.until_on(user, "n3")
        await self.cluster.nodes["n3"].stop()
        await self.until_refused(user, "zone=us,capability=tor")
        await self.ask(user, "zone=us")
        await self.until_on(user, "n2")


async def test_users_spread_over_nodes_and_networks_are_where_they_ask(postgres: Postgres, folder: Path) -> None:
    url = postgres.create_database("placing")
    async with WatchfulServer() as server, Places(folder, url, 3, tables=BURST, patient=True) as cluster:
        users = [UserFile(name, [NetworkFile("net", server.address, name, [CHANNEL])]) for name in USERS]
        await cluster.provision(users)
        await cluster.nodes["n1"].start()
        for name in USERS:
            await server.until_joined(name)
        scene = Scene(cluster, server)
        await scene.users_leave_the_first_node()
        await scene.networks_are_connected_from_where_they_ask("u1")
        assert (server.twice, server.overlaps) == ([], [])
