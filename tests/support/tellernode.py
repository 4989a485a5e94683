"""A node with tellers, as a process: it is told on its standard input what to do, a line of JSON each."""

import asyncio
import functools
import json
import logging
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvloop

from actors import Ref
from actors.bases.node import NodeBase
from actors.bases.node.peers.peers import Member
from actors.bases.node.peers.trust import Trust
from actors.cluster.cluster import Cluster
from actors.cluster.moving import MoveError
from actors.link import Endpoint
from tests.contract.actors.tellers import PACKAGE, GoOn, Rest, Teller, TellerArgs, ToTeller, spec

PAUSE = 0.005
"""Seconds between two looks whether something is known here: the directory tells nobody."""

Answer = Callable[[object], None]


class Node:
    """What the process does. An answer has the number of its question."""

    def __init__(self, base: NodeBase, seed: int) -> None:
        assert base.cluster is not None
        self.base = base
        self.cluster: Cluster = base.cluster
        self.cluster.on_lost.append(lambda node: say({"lost": node}))
        self.cluster.on_joined.append(lambda hello: say({"joined": hello.node}))
        for node in self.cluster.sessions:
            say({"joined": node})
        rng = random.Random(seed)  # noqa: S311 - a test that repeats
        self.cluster.placer = lambda _, __: rng.choice([base.name, *self.cluster.sessions])
        self._simple: dict[str, Callable[..., None]] = {
            "spawn": self._spawn,
            "stop": self._stop,
            "go on": functools.partial(self._tell, GoOn()),
            "rest": functools.partial(self._tell, Rest()),
        }

    def do(self, number: int, word: str, what: list[Any]) -> None:
        """Carry out a command, and say what comes of it."""

        def answer(result: object) -> None:
            say({"number": number, "is": result})

        match word:
            case "know":
                self._know(what, answer)
            case "move":
                self._move(what[0], what[1], answer)
            case "report":
                answer({path: report for path in what if (report := self._report(path)) is not None})
            case "idle":
                quiet = self.cluster.moving.quiet and self.cluster.switching.quiet
                answer(quiet and all(session.idle for session in self.cluster.sessions.values()))
            case _:
                self._simple[word](*what)
                answer("")

    def _spawn(self, name: str, others: list[str], children: list[str], away: list[str], every: float) -> None:
        args = TellerArgs(tuple(others), every, tuple(children), tuple(away), first=None)
        self.base.spawn(spec(name, args))

    def _tell(self, msg: ToTeller, *paths: str) -> None:
        for path in paths:
            self.base.tell(Ref[Any](path), msg)

    def _stop(self, *paths: str) -> None:
        for path in paths:
            self.base.stop_actor(Ref(path))

    def _move(self, path: str, node: str, answer: Answer) -> None:
        try:
            self.cluster.moving.move(path, node, answer)
        except MoveError as error:
            answer(str(error))

    def _know(self, paths: list[str], answer: Answer) -> None:
        """Answer once all of them are known to run somewhere."""
        if all(self.base.running(Ref(path)) or self.cluster.elsewhere(path) is not None for path in paths):
            answer("")
        else:
            asyncio.get_running_loop().call_later(PAUSE, self._know, paths, answer)

    def _report(self, path: str) -> dict[str, Any] | None:
        """What a teller has counted; nothing if it does not run here."""
        cell = self.cluster.cell(path)
        if cell is None or not isinstance(teller := cell.actor, Teller):
            return None
        counts = {"said": teller.said, "heard": teller.heard, "moves": teller.moves}
        return counts | {"complaints": teller.complaints, "downs": teller.downs}


def say(what: dict[str, Any]) -> None:
    """Print a line of JSON."""
    sys.stdout.write(f"{json.dumps(what)}\n")
    sys.stdout.flush()


async def main(name: str, keys: Path, listen: int, seed: int, leaders: tuple[str, ...]) -> None:
    """Run until the standard input ends."""
    loop = asyncio.get_running_loop()
    base = NodeBase(name=name, loop=loop)
    trust, where = Trust(keys), Endpoint("127.0.0.1", listen)
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    await base.join(Member(trust=trust, listen=where, leaders=leaders, packages=(PACKAGE,)))
    node = Node(base, seed)
    say({"ready": name})
    while line := await lines.readline():
        number, word, *what = json.loads(line)
        node.do(number, word, what)
    await base.stop()


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    who, folder, port, chance, *others = sys.argv[1:]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(who, Path(folder), int(port), int(chance), tuple(others)))
