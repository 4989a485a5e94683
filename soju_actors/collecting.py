"""Answers of all nodes to one question, put together: what runs where, and who talks to whom."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from actors.measure.edges import open_edges
from soju_actors.messages.cluster import Measured, NodeSeen, UsersThere

Answer = Callable[..., None]
"""Takes lines, and an error."""


class Recording:
    """Traffic that is being collected from all nodes, and written into a file."""

    def __init__(self, loop: asyncio.AbstractEventLoop, path: Path, wanted: int, answer: Answer) -> None:
        self.ended: Callable[[], object] = lambda: None
        self._loop = loop
        self._path = path
        self._wanted = wanted
        self._answer = answer
        self._told: dict[str, Measured] = {}
        self._finished = False

    def add(self, told: Any) -> None:  # noqa: ANN401 - what was asked for
        """Take what a node has measured."""
        self._told[told.node] = told
        if len(self._told) >= self._wanted:
            self.finish()

    def finish(self) -> None:
        """Write what is there."""
        if self._finished:
            return
        self._finished = True
        self.ended()
        writing = self._loop.run_in_executor(None, self._write)
        writing.add_done_callback(self._written)

    def _write(self) -> None:
        with open_edges(self._path) as file:
            for node, told in sorted(self._told.items()):
                file.write(0.0, node, told.edges)

    def _written(self, writing: "asyncio.Future[None]") -> None:
        error = writing.exception()
        if error is not None:
            reason = getattr(error, "strerror", None) or error
            self._answer((), f"{self._path} cannot be written: {reason}")
            return
        pairs = sum(len(told.edges) for told in self._told.values())
        nodes = f"{len(self._told)} of {self._wanted} nodes"
        self._answer((f"{pairs} pairs of actors on {nodes} are in {self._path}",))


class Survey:
    """What runs where, as all nodes are telling it."""

    def __init__(self, wanted: int, done: Callable[[dict[str, UsersThere]], None]) -> None:
        self.ended: Callable[[], object] = lambda: None
        self._wanted = wanted
        self._done = done
        self._there: dict[str, UsersThere] = {}
        self._finished = False

    def add(self, there: Any) -> None:  # noqa: ANN401 - what was asked for
        """Take what a node says."""
        self._there[there.node] = there
        if len(self._there) >= self._wanted:
            self.finish()

    def finish(self) -> None:
        """Hand over what is there."""
        if not self._finished:
            self._finished = True
            self.ended()
            self._done(self._there)


def status_lines(nodes: dict[str, NodeSeen], survey: dict[str, UsersThere]) -> tuple[str, ...]:
    """Return a line about each node, by name."""
    return tuple(_line(node, survey.get(name)) for name, node in sorted(nodes.items()))


def _line(node: NodeSeen, there: UsersThere | None) -> str:
    about = f"node {node.name}: zone {node.zone}, role {node.role}{', draining' if node.draining else ''}"
    if node.apart:
        about += f", takes no users, since it is not let in: {node.apart}"
    if there is None:
        return f"{about}; it does not answer"
    counts = ((len(there.users), "user"), (there.actors, "actor"), (there.connections, "socket"))
    parts = [about, ", ".join(count(number, what) for number, what in counts)]
    if node.load is not None:
        parts.append(f"busy {node.load.busy:.0%}, {node.load.messages:.0f} messages/s")
    if node.role != "edge":
        session = f"session ends in {there.session:.1f} s" if there.session > 0 else "no session"
        parts.append(f"{count(there.leases, 'lease')}, {session}")
    return "; ".join(parts)


def count(number: int, what: str) -> str:
    """Return a number of things, in words."""
    return f"{number} {what}{'' if number == 1 else 's'}"
