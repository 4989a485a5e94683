"""Messages a second between two nodes on this machine, through TLS: ``python -m benchmarks.actors.between``."""

import asyncio
import os
import signal
import statistics
import sys
import tempfile
import time
from pathlib import Path

import uvloop

from actors import ChildSpec, Endpoint, Ref
from actors.bases.node import NodeBase
from actors.bases.node.peers.peers import Member
from actors.bases.node.peers.trust import Trust
from benchmarks.actors.cast import Ball, Marks, PlayerArgs, Serve, ToPlayer
from benchmarks.actors.messages import measure
from soju_actors.adapters.authority import Authority

COUNT = 500_000
SINGLE = 2_000
ROUNDS = 3


async def node(name: str, folder: Path, leader: str = "") -> NodeBase:
    """Return a node of the cluster, connected with the other if that is there."""
    base = NodeBase(name=name, loop=asyncio.get_running_loop())
    leaders = (leader,) if leader else ()
    packages = ("benchmarks",)
    await base.join(Member(trust=Trust(folder), listen=Endpoint("127.0.0.1"), leaders=leaders, packages=packages))
    return base


async def right(folder: Path, leader: str) -> None:
    """Run the player of the other node until the process is ended."""
    base = await node("right", folder, leader)
    spec = ChildSpec("right", "benchmarks.actors.cast:Player", PlayerArgs(Ref("left")), mailbox=100_000)
    base.spawn(spec)
    await asyncio.Event().wait()


async def left(keys: Authority) -> None:
    """Print the rate of a stream, and how long one message takes."""
    base = await node("left", keys.folder_of("left"))
    assert base.peers is not None  # noqa: S101 - it has joined
    ref: Ref[ToPlayer] = base.spawn(
        ChildSpec("left", "benchmarks.actors.cast:Player", PlayerArgs(Ref("right")), mailbox=100_000)
    )
    arguments = (sys.executable, "-m", "benchmarks.actors.between", str(keys.folder_of("right")), base.peers.address)
    other = await asyncio.create_subprocess_exec(*arguments)
    await base.peers.until_connected(1)
    await asyncio.sleep(0.5)
    for _ in range(ROUNDS):
        stream = COUNT / await measure(base, ref, Serve(COUNT))
        trips = sorted([await measure(base, ref, Ball(2)) / 2 for _ in range(SINGLE)])
        p50, p99 = statistics.median(trips), trips[len(trips) * 99 // 100]
        print(f"stream {stream:11,.0f} messages/s   one message p50 {p50 * 1e3:6.3f} ms, p99 {p99 * 1e3:6.3f} ms")
    os.kill(other.pid, signal.SIGTERM)
    await other.wait()
    await base.stop()


def main() -> None:
    """Make keys and run both sides, or be the other side."""
    if sys.argv[1:]:
        runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
        Marks.done = lambda _: None
        runner.run(right(Path(sys.argv[1]), sys.argv[2]))
        return
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        keys = Authority(Path(folder) / "keys")
        keys.init("benchmark", time.time())
        for name in ("left", "right"):
            keys.issue(name, time.time())
        runner.run(left(keys))


if __name__ == "__main__":
    main()
