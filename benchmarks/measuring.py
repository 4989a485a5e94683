"""What it costs the relay to be measured: ``python -m benchmarks.measuring``.

A bouncer in this process, an IRC server and a client in another; durable history in SQLite. Lines are relayed many at
once, and single ones, each when the client has the one before, so that each has turns of its own.

Other work on the machine makes CPU time dearer for seconds on end, and so what is told is not that of a long run. Each
round relays a few lines in each way, in an order by chance, and compares the CPU time of the thread of the actors with
that of the same round without an instrument. Told is the median of the rounds, with the error that it may have by
chance (95 %); rounds go on until that is small, or there have been many. ``control`` is no instrument, either: if it
does not come to nothing, the other figures are worth as little.

What was noted is counted before the round ends, which is more often than it would be else. How often the store has
committed meanwhile is chance too, so of single lines the time for a message between actors is compared.
"""

import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import uvloop

from actors.kernel import Kernel
from actors.measure import Meter
from actors.measure.instrument import Counts, Instrument
from actors.measure.kinds import Kinds
from soju_actors.adapters import provision
from soju_actors.adapters.database import open_database
from soju_actors.adapters.provision.declarations import NetworkDeclaration, UserDeclaration
from soju_actors.app import _Daemon, _spare_the_collector
from soju_actors.cli.daemon import DaemonOptions
from tests.support.numbered import CHANNEL, NumberedServer
from tests.support.ports import free_port

LEAST, MOST = 400, 2_000
"""Rounds."""
SMALL = 0.0015
"""An error of the median at which rounds end."""
LINES = {"at once": 2_000, "single": 20}
"""In each way in each round."""
CHUNK = 500
WARMING = 10
"""Rounds that do not count."""
BARE = "bare"
WAYS: dict[str, Callable[[Kernel], Counts | None]] = {
    BARE: lambda _: None,
    "control": lambda _: None,
    "pairs": lambda _: Meter(),
    "kinds": Kinds,
}
"""Nobody counts; each pair of actors is counted, as by ``placement record``; each kind, as for metrics."""
Costs = dict[str, list[float]]
SURE = 1.96
"""So many standard errors of a median are 95 %."""


async def peer(port: int, server_port: int) -> None:
    """Be the server and the client; what is asked for on standard input is said."""
    server = NumberedServer()
    server.port = server_port
    async with server:
        print("ready", flush=True)
        await server.until_joined("alice")
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
        writer.write(b"PASS secret\r\nNICK alice\r\nUSER alice/net@one 0 * :a\r\n")
        await reader.readuntil(b" 366 ")
        loop = asyncio.get_running_loop()
        while how := (await loop.run_in_executor(None, sys.stdin.readline)).strip():
            if how == "single":
                for _ in range(LINES[how]):
                    server.say(1)
                    await hear(reader, writer, 1)
            else:
                saying = asyncio.create_task(say(server, LINES[how]))
                await hear(reader, writer, LINES[how])
                await saying
            print("done", flush=True)


async def say(server: NumberedServer, lines: int) -> None:
    """Say lines, many at once."""
    for _ in range(lines // CHUNK):
        server.say(CHUNK)
        await server.flush()


async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, count: int) -> None:
    """Read until so many lines have come."""
    rest = b""
    while count > 0:
        data = await reader.read(2**18)
        if not data:
            raise SystemExit("the bouncer has hung up")
        whole, _, rest = (rest + data).rpartition(b"\n")
        count -= whole.count(b" PRIVMSG ")
        for line in whole.split(b"\r\n") if b"PING" in whole else ():
            if line.startswith(b"PING"):
                writer.write(b"PONG" + line[4:] + b"\r\n")


