"""The relay with its user on another node than its sockets, against one process: ``python -m benchmarks.across``.

Two nodes as ``cluster up 2`` starts them. A server and a client are connected with the first; the user runs there, and
then on the second. Durable history in PostgreSQL both times; nothing is pinned to a core.
"""

import asyncio
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.support.numbered import CHANNEL, NumberedServer
from tests.support.ports import ports_in_a_row

LINES = 60_000
CHUNK = 500
ROUNDS = 3
RUN = Path(__file__).resolve().parents[1] / "run.py"


async def say(folder: Path, *words: str) -> None:
    """Carry out a command of the program."""
    null = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(sys.executable, RUN, *words, cwd=folder, stdout=null)
    if await process.wait():
        raise SystemExit(f"failed: {' '.join(words)}")


async def blast(server: NumberedServer, reader: asyncio.StreamReader) -> float:
    """Return how many lines a second come from the server to the client."""

    async def send() -> None:
        for _ in range(LINES // CHUNK):
            server.say(CHUNK)
            await server.flush()

    began, seen, rest = time.perf_counter(), 0, b""
    sending = asyncio.create_task(send())
    while seen < LINES:
        data = await reader.read(2**18)
        if not data:
            raise SystemExit("the client was disconnected")
        lines = rest + data
        whole, _, rest = lines.rpartition(b"\n")
        seen += whole.count(b" PRIVMSG ")
    await sending
    return LINES / (time.perf_counter() - began)


async def measure(folder: Path) -> None:
    """Print the rate of both places, in turns, and the ratio of their medians."""
    port = ports_in_a_row(2)
    config = str(folder / "data" / "cluster" / "n1" / "node.toml")
    await say(folder, "cluster", "up", "2", "--port", str(port), "--link-port", str(ports_in_a_row(2)))
    try:
        async with NumberedServer() as server:
            ctl = ("ctl", "--config", config)
            await say(folder, *ctl, "user", "create", "-username", "alice", "-password", "secret")
            await say(folder, *ctl, "cluster", "move", "alice", "n1")
            network = ("network", "create", "-name", "net", "-addr", server.address, "-nick", "alice")
            await say(folder, *ctl, "user", "run", "alice", *network)
            await say(folder, *ctl, "user", "run", "alice", "channel", "create", CHANNEL, "-network", "net")
            await server.until_joined("alice")
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
            caps = "CAP LS 302\r\nCAP REQ :server-time message-tags batch\r\n"
            writer.write(f"{caps}PASS secret\r\nNICK alice\r\nUSER alice/net@one 0 * :a\r\nCAP END\r\n".encode())
            await reader.readuntil(b" 366 ")
            rates: dict[str, list[float]] = {"n1": [], "n2": []}
            for _ in range(ROUNDS):
                for node, seen in rates.items():
                    await say(folder, "cluster", "move", "alice", node)
                    await blast(server, reader)
                    seen.append(await blast(server, reader))
            writer.close()
    finally:
        await say(folder, "cluster", "down")
    one, two = (statistics.median(seen) for seen in rates.values())
    print(f"one process {one:9,.0f} lines/s   user elsewhere {two:9,.0f} lines/s   ratio {two / one:.2f}")
    print({node: [round(rate) for rate in seen] for node, seen in rates.items()})


def main() -> None:
    """Start the nodes in a folder of their own, measure, and end them."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)  # noqa: S103, PTH101 - PostgreSQL does not run as root
        asyncio.run(measure(Path(folder)))


if __name__ == "__main__":
    main()
