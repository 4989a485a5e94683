"""The keepers of two nodes on the real engine and PostgreSQL: never two that act for one user."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from actors import ChildSpec, Ref, on
from actors.bases.node import NodeBase
from soju_actors.adapters.database import Database, open_database
from soju_actors.messages.leases import LeasesArgs, LeasesHeld, LeasesLost
from soju_actors.messages.store import StoreArgs
from soju_actors.model.records import User, UserId
from soju_actors.policy.keeping import Terms
from soju_actors.ports.database import SaveUser
from tests.support.postgres import Postgres
from tests.unit.leases.cast import HolderActor, HolderArgs

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("nodes")]

TERMS = Terms(lease=2.0, every=0.2, margin=0.4)
PATIENCE = 20.0
USERS = 20


class Record:
    """Who acts for how many users, as the holders are told."""

    def __init__(self) -> None:
        self.acting: dict[int, str] = {}
        self.changed = asyncio.Event()
        self.twice: list[str] = []

    def held(self, node: str, users: list[int]) -> None:
        self.twice += [f"{user} on {self.acting[user]} and {node}" for user in users if user in self.acting]
        self.acting |= dict.fromkeys(users, node)
        self.changed.set()

    def lost(self, node: str, users: list[int]) -> None:
        for user in users:
            if self.acting.get(user) == node:
                del self.acting[user]
        self.changed.set()

    async def until(self, *nodes: str) -> float:
        """Wait until all users are on some of the nodes, or, without one, on none; return when that was."""
        async with asyncio.timeout(PATIENCE):
            while not self._is(nodes):
                self.changed.clear()
                await self.changed.wait()
        return time.monotonic()

    def _is(self, nodes: tuple[str, ...]) -> bool:
        return len(self.acting) == USERS * bool(nodes) and set(self.acting.values()) <= set(nodes)


RECORD: list[Record] = []


class NotedHolder(HolderActor):
    """A holder whose words are noted by the test."""

    @on(LeasesHeld)
    def leases_held(self, msg: LeasesHeld, turn: Any) -> None:  # noqa: ANN401
        """Note who acts."""
        super().leases_held(msg, turn)
        RECORD[-1].held(turn.me.path[-1], [lease.user_id for lease in msg.leases])

    @on(LeasesLost)
    def leases_lost(self, msg: LeasesLost, turn: Any) -> None:  # noqa: ANN401
        """Note who acts no longer."""
        super().leases_lost(msg, turn)
        RECORD[-1].lost(turn.me.path[-1], [lease.user_id for lease in msg.leases])


def start(name: str, database: Database) -> NodeBase:
    """Start a node with nothing but what keeps its leases."""
    base = NodeBase()
    base.start(asyncio.get_running_loop())
    for service in ("renewer", "leaser"):
        base.attach(service, database.leaser())
    base.attach("writer", database.writer())
    base.attach("checkpointer", database.checkpointer())
    keeper, holder = Ref[Any](f"leases@{name}"), Ref[Any](f"holder@{name}")
    base.spawn(ChildSpec("store", "soju_actors.store.actor:StoreActor", StoreArgs()))
    base.spawn(ChildSpec(holder.path, "tests.e2e.test_leases:NotedHolder", HolderArgs(keeper, USERS)))
    args = LeasesArgs(name, holder, Ref("store"), TERMS)
    base.spawn(ChildSpec(keeper.path, "soju_actors.leases.actor:LeasesActor", args))
    return base


@asynccontextmanager
async def two_nodes(postgres: Postgres, folder: Path, name: str) -> AsyncIterator[tuple[Record, NodeBase]]:
    """Start a node that gets all users, and another."""
    database = open_database(postgres.create_database(name), folder)
    database.migrate()
    database.change(*[SaveUser(User(UserId(0), f"user{number}")) for number in range(USERS)])
    RECORD.append(Record())
    a = start("a", database)
    await RECORD[-1].until("a")
    b = start("b", database)
    try:
        yield RECORD[-1], a
    finally:
        await b.stop()
        await a.stop()
        database.close()
    assert RECORD.pop().twice == []


async def test_while_the_database_hangs_longer_than_a_lease_nobody_acts(postgres: Postgres, folder: Path) -> None:
    async with two_nodes(postgres, folder, "hangs") as (record, _):
        began = time.monotonic()
        postgres.freeze()
        try:
            gave_up = await record.until()
        finally:
            postgres.thaw()
        assert gave_up - began < TERMS.lease - TERMS.margin + 0.3
        await record.until("a", "b")


async def test_a_database_that_is_started_again_costs_nobody_anything(postgres: Postgres, folder: Path) -> None:
    async with two_nodes(postgres, folder, "again") as (record, _):
        record.changed.clear()
        postgres.crash()
        postgres.start()
        with psycopg.connect(postgres.url("again"), autocommit=True) as connection:
            renewed = "SELECT count(*) FROM node_sessions WHERE expires > %s"
            [(later,)] = connection.execute("SELECT now() + interval '3 seconds'").fetchall()
            async with asyncio.timeout(PATIENCE):
                while connection.execute(renewed, (later,)).fetchall() != [(2,)]:  # noqa: ASYNC110 - it tells nobody
                    await asyncio.sleep(0)
        assert not record.changed.is_set()


async def test_a_node_that_ends_leaves_its_users_to_the_other(postgres: Postgres, folder: Path) -> None:
    async with two_nodes(postgres, folder, "ends") as (record, a):
        await a.stop()
        record.lost("a", list(record.acting))
        await record.until("b")
