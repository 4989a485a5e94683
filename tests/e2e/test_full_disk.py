"""SQLite on a real file system that is full."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.daemon import Daemon, NetworkFile, UserFile
from tests.support.disk import Disk, small_disk
from tests.support.history import read_history
from tests.support.ircclient import IrcClient, Login
from tests.support.numbered import CHANNEL, NumberedServer, numbers_in

FULL = "NOTICE u1 :History cannot be stored now, messages wait: the disk is full$"
FREE = "NOTICE u1 :History is stored again$"
RECOVERY = 40.0
"""Seconds from the return of room to the next try, at the most, and some."""
BURST, BURSTS = 20, 500


@pytest.fixture
def disk(folder: Path) -> Iterator[Disk]:
    with small_disk(folder / "disk", megabytes=16) as made:
        yield made


@dataclass(slots=True)
class Talk:
    """The daemon on the small disk between the numbered server and a client."""

    server: NumberedServer
    bouncer: Daemon
    desk: IrcClient

    async def speak_until_full(self) -> None:
        """Say lines until the client is told that they cannot be stored."""
        for _ in range(BURSTS):
            self.server.say(BURST)
            await self.server.flush()
            await self.desk.expect(rf"line {self.server.said - 1:07}$|{FULL}")
            if self.desk.heard.matching(FULL):
                return
        raise AssertionError(self.desk.heard.report("a full disk was not told"))

    async def until_all_is_shown(self) -> None:
        """Wait for the last line that was said, and what follows it."""
        await self.desk.expect(f"line {self.server.said - 1:07}$", seconds=RECOVERY)
        await self.desk.expect(FREE)


@asynccontextmanager
async def talk(disk: Disk) -> AsyncIterator[Talk]:
    """Set the scene: the disk is filled while lines are said."""
    async with NumberedServer() as server, Daemon(disk.root / "bouncer") as bouncer:
        await bouncer.provision(UserFile("u1", [NetworkFile("net", server.address, "u1", [CHANNEL])]))
        await bouncer.start()
        await server.until_joined("u1")
        async with await attach(bouncer) as desk:
            stage = Talk(server, bouncer, desk)
            server.say(100)
            await desk.expect("line 0000099$")
            disk.fill()
            await stage.speak_until_full()
            yield stage


async def attach(bouncer: Daemon) -> IrcClient:
    """Attach a client."""
    client = await IrcClient.connect(bouncer.endpoint, Login("u1", "u1/net@desk", "pw-Secret1"))
    await client.expect(f" 366 u1 {CHANNEL} ")
    return client


async def test_a_full_disk_is_told_once_and_costs_no_line(disk: Disk) -> None:
    """DESIGN, promises 2 and 3: nothing is shown that is not stored; with room again all comes, once and in order."""
    async with talk(disk) as stage:
        shown = numbers_in(stage.desk.heard.lines)
        stage.server.say(2_000)
        stage.desk.send(f"PRIVMSG {CHANNEL} :heard 1")
        await stage.server.log.expect(f"^u1 PRIVMSG {CHANNEL} :heard 1$")
        await stage.desk.round_trip()
        assert numbers_in(stage.desk.heard.lines) == shown == list(range(len(shown)))
        disk.free()
        await stage.until_all_is_shown()
        assert numbers_in(stage.desk.heard.lines) == list(range(stage.server.said))
        assert len(stage.desk.heard.matching(FULL)) == len(stage.desk.heard.matching(FREE)) == 1
        assert await read_history(stage.bouncer.endpoint) == list(range(stage.server.said))


async def test_killed_on_a_full_disk_nothing_is_lost_that_was_shown(disk: Disk) -> None:
    """It does not start while the disk is full, and says why; with room again it knows all that it has shown."""
    async with talk(disk) as stage:
        await stage.bouncer.kill()
        await stage.desk.heard.until_ended()
        shown = numbers_in(stage.desk.heard.lines)
        assert re.search(r"^soju-actors: the database \S+/soju.db: the disk is full", await stage.bouncer.refuses())
        disk.free()
        await stage.bouncer.start()
        history = await read_history(stage.bouncer.endpoint)
        assert history[: len(shown)] == shown == list(range(len(shown)))
