"""Messages a second between two actors on a node: ``python -m benchmarks.actors.messages``."""

import asyncio
import time

import uvloop

from actors import ActorProtocol, ChildSpec, Ref
from actors.bases.node import NodeBase
from benchmarks.actors.cast import Ball, Marks, PlayerArgs, Serve, ToPlayer

COUNT = 500_000
ROUNDS = 3


async def measure(base: NodeBase, to: Ref[ToPlayer], msg: ActorProtocol) -> float:
    """Return the seconds from a message to the end of what it begins."""
    done = asyncio.get_running_loop().create_future()
    Marks.done = done.set_result
    start = time.perf_counter()
    base.tell(to, msg)
    await done
    return time.perf_counter() - start


async def main(name: str) -> None:
    """Print the rates of ping-pong and of a stream under credit."""
    base = NodeBase(loop=asyncio.get_running_loop())
    left: Ref[ToPlayer] = Ref("left")
    for mine, other in (("left", "right"), ("right", "left")):
        base.spawn(ChildSpec(mine, "benchmarks.actors.cast:Player", PlayerArgs(Ref(other)), mailbox=100_000))
    for _ in range(ROUNDS):
        ping_pong = COUNT / await measure(base, left, Ball(COUNT))
        stream = COUNT / await measure(base, left, Serve(COUNT))
        print(f"{name:8} ping-pong {ping_pong:11,.0f} messages/s   stream {stream:11,.0f} messages/s")
    await base.stop()


if __name__ == "__main__":
    asyncio.run(main("asyncio"))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main("uvloop"))
