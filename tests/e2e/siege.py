"""A bouncer under attack: an honest user whose service must go on, and an account for the attackers."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.daemon import Daemon, NetworkFile, UserFile
from tests.support.ircclient import Endpoint, IrcClient, Login
from tests.support.numbered import CHANNEL, Member, NumberedServer

HONEST, HOSTILE = "honest", "hostile"
PROMPT = 10.0
"""Seconds within which the honest user is served whatever the others do, on a busy machine."""
ROOM_TO_GROW = 48 * 1024
"""KiB by which the daemon may grow under an attack: less than any of them would take if it were kept."""


@dataclass(slots=True)
class Siege:
    """The honest user's client is attached all the time; hostile ones come and go."""

    server: NumberedServer
    bouncer: Daemon
    honest: IrcClient
    at_rest: int
    """KiB of memory before the attack."""

    def find_upstream(self) -> Member | None:
        """Return the hostile account's connection to the server, if there is one."""
        mine = [member for member in self.server.members if member.username == HOSTILE and member.welcomed]
        return mine[-1] if mine else None

    @property
    def upstream(self) -> Member:
        """The hostile account's connection to the server."""
        if (member := self.find_upstream()) is None:
            raise AssertionError(self.server.log.report(f"{HOSTILE} is not connected"))
        return member

    async def attach(self, *, caps: Sequence[str] = (), client: str = "", who: str = HOSTILE) -> IrcClient:
        """Attach a client of an account and wait for its welcome."""
        login = Login(who, f"{who}/net{'@' * bool(client)}{client}", "pw-Secret1")
        return await IrcClient.connect(self.bouncer.endpoint, login, caps=caps)

    async def honest_is_served(self) -> None:
        """Check that the next line reaches the honest user promptly."""
        self.server.say(1)
        await self.honest.expect(rf"line {self.server.said - 1:07}$", seconds=PROMPT)

    async def hostile_is_served(self) -> None:
        """Check that the attackers' account still works: no actor of it has died."""
        async with await self.attach(client="check") as client:
            await client.round_trip()
            client.send("PRIVMSG BouncerServ :help")
            await client.expect(r"^(@\S+ )?:BouncerServ\S* (PRIVMSG|NOTICE) ")

    async def holds(self) -> None:
        """Check that nothing has broken: both accounts are served, no fault is logged, memory is level."""
        await self.honest_is_served()
        await self.hostile_is_served()
        self.bouncer.check_log()
        grown = self.bouncer.resident() - self.at_rest
        assert grown < ROOM_TO_GROW, self.bouncer.log.report(f"it has grown by {grown} KiB from {self.at_rest}")


@asynccontextmanager
async def siege(
    folder: Path,
    *,
    address: str = "",
    listen: Sequence[str] = (),
    tables: Mapping[str, Mapping[str, object]] | None = None,
) -> AsyncIterator[Siege]:
    """Attach the honest user; ``address`` is another server for the network of the hostile account."""
    bouncer = Daemon(folder / "bouncer", listen=listen, tables=tables)
    async with NumberedServer() as server, bouncer:
        honest = UserFile(HONEST, [NetworkFile("net", server.address, HONEST, [CHANNEL])])
        hostile = UserFile(HOSTILE, [NetworkFile("net", address or server.address, HOSTILE)])
        await bouncer.provision(honest, hostile)
        await bouncer.start()
        await server.until_joined(HONEST)
        if not address:
            await server.log.expect(f"^{HOSTILE} ")
        login = Login(HONEST, f"{HONEST}/net", "pw-Secret1")
        async with await IrcClient.connect(bouncer.endpoint, login) as client:
            await client.expect(f" 366 {HONEST} {CHANNEL} ")
            stage = Siege(server, bouncer, client, 0)
            await stage.honest_is_served()
            await stage.hostile_is_served()
            stage.at_rest = bouncer.resident()
            yield stage


async def drop(endpoint: Endpoint, data: bytes) -> None:
    """Connect, say something and reset the connection, so that no port stays taken by it."""
    loop = asyncio.get_running_loop()
    with socket.socket() as raw:
        raw.setblocking(False)
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        async with asyncio.timeout(PROMPT):
            await loop.sock_connect(raw, (endpoint.host, endpoint.port))
            await loop.sock_sendall(raw, data)
