"""PostgreSQL goes away under the running bouncer, and comes back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from tests.support.daemon import Daemon, NetworkFile, UserFile
from tests.support.history import read_history
from tests.support.ircclient import IrcClient, Login
from tests.support.numbered import CHANNEL, NumberedServer, numbers_in
from tests.support.postgres import Postgres

LOST = r"NOTICE u1 :History cannot be stored now, messages wait: (.*)$"
FOUND = "NOTICE u1 :History is stored again$"
RECOVERY = 40.0
"""Seconds from the return of the database to the next try, at the most, and some."""
_names = count()


@dataclass(slots=True)
class Talk:
    """The daemon on PostgreSQL between the numbered server and a client."""

    server: NumberedServer
    bouncer: Daemon

    async def attach(self, name: str) -> IrcClient:
        """Attach a client."""
        client = await IrcClient.connect(self.bouncer.endpoint, Login("u1", f"u1/net@{name}", "pw-Secret1"))
        client.heard.name = name
        return client


def postgres_daemon(folder: Path, url: str) -> Daemon:
    """Return a daemon on a database of the server."""
    return Daemon(folder / "bouncer", tables={"database": {"url": url}})


@asynccontextmanager
async def talk(folder: Path, postgres: Postgres) -> AsyncIterator[Talk]:
    """Set the scene."""
    url = postgres.create_database(f"talk{next(_names)}")
    async with NumberedServer() as server, postgres_daemon(folder, url) as bouncer:
        await bouncer.provision(UserFile("u1", [NetworkFile("net", server.address, "u1", [CHANNEL])]))
        await bouncer.start()
        await server.until_joined("u1")
        yield Talk(server, bouncer)


async def test_a_crash_of_postgresql_is_told_once_and_costs_no_line(folder: Path, postgres: Postgres) -> None:
    """DESIGN, promises 2 and 3: nothing is shown that is not stored; what came meanwhile comes by itself, in order."""
    async with talk(folder, postgres) as stage, await stage.attach("desk") as desk:
        stage.server.say(100)
        await desk.expect("line 0000099$")
        postgres.crash()
        try:
            stage.server.say(100)
            await desk.expect(LOST)
            desk.send(f"PRIVMSG {CHANNEL} :heard 1")
            await stage.server.log.expect(f"^u1 PRIVMSG {CHANNEL} :heard 1$")
            async with await stage.attach("phone") as phone:
                await phone.expect(LOST)
                stage.server.say(100)
                desk.send("PING :alive")
                await desk.expect("PONG .*alive$")
                assert numbers_in(phone.heard.lines) == []
            assert numbers_in(desk.heard.lines) == list(range(100))
        finally:
            postgres.start()
        await desk.expect("line 0000299$", seconds=RECOVERY)
        await desk.expect(FOUND)
        assert numbers_in(desk.heard.lines) == list(range(300))
        assert len(desk.heard.matching(LOST)) == len(desk.heard.matching(FOUND)) == 1
        assert await read_history(stage.bouncer.endpoint) == list(range(300))


async def test_a_postgresql_that_hangs_is_told_and_goes_on_where_it_was(folder: Path, postgres: Postgres) -> None:
    """No connection breaks, no error comes: only time tells."""
    async with talk(folder, postgres) as stage, await stage.attach("desk") as desk:
        stage.server.say(10)
        await desk.expect("line 0000009$")
        postgres.freeze()
        try:
            stage.server.say(10)
            desk.send(f"PRIVMSG {CHANNEL} :heard 1")
            await stage.server.log.expect(f"^u1 PRIVMSG {CHANNEL} :heard 1$")
            assert (await desk.expect(LOST)).endswith("the database does not answer")
            assert numbers_in(desk.heard.lines) == list(range(10))
        finally:
            postgres.thaw()
        await desk.expect("line 0000019$")
        await desk.expect(FOUND)
        assert await read_history(stage.bouncer.endpoint) == list(range(20))


async def test_without_postgresql_the_bouncer_says_so_and_does_not_start(folder: Path, postgres: Postgres) -> None:
    """One line, a status that a service manager starts it again by, no traceback; once it is there all is well."""
    async with postgres_daemon(folder, postgres.create_database(f"talk{next(_names)}")) as bouncer:
        await bouncer.provision(UserFile("u1", []))
        postgres.crash()
        try:
            assert "soju-actors: PostgreSQL cannot be used: connection to server on " in await bouncer.refuses()
        finally:
            postgres.start()
        await bouncer.start()
        async with await IrcClient.connect(bouncer.endpoint, Login("u1", "u1", "pw-Secret1")) as client:
            await client.round_trip()
