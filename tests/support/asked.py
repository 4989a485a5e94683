"""A program that says where users are to run: a server of asyncio in a thread, at a Unix socket."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Says = Callable[[dict[str, Any]], bytes]
"""From a question to what is written; nothing: no answer."""


def answering(answer: Callable[[dict[str, Any]], dict[str, str]]) -> Says:
    """Answer each question as it should be."""
    return lambda asked: json.dumps({"ask": asked["ask"], "answers": answer(asked)}).encode() + b"\n"


class AskedProgram:
    """What it was asked, and how often somebody has connected."""

    def __init__(self, says: Says) -> None:
        self.says = says
        self.asked: list[dict[str, Any]] = []
        self.connections = 0
        self.stays = True
        """It does not hang up after an answer."""

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        async for line in reader:
            asked = json.loads(line)
            self.asked.append(asked)
            said = self.says(asked)
            writer.write(said)
            if said and not self.stays:
                break
        writer.close()

    async def run(self, path: Path, ready: threading.Event, stop: asyncio.Event) -> None:
        """Serve until it is stopped."""
        server = await asyncio.start_unix_server(self._serve, path, limit=2**24)
        ready.set()
        await stop.wait()
        server.close()


@contextmanager
def asked_program(path: Path, says: Says) -> Iterator[AskedProgram]:
    """Have a program at a socket."""
    program, ready, loop = AskedProgram(says), threading.Event(), asyncio.new_event_loop()
    stop = asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(program.run(path, ready, stop),))
    thread.start()
    try:
        assert ready.wait(10)
        yield program
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
        path.unlink(missing_ok=True)
