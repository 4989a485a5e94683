"""What storage costs: CPU of this process for each row, and the time of reads.

Usage: python benchmarks/database.py [URL ...]     (default: a SQLite file in a temporary folder)
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from actors import Service
from soju_actors.adapters.database import Database, open_database
from soju_actors.model.entry import Entry
from soju_actors.model.records import Network, NetworkId, User, UserId
from soju_actors.ports.database import (
    Appended,
    Commit,
    Direction,
    Index,
    LoadSettings,
    QueryHistory,
    ReadRange,
    SaveNetwork,
    SaveUser,
    Search,
)

ROWS = 100_000
TEXT = "the quick brown fox jumps over the lazy dog and runs away from here to there"


def entries(first: int, count: int) -> tuple[Entry, ...]:
    """Make lines of about 200 bytes."""
    return tuple(
        Entry(
            number,
            1_700_000_000_000 + number,
            "somebody",
            "PRIVMSG",
            f"@time=2026-01-01T00:00:00.000Z;msgid=abcdefghijkl{number} :somebody!user@host.example "
            f"PRIVMSG #channel :{number} {TEXT}",
            f"abcdefghijkl{number}",
        )
        for number in range(first, first + count)
    )


def timed(what: str, count: int, work: Callable[[], object]) -> None:
    """Do some work and print what each of its parts took."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    print(f"  {what:38} {cpu / count * 1e6:8.2f} µs CPU  {wall / count * 1e6:8.2f} µs")


def all_of(service: Service, jobs: list[Commit]) -> None:
    """Do all jobs."""
    for job in jobs:
        service.perform(job)


def batches(network: NetworkId, target: str, size: int, rows: int) -> Iterator[Commit]:
    """Make the commits of one target."""
    for first in range(0, rows, size):
        yield Commit((Appended(network, target, entries(first, size)),))


def measure(database: Database) -> None:
    """Measure writing, indexing and reading."""
    writer, reader = database.writer(), database.reader()
    [user] = database.change(SaveUser(User(UserId(0), f"bench{time.time_ns()}")))
    [made] = database.change(SaveNetwork(Network(NetworkId(0), UserId(user), "net", "host")))
    network = NetworkId(made)
    for size, rows in ((500, ROWS), (50, ROWS // 10), (1, 1000)):
        jobs = batches(network, f"#{size}", size, rows)
        timed(f"commit, batches of {size}, each row", rows, partial(all_of, writer, list(jobs)))
    spread = [
        Commit(tuple(Appended(network, f"#spread{n}", entries(first, 5)) for n in range(100)))
        for first in range(0, 200, 5)
    ]
    timed("commit, 5 rows of 100 targets, each row", 500 * len(spread), partial(all_of, writer, spread))
    timed("file what is recent, each row", 31_000, lambda: [writer.perform(Index(1)) for _ in range(5)])
    timed("index, each row", 20_000, lambda: [writer.perform(Index(1000)) for _ in range(20)])
    page = ReadRange(network, "#500", 0, 1000, 1000)
    timed("read 1,000 by number", 50, lambda: [reader.perform(page) for _ in range(50)])
    latest = QueryHistory(network, "#500", 1000, Direction.NEWEST)
    timed("read the newest 1,000", 50, lambda: [reader.perform(latest) for _ in range(50)])
    word = Search(network, "#1", text="500")
    timed("search a rare word in 1,000", 50, lambda: [reader.perform(word) for _ in range(50)])
    timed("load settings", 200, lambda: [reader.perform(LoadSettings(UserId(user))) for _ in range(200)])
    writer.close()
    reader.close()


def main() -> None:
    """Measure each database."""
    with tempfile.TemporaryDirectory() as folder:
        for url in sys.argv[1:] or ["sqlite:///bench.db"]:
            print(url)
            database = open_database(url, Path(folder))
            database.prepare()
            measure(database)
            database.close()


if __name__ == "__main__":
    main()
