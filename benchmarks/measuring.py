"""What it costs the relay to be measured: ``python -m benchmarks.measuring``.

A bouncer in this process, an IRC server and a client in another. Lines are relayed with the instrument and without, in
turns, and the CPU time of the thread of the actors is told for a line: of many lines at once, and of single ones, each
with turns of its own. It is the lower quartile of the rounds, since what else the machine does can only add to it.
Durable history in SQLite.
"""

import asyncio
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

ROUNDS = 24
LINES = {"at once": 20_000, "single": 1_000}
CHUNK = 500
WAYS: dict[str, Callable[[Kernel], Counts | None]] = {
    "bare": lambda _: None,
    "pairs": lambda _: Meter(),
    "kinds": Kinds,
}
"""Nobody counts; each pair of actors is counted, as by ``placement record``; each kind, as for metrics."""
PAUSE = 0.001
"""Seconds between two single lines; uvloop knows no shorter ones."""


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
            saying = asyncio.create_task(say(server, how))
            await hear(reader, writer, LINES[how])
            await saying
            print("done", flush=True)


async def say(server: NumberedServer, how: str) -> None:
    """Say lines, many at once or one after the other."""
    if how == "single":
        for _ in range(LINES[how]):
            server.say(1)
            await asyncio.sleep(PAUSE)
        return
    for _ in range(LINES[how] // CHUNK):
        server.say(CHUNK)
        await server.flush()


async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, count: int) -> None:
    """Read until so many lines have come."""
    rest = b""
    while count > 0:
        data = rest + await reader.read(2**18)
        whole, _, rest = data.rpartition(b"\n")
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
        for how, lines in LINES.items():
            costs: dict[str, list[float]] = {}
            for number in range(ROUNDS * len(WAYS) + len(WAYS)):
                way = list(WAYS)[number % len(WAYS)]
                counts = WAYS[way](kernel)
                instrument = Instrument(kernel, counts) if counts else None
                before = time.thread_time()
                other.stdin.write(f"{how}\n".encode())
                await other.stdout.readline()
                if number >= len(WAYS):  # the first of each are for warming up
                    costs.setdefault(way, []).append((time.thread_time() - before) / lines * 1e6)
                if instrument is not None:
                    instrument.take_off()
            for way, seen in costs.items():
                cost, bare = sorted(seen)[ROUNDS // 4], sorted(costs["bare"])[ROUNDS // 4]
                middle = statistics.median(a / b - 1 for a, b in zip(seen, costs["bare"], strict=True))
                more = f"{cost / bare - 1:+.1%} (median of rounds: {middle:+.1%})" if way != "bare" else ""
                print(f"{how:8} {way:6} {cost:7.2f} µs a line {more}")
    finally:
        other.stdin.close()
        daemon._ended.set()  # noqa: SLF001
        await running
        with suppress(ProcessLookupError):
            other.kill()
        await other.wait()
        database.close()


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