async def measure(folder: Path) -> None:
    """Run the bouncer, and print what a line costs it."""
    port, server_port = free_port(), free_port()
    file = folder / "bouncer.toml"
    file.write_text(
        f'data_dir = "{folder}"\n[[listen]]\nuri = "irc+insecure://127.0.0.1:{port}"\n[log]\nlevel = "warning"\n'
    )
    config = DaemonOptions(file).load()
    database = open_database(config.database.url, folder)
    database.prepare()
    network = NetworkDeclaration("net", f"irc+insecure://127.0.0.1:{server_port}", "alice", channels=(CHANNEL,))
    provision.apply(database, provision.Declarations((UserDeclaration("alice", "secret", network=(network,)),)))
    pipe = asyncio.subprocess.PIPE
    words = ("-m", "benchmarks.measuring", str(port), str(server_port))
    other = await asyncio.create_subprocess_exec(sys.executable, *words, stdin=pipe, stdout=pipe)
    if other.stdin is None or other.stdout is None:
        raise SystemExit("there is no pipe")
    await other.stdout.readline()
    daemon = _Daemon(config, DaemonOptions(file).load, database)
    running = asyncio.create_task(daemon.main())
    await asyncio.sleep(0)  # it starts
    kernel = daemon._base.kernel  # noqa: SLF001
    try:
        for how in LINES:
            seconds, shares = await relay(other, kernel, how)
            for way in WAYS:
                print(told(how, way, seconds[way], shares[way]), flush=True)
    finally:
        other.stdin.close()
        daemon._ended.set()  # noqa: SLF001
        await running
        with suppress(ProcessLookupError):
            other.kill()
        await other.wait()
        database.close()


async def relay(other: asyncio.subprocess.Process, kernel: Kernel, how: str) -> tuple[Costs, Costs]:
    """Return the seconds of CPU time in each way, in each round, and how much more than without an instrument."""
    if other.stdin is None or other.stdout is None:
        raise SystemExit("there is no pipe")
    counts = {way: make(kernel) for way, make in WAYS.items()}
    seconds: Costs = {way: [] for way in WAYS}
    shares: Costs = {way: [] for way in WAYS}
    chance = random.Random(1)  # noqa: S311 - an order
    order = list(WAYS)
    number = 0
    while number < WARMING + MOST and not (number >= WARMING + LEAST and number % 200 == 0 and precise(shares)):
        number += 1
        chance.shuffle(order)
        took: dict[str, tuple[float, int]] = {}
        for way in order:
            meter = counts[way]
            instrument = Instrument(kernel, meter) if meter is not None else None
            before, handled = time.thread_time(), kernel.handled
            other.stdin.write(f"{how}\n".encode())
            await other.stdout.readline()
            kernel.settle()
            took[way] = time.thread_time() - before, kernel.handled - handled
            if instrument is not None:
                instrument.take_off()
        if number > WARMING:
            each = {way: cost / messages if how == "single" else cost for way, (cost, messages) in took.items()}
            for way, (cost, _) in took.items():
                seconds[way].append(cost)
                shares[way].append(each[way] / each[BARE] - 1)
    return seconds, shares


def error_of(shares: list[float]) -> float:
    """The error that the median may have by chance.

    It is 1.25 times that of a mean, and half of what is normal lies within 1.35 deviations.
    """
    low, _, high = statistics.quantiles(shares, n=4)
    return SURE * 1.25 * (high - low) / 1.35 / float(len(shares)) ** 0.5


def precise(shares: Costs) -> bool:
    """Whether all errors are small."""
    return all(error_of(seen) <= SMALL for seen in shares.values())


def told(how: str, way: str, seconds: list[float], shares: list[float]) -> str:
    """Say what a line costs, and how much more than without an instrument."""
    text = f"{how:8} {way:8} {statistics.median(seconds) / LINES[how] * 1e6:7.2f} µs a line"
    if way == BARE:
        return text
    low, middle, high = statistics.quantiles(shares, n=4)
    spread = f"(half of {len(shares)} rounds: {low:+.1%} to {high:+.1%})"
    return f"{text}  {middle:+6.2%} ± {error_of(shares):.2%}  {spread}"


def main() -> None:
    """Be one of the two processes."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        if len(sys.argv) > 1:
            runner.run(peer(*map(int, sys.argv[1:])))
            return
        _spare_the_collector()
        with tempfile.TemporaryDirectory() as folder:
            runner.run(measure(Path(folder)))


if __name__ == "__main__":
    main()
