"""Two nodes, and an attacker that has whatever it takes to be heard."""

import asyncio
import logging
import os
import pickle
import random
import socket
import ssl
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from actors import ChildSpec
from actors.cluster.hello import Hello, Refusal, Welcome, decode_greeting, encode_greeting
from tests.contract.actors.cast import PUPPET, Say
from tests.contract.actors.worlds import PATIENCE, NodeClusterWorld, trust_of


class Bomb:
    """What runs when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, (f"touch {self.path}",)


def arbitrary(rng: random.Random, depth: int = 0) -> Any:  # noqa: ANN401, PLR0911 - any value
    """Return anything that msgpack can say."""
    kind = rng.randrange(6 if depth > 3 else 8)
    match kind:
        case 0:
            return rng.choice((None, True, False))
        case 1:
            return rng.choice((0, 1, -1, 2**63, -(2**63), rng.getrandbits(40)))
        case 2:
            return rng.random() * 10.0 ** rng.randrange(-300, 300)
        case 3:
            return "".join(
                chr(rng.choice((0, 10, 47, 64, 97, 0xFDD0, 0xE000, 0x1F600))) for _ in range(rng.randrange(9))
            )
        case 4 | 5:
            return rng.randbytes(rng.randrange(20))
        case 6:
            return [arbitrary(rng, depth + 1) for _ in range(rng.randrange(6))]
        case _:
            keys = ("type", "path", "paths", "number", "a", "")
            return {rng.choice(keys): arbitrary(rng, depth + 1) for _ in range(rng.randrange(6))}


class Besieged:
    """Two nodes that are connected, and whoever attacks the first."""

    def __init__(self, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
        self.loop = asyncio.new_event_loop()
        self.world = NodeClusterWorld(2, 1, self.loop)
        self.node = self.world.nodes["a"]
        assert self.node.peers is not None
        self.node.peers.complaints.pause = 0.0
        self.mark = folder / "it ran"
        self.caplog = caplog
        self.rng = random.Random(4)  # noqa: S311 - a test that repeats
        bomb = Bomb(self.mark)
        msgpack = msgspec.msgpack.encode
        self.payloads = [
            *(pickle.dumps(bomb, protocol) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)),
            *(self.rng.randbytes(self.rng.choice((1, 5, 100, 3000))) for _ in range(20)),
            *(msgpack(arbitrary(self.rng)) for _ in range(40)),
            b"\x91" * 100_000,
            b"\xdd\xff\xff\xff\xff",
            b"\xc6\xff\xff\xff\xff",
            b"",
        ]
        caplog.set_level(logging.INFO)
        caplog.clear()

    def run(self, what: Awaitable[Any]) -> Any:  # noqa: ANN401 - of any kind
        return self.loop.run_until_complete(asyncio.wait_for(what, PATIENCE))

    def address(self) -> tuple[str, int]:
        assert self.node.peers is not None
        host, _, port = self.node.peers.address.rpartition(":")
        return host, int(port)

    def lines(self) -> list[str]:
        return [record.getMessage() for record in self.caplog.records if record.levelno >= logging.ERROR]

    async def connect(self, context: ssl.SSLContext | None = None) -> "Intruder":
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 10_000)
        sock.setblocking(False)
        await self.loop.sock_connect(sock, self.address())
        extra = {} if context is None else {"ssl": context, "server_hostname": ""}
        return Intruder(*await asyncio.open_connection(sock=sock, **extra))  # type: ignore[arg-type]

    async def certified(self) -> "Intruder":
        return await self.connect(trust_of("c").client_context())

    async def greeted(self) -> "Intruder":
        """Return somebody who has said Hello, and knows ours."""
        intruder = await self.certified()
        intruder.send(encode_greeting(hello_of()))
        assert isinstance(decode_greeting(await intruder.heard()), Hello)
        return intruder

    async def welcomed(self) -> "Intruder":
        """Return somebody who is let in."""
        intruder = await self.greeted()
        await intruder.heard()
        intruder.send(encode_greeting(Welcome(self.rng.getrandbits(60), 0)))
        return intruder

    def check(self) -> None:
        """Check that nothing has run or failed, and that the nodes go on."""
        assert not self.mark.exists()
        assert "antigravity" not in sys.modules
        assert [record for record in self.caplog.records if record.exc_info] == []
        assert "Task exception" not in self.caplog.text
        for node in self.world.nodes.values():
            assert node.cluster is not None
            node.cluster.lose("c", "the test is over")
        near, far = (node.spawn(ChildSpec(name, PUPPET)) for name, node in self.world.nodes.items())
        self.world.settle()
        self.world.do(far, lambda _, turn: turn.send(near, Say("still there?")))
        assert self.world.heard(near, Say) == [Say("still there?")]


_silent = socket.create_server(("127.0.0.1", 0))
ADDRESS = f"127.0.0.1:{_silent.getsockname()[1]}"
"""Where the attacker says it can be reached: somebody listens there, and says nothing."""


def hello_of(**changes: Any) -> Hello:  # noqa: ANN401 - of any field
    hello = Hello(cluster="test", node="c", incarnation=1, clock=time.time(), address=ADDRESS, zone="z")
    return msgspec.structs.replace(hello, **changes)


class Intruder:
    """A connection to a node that does not keep to anything."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, data: bytes) -> None:
        """Send something with its length."""
        self.writer.write(len(data).to_bytes(4, "big") + data)

    async def heard(self) -> bytes:
        """Return the next thing that the node says."""
        size = int.from_bytes(await self.reader.readexactly(4), "big")
        return await self.reader.readexactly(size)

    async def last_word(self) -> str:
        """Return why the node hangs up."""
        reason = ""
        try:
            while True:
                greeting = _refusal(await self.heard())
                reason = greeting.reason if greeting is not None else reason
        except (asyncio.IncompleteReadError, OSError):
            return reason
        finally:
            self.writer.close()

    async def gone(self) -> None:
        """Wait until the node has hung up."""
        try:
            while await self.reader.read(100_000):
                pass
        except OSError:
            pass
        finally:
            self.writer.close()


def _refusal(data: bytes) -> Refusal | None:
    try:
        greeting = decode_greeting(data)
    except ValueError:
        return None
    return greeting if isinstance(greeting, Refusal) else None


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - lines of a log
        await asyncio.sleep(0)
