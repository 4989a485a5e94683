"""Starts that cannot succeed: one line that says why, status 1, no traceback."""

import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

from tests.support.daemon import Daemon
from tests.support.disk import small_disk
from tests.support.programs import need

BOUND_BY_MODES = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
"""A command that runs another one so that the modes of files hold for it, though it is root."""


@asynccontextmanager
async def made(folder: Path) -> AsyncIterator[Daemon]:
    """Let a daemon make its database, and end."""
    async with Daemon(folder / "bouncer") as bouncer:
        await bouncer.start()
        await bouncer.stop()
        yield bouncer


async def test_a_database_newer_than_the_program_is_left_alone(folder: Path) -> None:
    """Row DBX-01: an older program could only spoil it."""
    async with made(folder) as bouncer:
        path = bouncer.folder / "data/soju.db"
        with closing(sqlite3.connect(path)) as database, database:
            database.execute("UPDATE schema_version SET version_num = '9999'")
        assert "the database is newer than this program: it has schema 9999" in await bouncer.refuses()


async def test_a_database_of_another_program_is_left_alone(folder: Path) -> None:
    async with Daemon(folder / "bouncer") as bouncer:
        (bouncer.folder / "data").mkdir()
        with closing(sqlite3.connect(bouncer.folder / "data/soju.db")) as database, database:
            database.execute("CREATE TABLE recipes (name TEXT)")
        assert "belongs to another program" in await bouncer.refuses()


async def test_a_file_that_is_no_database_is_left_alone(folder: Path) -> None:
    async with Daemon(folder / "bouncer") as bouncer:
        (bouncer.folder / "data").mkdir()
        (bouncer.folder / "data/soju.db").write_bytes(b"garbage!" * 1000)
        assert "soju.db: the file is not a SQLite database" in await bouncer.refuses()
        assert (bouncer.folder / "data/soju.db").read_bytes() == b"garbage!" * 1000


async def test_a_folder_that_may_not_be_written_is_told(folder: Path) -> None:
    """Before there is anything in it, when only the folder of the data is there, and when all is."""
    under = [need(BOUND_BY_MODES[0]), *BOUND_BY_MODES[1:]] if os.geteuid() == 0 else []
    async with Daemon(folder / "bouncer", under=under) as bouncer:
        data = bouncer.folder / "data"
        bouncer.folder.chmod(0o500)
        assert f"cannot make the folder data_dir {data}: Permission denied" in await bouncer.refuses()
        bouncer.folder.chmod(0o700)
        data.mkdir(mode=0o500)
        assert f"the database {data}/soju.db cannot be written: Permission denied" in await bouncer.refuses()
        data.chmod(0o700)
        await bouncer.start()
        await bouncer.stop()
        data.chmod(0o500)
        assert f"the database {data}/soju.db" in await bouncer.refuses()
        data.chmod(0o700)
        await bouncer.start()


async def test_a_disk_without_room_for_a_database_is_told(folder: Path) -> None:
    with small_disk(folder / "disk", megabytes=1) as disk:
        async with Daemon(disk.root / "bouncer") as bouncer:
            disk.fill()
            assert "the disk is full" in await bouncer.refuses()
            disk.free()
            await bouncer.start()
