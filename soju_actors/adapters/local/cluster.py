"""The folder of a cluster on this machine.

cluster.json      what was started
keys/             the authority, and what it has issued
postgres/         the database, unless it is elsewhere
NODE/             node.toml, data, log
"""

import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec.structs import replace

from soju_actors.adapters.authority import Authority, AuthorityError
from soju_actors.adapters.files import locked, write_whole
from soju_actors.adapters.local import plan, postgres, processes
from soju_actors.adapters.local.plan import Node
from soju_actors.adapters.local.postgres import Postgres, PostgresError, last_line
from soju_actors.adapters.local.processes import Process

PROGRAM = Path(__file__).resolve().parents[3] / "run.py"
CONNECTIONS = 20
"""Of each node to the database, and some."""
STARTING = 60.0
ENDING = 20.0
"""Seconds that a node may take to start and to end."""
PAUSE = 0.05


class LocalError(Exception):
    """What was asked cannot be done; the text is for a person."""


class Started(msgspec.Struct, frozen=True):
    """What runs, or ran."""

    database: str
    """Its URL."""
    server: Process | None = None
    """Of the database, if it is the cluster's own."""
    nodes: tuple[Node, ...] = ()
    processes: dict[str, Process] = {}
    """By the name of the node."""

    @property
    def running(self) -> list[Process]:
        """All that has not ended."""
        all_of_them = [*self.processes.values(), *([self.server] if self.server else [])]
        return [process for process in all_of_them if processes.is_running(process)]

    @property
    def running_nodes(self) -> list[str]:
        """The names of the nodes that have not ended, in order."""
        running = {name for name, process in self.processes.items() if processes.is_running(process)}
        return [node.name for node in self.nodes if node.name in running]


