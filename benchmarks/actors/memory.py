"""The size and the birth of 100,000 idle actors: ``python -m benchmarks.actors.memory``."""

import asyncio
import resource
import time

from actors import ChildSpec
from actors.bases.node import NodeBase

COUNT = 100_000


def resident() -> float:
    """Return the resident size in bytes."""
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - not a file of ours
        return int(file.read().split()[1]) * resource.getpagesize()


async def main() -> None:
    """Print what an actor costs."""
    base = NodeBase(loop=asyncio.get_running_loop())
    base.spawn(ChildSpec("warm", "benchmarks.actors.cast:Idler"))
    await asyncio.sleep(0)
    before, start = resident(), time.perf_counter()
    for number in range(COUNT):
        base.spawn(ChildSpec(f"idle-{number}", "benchmarks.actors.cast:Idler"))
    while not base.idle:  # noqa: ASYNC110 - all actors, not one event
        await asyncio.sleep(0)
    seconds, after = time.perf_counter() - start, resident()
    print(f"process of {COUNT:,} idle actors  {after / 1e6:8.1f} MB, {before / 1e6:.1f} MB of it without them")
    print(f"each                           {(after - before) / COUNT:8.0f} bytes, {seconds / COUNT * 1e6:.1f} µs")


if __name__ == "__main__":
    asyncio.run(main())
