"""How long an actor with a state of 64 kB stands still while it moves: ``python -m benchmarks.actors.moves``.

Two nodes in one loop, through TLS; others send to the actor meanwhile.
"""

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

import uvloop

from actors import ChildSpec, Ref
from actors.bases.node import NodeBase
from actors.cluster.moving import MoveError
from benchmarks.actors.between import node
from benchmarks.actors.cast import Line, Marks, ToMover
from soju_actors.adapters.authority import Authority

COUNT = 500
LOAD = 20
"""Messages from each node in each millisecond or so."""
MOVER: Ref[ToMover] = Ref("mover")


async def load(nodes: list[NodeBase]) -> None:
    """Send to the actor for ever."""
    item = Line("a line of text")
    while True:
        for base in nodes:
            for _ in range(LOAD):
                base.tell(MOVER, item)
        await asyncio.sleep(0.001)


async def move(here: NodeBase, there: NodeBase) -> float:
    """Move once, as soon as it can be; return the seconds from the last turn here to the first there."""
    loop = asyncio.get_running_loop()
    assert here.cluster is not None  # noqa: S101 - it has joined
    arrived = loop.create_future()
    Marks.done = lambda _: arrived.set_result(time.perf_counter())
    while True:
        begun = time.perf_counter()
        try:
            here.cluster.moving.move(MOVER.path, there.name)
        except MoveError:
            await asyncio.sleep(0.001)
        else:
            return float(await arrived) - begun


async def main() -> None:
    """Print the pauses."""
    with tempfile.TemporaryDirectory() as folder:
        keys = Authority(Path(folder) / "keys")
        keys.init("benchmark", time.time())
        for name in ("left", "right"):
            keys.issue(name, time.time())
        left = await node("left", keys.folder_of("left"))
        assert left.peers is not None  # noqa: S101 - it has joined
        right = await node("right", keys.folder_of("right"), left.peers.address)
    await left.peers.until_connected(1)
    left.spawn(ChildSpec(MOVER.path, "benchmarks.actors.cast:Mover", mailbox=100_000))
    await asyncio.sleep(0.5)
    busy = asyncio.create_task(load([left, right]))
    pauses: list[float] = []
    nodes = [left, right]
    for _ in range(COUNT):
        pauses.append(await move(*nodes))
        nodes.reverse()
    busy.cancel()
    pauses.sort()
    p50, p99 = statistics.median(pauses), pauses[COUNT * 99 // 100]
    print(f"pause of {COUNT} moves   p50 {p50 * 1e3:6.2f} ms, p99 {p99 * 1e3:6.2f} ms, most {pauses[-1] * 1e3:6.2f} ms")
    await left.stop()
    await right.stop()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
