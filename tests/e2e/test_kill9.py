"""No line is lost or repeated when the bouncer is killed under load, again and again."""

import asyncio
import random
import sqlite3
from collections import defaultdict
from pathlib import Path

import pytest

from tests.support.daemon import Daemon, NetworkFile, UserFile
from tests.support.history import read_history
from tests.support.ircclient import IrcClient, Login
from tests.support.ledger import Session, complaints
from tests.support.numbered import CHANNEL, NumberedServer, numbers_in

ROUNDS = 30
SEED = 20260117
BURST, PERIOD = 30, 0.01
"""So many lines are said every so many seconds."""
GRACE = 1.0
"""Seconds before the kill whose acknowledgements may be forgotten."""
CAPS = {"plain": (), "modern": ("batch", "server-time", "message-tags", "echo-message")}
"""Client names and what they negotiate. ``plain`` is there in each round, ``modern`` in some."""


async def at(moment: float) -> None:
    """Return at a moment of the loop's clock, or at once when that is past."""
    loop = asyncio.get_running_loop()
    due = asyncio.Event()
    alarm = loop.call_at(moment, due.set)
    try:
        await due.wait()
    finally:
        alarm.cancel()


class Trial:
    """The daemon between the numbered server and its clients, and what each of them was shown."""

    def __init__(self, bouncer: Daemon, server: NumberedServer) -> None:
        self.bouncer = bouncer
        self.server = server
        self.rng = random.Random(SEED)  # noqa: S311 - a seeded run can be repeated
        self.sessions: dict[str, list[Session]] = defaultdict(list)

    async def attach(self, client: str) -> IrcClient:
        """Attach a client that acknowledges what it is shown."""
        who = Login("u1", f"u1/net@{client}", "pw-Secret1")
        attached = await IrcClient.connect(self.bouncer.endpoint, who, caps=CAPS[client])
        attached.heard.name = client
        return attached

    def note(self, client: IrcClient, killed: float) -> None:
        """Keep what a session has been shown, after its end."""
        lines = client.heard.lines
        safe = max((a.shown for a in client.acknowledgements if a.at < killed - GRACE), default=0)
        self.sessions[client.heard.name].append(Session(numbers_in(lines), len(numbers_in(lines[:safe]))))

    async def speak(self) -> None:
        """Say lines at a steady rate, until cancelled."""
        began = asyncio.get_running_loop().time()
        for step in range(10**9):
            self.server.say(BURST)
            await self.server.flush()
            await at(began + step * PERIOD)

    async def round(self) -> None:
        """Start the daemon, attach clients while lines come, kill it at a random moment."""
        loop = asyncio.get_running_loop()
        self.server.say(self.rng.randrange(50))
        since = self.server.log.here
        await self.bouncer.start()
        await self.server.until_joined("u1", since=since)
        moment = loop.time() + self.rng.uniform(0.0, 2.5)
        speaking = asyncio.create_task(self.speak())
        names = [name for name in CAPS if name == "plain" or self.rng.random() < 0.5]
        clients = [await self.attach(name) for name in names]
        await at(moment)
        killed = loop.time()
        await self.bouncer.kill()
        speaking.cancel()
        for client in clients:
            await client.heard.until_ended()
            self.note(client, killed)
            await client.abort()

    async def calm(self) -> list[int]:
        """Start once more, let all clients catch up; return the history."""
        since = self.server.log.here
        await self.bouncer.start()
        await self.server.until_joined("u1", since=since)
        clients = [await self.attach(name) for name in CAPS]
        self.server.say(1)
        for client in clients:
            await client.expect(rf"line {self.server.said - 1:07}$", seconds=60)
            await client.round_trip()
            await client.quit()
            self.note(client, float("inf"))
        return await read_history(self.bouncer.endpoint)


async def test_thirty_times_killed_nothing_shown_is_lost_and_nothing_acknowledged_repeated(folder: Path) -> None:
    """What any client was shown is in the history; no client misses or repeats what it acknowledged."""
    async with NumberedServer() as server, Daemon(folder / "bouncer") as bouncer:
        network = NetworkFile("net", server.address, "u1", [CHANNEL])
        await bouncer.provision(UserFile("u1", [network]))
        trial = Trial(bouncer, server)
        await trial.calm()
        await bouncer.stop()
        for _ in range(ROUNDS):
            await trial.round()
        history = await trial.calm()
        await bouncer.stop()

        wrong = complaints(history, trial.sessions)
        assert not wrong, f"seed {SEED}: {len(wrong)} complaints:\n" + "\n".join(wrong[:30])
        shown = sum(len(session.shown) for sessions in trial.sessions.values() for session in sessions)
        assert shown > ROUNDS * BURST, "the rounds were too short to prove anything"
        with sqlite3.connect(next((folder / "bouncer").rglob("soju.db"))) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


SOUND = [Session([1, 2, 3], 2), Session([3, 5], 0), Session([3, 5, 8], 3)]


@pytest.mark.parametrize(
    ("sessions", "complaint"),
    [
        (SOUND, None),
        ([*SOUND[:2], Session([8], 1)], None),
        ([Session([1, 2, 4], 0), *SOUND[2:]], "line 4 was shown and is not in the history"),
        ([Session([1, 3], 0), *SOUND[2:]], "place 2 of the history comes after place 0"),
        ([Session([1, 2, 2], 0), *SOUND[2:]], "place 1 of the history comes after place 1"),
        ([Session([1, 2], 0), Session([5, 8], 2)], "1 lines before line 5 were never shown"),
        ([Session([1, 2, 3], 2), Session([2, 3, 5, 8], 4)], "line 2 was acknowledged long ago and is shown again"),
        (SOUND[:2], "the last 1 lines of the history were never shown"),
        ([], "the last 5 lines of the history were never shown"),
    ],
)
def test_the_checker_bites(sessions: list[Session], complaint: str | None) -> None:
    found = complaints([1, 2, 3, 5, 8], {"desk": sessions})
    assert [line for line in found if complaint is None or not line.endswith(complaint)] == []
    assert bool(found) == (complaint is not None)


def test_the_checker_wants_the_history_in_order() -> None:
    assert complaints([1, 3, 2], {}) == ["history: 2 comes after 3"]
