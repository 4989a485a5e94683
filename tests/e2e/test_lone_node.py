"""A lone bouncer is no second one beside a cluster."""

from pathlib import Path

from soju_actors.adapters.database import open_database
from soju_actors.ports.leases import BeginSession, EndSession, SessionBegun
from tests.support.daemon import Daemon
from tests.support.postgres import Postgres


async def test_a_database_that_a_cluster_uses_is_left_to_it(folder: Path, postgres: Postgres) -> None:
    """Else there would be two connections of one user to one network."""
    url = postgres.create_database("shared")
    database = open_database(url, folder)
    database.migrate()
    leaser = database.leaser()
    begun = leaser.perform(BeginSession("a", 3600.0))
    assert isinstance(begun, SessionBegun)
    async with Daemon(folder / "bouncer", tables={"database": {"url": url}}) as bouncer:
        assert "nodes of a cluster use the database (a): be one too" in await bouncer.refuses()
        leaser.perform(EndSession(begun.session))
        leaser.close()
        await bouncer.start()
