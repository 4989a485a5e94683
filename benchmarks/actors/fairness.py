"""How long one actor with a million messages delays another's first: ``python -m benchmarks.actors.fairness``."""

import asyncio
import time

from actors import ChildSpec
from actors.bases.node import NodeBase
from benchmarks.actors.cast import Ball, Item, Marks

COUNT = 1_000_000


async def main() -> None:
    """Print the delay."""
    loop = asyncio.get_running_loop()
    base = NodeBase(loop=loop)
    busy = base.spawn(ChildSpec("busy", "benchmarks.actors.cast:Idler", mailbox=COUNT + 10))
    idle = base.spawn(ChildSpec("idle", "benchmarks.actors.cast:Idler"))
    while not base.idle:  # noqa: ASYNC110 - all actors, not one event
        await asyncio.sleep(0)
    item = Item(0, "a line of text")
    for _ in range(COUNT):
        base.tell(busy, item)
    heard: asyncio.Future[float] = loop.create_future()
    Marks.done = heard.set_result
    start = time.monotonic()
    base.tell(idle, Ball(0))
    delay = await heard - start
    loop_delay = time.monotonic() - start
    while not base.idle:  # noqa: ASYNC110 - all actors, not one event
        await asyncio.sleep(0)
    print(f"first message of the other     {delay * 1e3:8.3f} ms after it was sent")
    print(f"next look at the sockets       {loop_delay * 1e3:8.3f} ms after it was sent")
    print(f"the million                    {time.monotonic() - start:8.3f} s")


if __name__ == "__main__":
    asyncio.run(main())
