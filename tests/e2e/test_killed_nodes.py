"""Processes are killed at random while actors move and tell each other numbers: those that live have missed nothing."""

import asyncio
import json
import logging
import os
import random
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from soju_actors.adapters.authority import Authority
from tests.support.daemon import ROOT
from tests.support.ports import free_port
from tests.support.process import Program
from tests.support.transcript import Transcript

log = logging.getLogger(__name__)

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("nodes")]

MOVES = int(os.environ.get("MOVES", "150"))
"""So many come to their end; 10,000 of them are for some minutes."""
SEED = int(os.environ.get("SEED", "1"))
NAMES = "abc"
MOVERS = 6
KILLS = 2
"""In one round, after which all begin anew."""
EVERY = 0.02
PAUSES = (0.0, 0.002, 0.01, 0.03)
PATIENCE = 20.0


class Answers(Transcript):
    """What a node prints: answers go to whoever has asked."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.waiting: dict[int, asyncio.Future[Any]] = {}

    def add(self, line: str) -> None:
        """Take a line."""
        said = json.loads(line) if line.startswith("{") else {}
        if "number" not in said:
            super().add(line)
        elif (future := self.waiting.pop(said["number"], None)) is not None:
            future.set_result(said["is"])

    def end(self, reason: str) -> None:
        """Whoever waits gets no answer."""
        for future in self.waiting.values():
            future.set_result(None)
        self.waiting.clear()
        super().end(reason)


class Node:
    """A node that can be killed."""

    def __init__(self, name: str, keys: Path, port: int, leaders: list[str]) -> None:
        self.name = name
        self.alive = False
        self.said = Answers(f"node {name}")
        self._number = 0
        self._words = [name, str(keys), str(port)]
        self._leaders = leaders
        self.program = Program(f"node {name}", [], cwd=ROOT, env={"PYTHONPATH": str(ROOT)})
        self.program.output = self.said

    async def start(self, rng: random.Random, others: list["Node"]) -> None:
        """Start it, and wait until it and the others know each other."""
        here, there = self.said.here, [other.said.here for other in others]
        words = [*self._words, str(rng.getrandbits(32)), *self._leaders]
        self.program.command = [sys.executable, "-m", "tests.support.tellernode", *words]
        await self.program.start()
        for other, since in zip(others, there, strict=True):
            await self.said.expect(f'"joined": "{other.name}"', since=here)
            await other.said.expect(f'"joined": "{self.name}"', since=since)
        await self.said.expect('"ready"', since=here)
        self.alive = True

    async def kill(self) -> None:
        """End it by SIGKILL."""
        self.alive = False
        await self.program.kill()

    async def ask(self, *words: Any) -> Any:  # noqa: ANN401 - whatever it answers
        """Give it a command; return the answer, or None if it has ended."""
        if self.said.ended is not None:
            return None
        self._number += 1
        future = self.said.waiting[self._number] = asyncio.get_running_loop().create_future()
        try:
            await self.program.enter(json.dumps([self._number, *words]))
        except ConnectionError:
            self.said.waiting.pop(self._number, None)
            return None
        return await asyncio.wait_for(future, PATIENCE)


@dataclass(slots=True)
class Move:
    """A move that has begun."""

    source: Node
    target: Node


@dataclass(slots=True)
class Count:
    """What has happened in all rounds."""

    moves: int = 0
    refused: int = 0
    kills: int = 0
    moving: int = 0
    """Moves that a killed node was one side of."""
    survived: int = 0
    """Actors that could have died in such a move, and live."""
    died: int = 0
    numbers: int = 0


class Round:
    """Tellers that move about until the nodes have been killed often enough."""

    def __init__(self, number: int, nodes: dict[str, Node], rng: random.Random, count: Count) -> None:
        self.nodes, self.rng, self.count = nodes, rng, count
        self.movers = [f"t{at}-{number}" for at in range(MOVERS)]
        self.family = f"{self.movers[1]}/child"
        self.away = f"{self.movers[2]}/away"
        self.all = [*self.movers, self.family, self.away]
        self.places: dict[str, Node] = {}
        self.under_way: dict[str, Move] = {}
        self.doomed: set[str] = set()
        """Those that may have died."""
        self.ended: set[str] = set()
        self.reports: dict[str, dict[str, Any]] = {}
        self.stopping = False
        self._held = asyncio.Event()
        self._held.set()

    @property
    def alive(self) -> list[Node]:
        """The nodes that run."""
        return [node for node in self.nodes.values() if node.alive]

    async def ask_all(self, *words: Any) -> list[Any]:  # noqa: ANN401 - whatever they answer
        """Give all nodes a command."""
        return list(await asyncio.gather(*(node.ask(*words) for node in self.alive)))

    async def begin(self) -> None:
        """Let all tell."""
        for path in self.movers:
            node = self.places[path] = self.rng.choice(self.alive)
            others = [other for other in self.all if other != path]
            children, away = ["child"] * self.family.startswith(path), ["away"] * self.away.startswith(path)
            await node.ask("spawn", path, others, children, away, EVERY)
        await self.ask_all("know", *self.all)
        reports = await self.ask_all("report", self.away)
        (self.places[self.away],) = [node for node, report in zip(self.alive, reports, strict=True) if report]
        await self.alive[0].ask("go on", *self.all)

    async def wander(self, path: str) -> None:
        """Move a teller again and again, until it may have died and does not run any more."""
        while path not in self.ended and not self.stopping:
            await asyncio.sleep(self.rng.choice(PAUSES))
            await self._held.wait()
            source = self.places[path]
            if not source.alive:
                continue
            target = self.rng.choice([node for node in self.alive if node is not source])
            self.under_way[path] = Move(source, target)
            answer = await source.ask("move", path, target.name)
            if self.under_way.pop(path, None) is None:  # one side was killed: where it is now will be asked
                await self._held.wait()
            elif answer:
                self.count.refused += 1
            else:
                self.count.moves += 1
                self.places[path] = target

    async def kill(self, victim: Node) -> None:
        """Kill a node at some moment, start it again, and find what has become of those that were there."""
        await asyncio.sleep(self.rng.uniform(0.05, 0.6))
        others = [node for node in self.alive if node is not victim]
        since = [node.said.here for node in others]
        await self._until_it_moves(victim)
        self._held.clear()
        torn = {path for path, move in self.under_way.items() if victim in {move.source, move.target}}
        there = {path for path, node in self.places.items() if node is victim} | torn
        children = {path.rpartition("/")[0]: path for path in (self.family, self.away)}
        self.doomed |= there | {children[path] for path in there if path in children}
        for path in torn:
            del self.under_way[path]
        self.count.kills += 1
        self.count.moving += len(torn)
        await victim.kill()
        again = asyncio.create_task(self._start_again(victim, others))
        for node, here in zip(others, since, strict=True):
            await node.said.expect(f'"lost": "{victim.name}"', since=here)
        await self._find(there, torn)
        self._held.set()
        await again

    async def _until_it_moves(self, victim: Node) -> None:
        """As a rule, wait until a move from or to a node is under way, and a moment more."""
        end = time.monotonic() + PATIENCE * (self.rng.random() < 0.8)
        while time.monotonic() < end:
            if any(victim in {move.source, move.target} for move in self.under_way.values()):
                break
            await asyncio.sleep(0)
        await asyncio.sleep(self.rng.choice((0.0, 0.001, 0.002, 0.004)))

    async def _start_again(self, victim: Node, others: list[Node]) -> None:
        await asyncio.sleep(self.rng.uniform(0.0, 0.3))
        await victim.start(self.rng, others)

    async def _find(self, there: set[str], torn: set[str]) -> None:
        """Ask where those run that were on a node that was killed, or moved from it or to it."""
        survivors = [node for node in self.alive if not (node.said.ended)]
        reports = await asyncio.gather(*(node.ask("report", *there) for node in survivors))
        for path in there:
            found = [node for node, report in zip(survivors, reports, strict=True) if report and path in report]
            assert len(found) <= 1, f"{path} runs on {[node.name for node in found]}"
            if found:
                self.places[path] = found[0]
                self.count.survived += path in torn
            else:
                self.ended.add(path)
                self.count.died += 1

    async def play(self) -> None:
        """Let them tell and move while nodes die."""
        await self.begin()
        async with asyncio.TaskGroup() as tasks:
            for path in self.movers:
                tasks.create_task(self.wander(path))
            for _ in range(KILLS):
                await self.kill(self.rng.choice(self.alive))
            self.stopping = True
        await self.ask_all("rest", *self.all)

    async def audit(self) -> None:
        """Wait until all has arrived, and check the numbers."""
        end, wrong = time.monotonic() + PATIENCE, ["nobody was asked"]
        while wrong and time.monotonic() < end:
            idle = await self.ask_all("idle")
            reports = await self.ask_all("report", *self.all)
            wrong = self.complaints(reports) + ["something is under way"] * (not all(idle))
        assert not wrong, "\n".join(wrong[:30])
        self.count.numbers += sum(sum(report["heard"].values()) for one in reports for report in one.values())
        for node, report in zip(self.alive, reports, strict=True):
            await node.ask("stop", *(path for path in report if "/" not in path))

    def complaints(self, reports: list[dict[str, Any]]) -> list[str]:
        """Return what is wrong with what the tellers have counted, by node."""
        wrong = [f"{path} runs twice" for path in self.all if sum(path in one for one in reports) > 1]
        audited = self._audited(reports)
        for path, report in audited.items():
            wrong += [text for text in report["complaints"] if text.split()[4] in audited]
            wrong += [f"{path} was told that {other} has ended" for other in set(report["downs"]) & set(audited)]
            for other in set(report["said"]) & set(audited) - {path}:
                said = report["said"][other]
                heard = audited[other]["heard"].get(path, 0)
                wrong += [f"{path} said {said} to {other}, which heard {heard}"] * (said != heard)
        gone = set(self.all) - {path for one in reports for path in one}
        wrong += [f"{path} runs nowhere" for path in gone - self.doomed]
        for path, report in audited.items():
            wrong += [f"{path} was not told that {other} has ended" for other in gone - set(report["downs"])]
        return wrong

    def _audited(self, reports: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
        """Return what those have counted that run; a child placed by itself begins anew when its node is lost."""
        running = {path: report for one in reports for path, report in one.items()}
        return {path: report for path, report in running.items() if path != self.away or path not in self.doomed}


@asynccontextmanager
async def cluster(folder: Path, rng: random.Random) -> AsyncIterator[dict[str, Node]]:
    """Start the nodes."""
    authority = Authority(folder / "keys")
    authority.init("test", time.time())
    ports = {name: free_port() for name in NAMES}
    leaders = [f"127.0.0.1:{port}" for port in ports.values()]
    nodes: dict[str, Node] = {}
    for name, port in ports.items():
        authority.issue(name, time.time())
        nodes[name] = Node(name, authority.folder_of(name), port, leaders)
    try:
        started: list[Node] = []
        for node in nodes.values():
            await node.start(rng, started)
            started.append(node)
        yield nodes
    except BaseException as error:
        for node in nodes.values():
            error.add_note(node.said.report("what it said", last=30))
        raise
    finally:
        for node in nodes.values():
            await node.program.__aexit__(None, None, None)


async def test_nodes_are_killed_while_actors_move(folder: Path) -> None:
    rng = random.Random(SEED)  # noqa: S311 - a test that repeats, as far as processes do
    count, number = Count(), 0
    async with cluster(folder, rng) as nodes:
        while count.moves < MOVES or count.kills < 4:
            number += 1
            this = Round(number, nodes, rng, count)
            await this.play()
            await this.audit()
    log.warning("%s", f"{number} rounds: {count}")
    assert count.moving > count.kills / 4 or count.kills < 40, "hardly any node was killed in the midst of a move"