class LocalCluster:
    """A cluster on this machine, in a folder; nothing is kept in memory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def alone(self, *, make: bool = False) -> Iterator[None]:
        """Let nobody else start or end it meanwhile; ``make`` makes its folder where there is none.

        Raises:
            LocalError: there is no such folder, a file cannot be read or written, or the authority
                or the database is of no use.
        """
        try:
            if make:
                self.folder.mkdir(parents=True, exist_ok=True)
            elif not self.folder.exists():
                raise LocalError(self.nothing)
            with locked(self.folder):
                yield
        except OSError as error:
            raise LocalError(f"{error.filename or self.folder}: {error.strerror}") from error
        except (AuthorityError, PostgresError) as error:
            raise LocalError(str(error)) from error

    @property
    def nothing(self) -> str:
        """What is to be said where nothing was started."""
        return f"there is no cluster up in {self.folder}"

    def read(self) -> Started | None:
        """What was started and not ended by :meth:`down`; None where nothing was."""
        try:
            return msgspec.json.decode((self.folder / "cluster.json").read_bytes(), type=Started)
        except FileNotFoundError:
            return None
        except msgspec.DecodeError as error:
            raise LocalError(f"{self.folder / 'cluster.json'} is not as it was written: {error}") from None

    def prepare(
        self, nodes: tuple[Node, ...], database: str | None, now: float, more: plan.Tables | None = None
    ) -> Started:
        """Make all that the nodes need, and start their database, unless one is named; ``more`` has further settings.

        Raises:
            LocalError: the cluster runs, or a port is in use, or would be twice.
        """
        before = self.read()
        if before and before.running:
            ended = [node.name for node in before.nodes if node.name not in before.running_nodes]
            which = f", of which {', '.join(ended)} ended" if ended else ""
            again = f"cluster start {ended[0]} starts that again, " if ended else ""
            raise LocalError(
                f"there is a cluster up in {self.folder}, of {len(before.nodes)} nodes{which}:"
                f" {again}cluster down ends it"
            )
        _check_ports(nodes)
        self._issue(nodes, now)
        own = Postgres(self.folder / "postgres")
        started = Started(database or own.url, nodes=nodes)
        for node in nodes:
            self._of(node).mkdir(mode=0o700, exist_ok=True)
            keys = self._authority.folder_of(node.name)
            text = plan.configuration(node, nodes, started.database, self._of(node) / "data", keys, more=more)
            write_whole(self.configuration(node), text, 0o600)
        server = None if database else own.start(CONNECTIONS * (len(nodes) + 1))
        return self._save(replace(started, server=server))

    def start(self, started: Started, node: Node) -> Started:
        """Start a node; return when it listens.

        Raises:
            LocalError: it ended, or did not listen in time.
        """
        started = self.launch(started, node)
        self.await_listening(started, node)
        return started

    def start_again(self, name: str) -> Started:
        """Start a node that has ended; return when it listens.

        Raises:
            LocalError: there is no such node, it runs, or the database does not; it ended, or did not listen in time.
        """
        started = self.read()
        if started is None:
            raise LocalError(self.nothing)
        node = next((node for node in started.nodes if node.name == name), None)
        if node is None:
            raise LocalError(f"there is no node {name}: there are {', '.join(node.name for node in started.nodes)}")
        if name in started.running_nodes:
            raise LocalError(f"node {name} runs, process {started.processes[name].pid}")
        if started.server and not processes.is_running(started.server):
            raise LocalError("the database has ended, too: cluster down, and cluster up starts all again")
        return self.start(started, node)

    def launch(self, started: Started, node: Node) -> Started:
        """Start the process of a node."""
        command: list[str | Path] = [sys.executable, PROGRAM, "--no-bootstrap", "--config", self.configuration(node)]
        process = processes.start(command, self._of(node), self.log(node))
        return self._save(replace(started, processes={**started.processes, node.name: process}))

    def await_listening(self, started: Started, node: Node) -> None:
        """Return when a node that was launched listens.

        Raises:
            LocalError: it ended, or did not listen in time.
        """
        process = started.processes[node.name]
        for _ in range(int(STARTING / PAUSE)):
            if processes.has_ended(process, PAUSE):
                raise LocalError(f"node {node.name} ended at once: {last_line(self.log(node))} ({self.log(node)})")
            if _is_listening(node.port):
                return
        raise LocalError(f"node {node.name} does not listen after {STARTING:.0f} s ({self.log(node)})")

    def down(self) -> list[str]:
        """End all that was started; return the names of the nodes that had to be ended by force.

        Raises:
            LocalError: nothing was started.
        """
        started = self.read()
        if started is None:
            raise LocalError(self.nothing)
        for process in started.processes.values():
            processes.ask(process, signal.SIGTERM)
        forced = [name for name, process in started.processes.items() if not processes.finish(process, ENDING)]
        if started.server:
            postgres.stop(started.server)
        (self.folder / "cluster.json").unlink()
        return forced

    def configuration(self, node: Node) -> Path:
        """The configuration file of a node."""
        return self._of(node) / "node.toml"

    def log(self, node: Node) -> Path:
        """What a node has printed."""
        return self._of(node) / "log"

    def _of(self, node: Node) -> Path:
        return self.folder / node.name

    @property
    def _authority(self) -> Authority:
        return Authority(self.folder / "keys")

    def _issue(self, nodes: tuple[Node, ...], now: float) -> None:
        """Make the keys that are missing."""
        authority = self._authority
        if not authority.folder.exists():
            authority.init("demo", now)
        register = authority.read()
        for node in nodes:
            if not any(register.valid(node.name, now)):
                authority.issue(node.name, now)

    def _save(self, started: Started) -> Started:
        write_whole(self.folder / "cluster.json", msgspec.json.encode(started).decode(), 0o600)
        return started


def _check_ports(nodes: tuple[Node, ...]) -> None:
    for node in nodes:
        _check_free(node.port, "--port")
        _check_free(node.link, "--link-port")
    both = {node.port for node in nodes} & {node.link for node in nodes}
    if both:
        raise LocalError(
            f"port {min(both)} cannot be used for clients and among nodes: --port and --link-port each name"
            f" the first of {len(nodes)}"
        )


def _check_free(port: int, option: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or "there is no such port"
            raise LocalError(f"port {port} cannot be used: {reason}; {option} names the first of others") from None


def _is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
