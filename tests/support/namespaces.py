"""Hosts of a cluster on one machine: a network namespace for each, with a cable between each two.

Each host has one address, which is on its loopback; over which cable the others are reached, its routes say. A cable
that is cut takes packets and delivers none: to both ends it is as if the other were silent.
"""

import os
import shutil
import subprocess
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from tests.support.cluster import ClusterNode, RealCluster, WatchfulServer
from tests.support.ircclient import Endpoint

PROGRAM = shutil.which("ip")
NOBODY = "02:00:00:00:00:ff"
"""The hardware address of no interface."""


def need_namespaces() -> None:
    """Skip the test where no network namespace, or no cable between two, can be made."""
    if PROGRAM is None:
        pytest.skip("needs network namespaces: there is no program ip (package iproute2)")
    probe = f"sj{os.getpid()}"
    done = _ip("netns", "add", probe)
    if not done.returncode:
        done = _ip("-n", probe, "link", "add", "one", "type", "veth", "peer", "name", "other")
        _ip("netns", "del", probe)
    if done.returncode:
        pytest.skip(f"needs network namespaces: {done.stderr.strip()}")


def _ip(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROGRAM or "ip", *words], capture_output=True, text=True, check=False)


def _do(*words: str) -> None:
    done = _ip(*words)
    assert done.returncode == 0, f"ip {' '.join(words)}: {done.stderr}"


class Namespaces:
    """The hosts and their cables."""

    def __init__(self, names: Sequence[str]) -> None:
        self.addresses = {name: f"10.77.0.{at}" for at, name in enumerate(names, 1)}
        self._spaces = {name: f"sj{os.getpid()}-{name}" for name in names}

    def make(self) -> None:
        """Make all of it."""
        for name, space in self._spaces.items():
            _do("netns", "add", space)
            _do("-n", space, "link", "set", "lo", "up")
            _do("-n", space, "addr", "add", f"{self.addresses[name]}/32", "dev", "lo")
        for one, other in combinations(self._spaces, 2):
            ends = (
                {"name": f"to-{other}", "netns": self._spaces[one]},
                {"name": f"to-{one}", "netns": self._spaces[other]},
            )
            _do("link", "add", *_words(ends[0]), "type", "veth", "peer", *_words(ends[1]))
            for here, there in ((one, other), (other, one)):
                _do("-n", self._spaces[here], "link", "set", f"to-{there}", "up")
                way = ("dev", f"to-{there}", "src", self.addresses[here])
                _do("-n", self._spaces[here], "route", "add", f"{self.addresses[there]}/32", *way)

    def remove(self) -> None:
        """Remove all of it that there is."""
        for space in self._spaces.values():
            _ip("netns", "del", space)

    def under(self, name: str) -> list[str]:
        """Return the command that runs another one on a host."""
        return ["ip", "netns", "exec", self._spaces[name]]

    def cut(self, *names: str) -> None:
        """Cut the cables between a host and others; between the first two, if two are named."""
        for here, there in self._ways(names):
            _do("-n", here, "neigh", "replace", *there, "lladdr", NOBODY, "nud", "permanent")

    def mend(self, *names: str) -> None:
        """Mend what was cut."""
        for here, there in self._ways(names):
            _do("-n", here, "neigh", "del", *there)

    def _ways(self, names: Sequence[str]) -> list[tuple[str, tuple[str, str, str]]]:
        one, *others = names
        pairs = [(one, other) for other in others or self._spaces if other != one]
        return [
            (self._spaces[here], (self.addresses[there], "dev", f"to-{there}"))
            for pair in pairs
            for here, there in (pair, pair[::-1])
        ]


def _words(end: dict[str, str]) -> list[str]:
    return [word for item in end.items() for word in item]


class HostedCluster(RealCluster):
    """Nodes on hosts of their own; clients and servers reach them by Unix sockets, which all hosts have."""

    def __init__(self, folder: Path, url: str, count: int) -> None:
        super().__init__(folder, url, count)
        self.hosts = Namespaces(list(self.nodes))
        for node in self.nodes.values():
            node.endpoint = Endpoint(path=node.folder / "irc")
            node.program.command[:0] = self.hosts.under(node.name)

    async def link(self, own: ClusterNode, text: str, reached: int, listen: int) -> str:  # noqa: ARG002 - no relay
        """Let a node have the address of its host."""
        for (port, at, _), (name, address) in zip(self._ports, self.hosts.addresses.items(), strict=True):
            text = text.replace(f"127.0.0.1:{at}", f"{address}:{at}")
            if name == own.name:
                text = text.replace(f"irc+insecure://127.0.0.1:{port}", f"unix://{own.endpoint.path}")
        return text

    async def reached(self, server: WatchfulServer) -> str:
        """Let nodes connect with a server by a Unix socket."""
        return await server.listen(self.folder / "server")

    async def __aenter__(self) -> Self:
        self.hosts.make()
        try:
            return await super().__aenter__()
        except BaseException:
            self.hosts.remove()
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await super().__aexit__(kind, error, trace)
        finally:
            self.hosts.remove()
