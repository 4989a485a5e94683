"""Where runs take place: a folder, a database server, and for each run three nodes with the users of a load."""

import asyncio
import csv
import os
import signal
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from actors.measure.meter import EdgeRow
from soju_actors.adapters import provision
from soju_actors.adapters.local import plan, postgres
from soju_actors.adapters.local.cluster import LocalCluster, LocalError
from soju_actors.adapters.local.postgres import Postgres, PostgresError
from soju_actors.adapters.passwords import hash_password
from soju_actors.adapters.provision.declarations import NetworkDeclaration, UserDeclaration
from soju_actors.cli import control
from soju_actors.cli.daemon import DaemonOptions
from soju_actors.cli.database import opened
from soju_actors.cli.experiment import database, figures
from soju_actors.cli.experiment.figures import Figures
from soju_actors.cli.experiment.load import NODES, Load
from soju_actors.cli.experiment.playing import PASSWORD, Stage, network_name
from soju_actors.cli.failure import Failure
from soju_actors.config import Config
from soju_actors.irc.errors import ParseError
from soju_actors.irc.message import parse_message
from soju_actors.model.records import User, UserId
from soju_actors.ports.database import SaveUser

ZONES = ("eu", "eu", "us")
CONNECTIONS = 100
"""Of all nodes to the database, and some."""
WARM_UP = 3
"""Seconds of the load that pass before anything is measured."""
PATIENCE = 30.0
PAUSE = 0.05
"""Seconds that nodes may take to find each other and to take the users, and seconds between two looks."""
SETTINGS: dict[str, dict[str, object]] = {
    "log": {"level": "warning"},
    "upstream": {"at_once": 1000, "burst": 1000, "every": 0.0, "rate_burst": 1000},
}

LOOKED = 3.0
"""Seconds after which each node has looked who else may act for users, as it does once a second: they place by that."""
MOVES: dict[str, object] = {"rebalance": 1.0, "rest": 2.0}
"""Much sooner than in earnest, since runs are short."""


class Laboratory:
    """Runs one thing after the other."""

    def __init__(self, folder: Path, url: str, template: str, password_hash: str) -> None:
        self._folder = folder
        self._url = url
        self._template = template
        self._hash = password_hash
        self._runs = 0

    def run(self, strategy: str, load: Load, edges: Path) -> Figures:
        """Play a load under a strategy; write who talked to whom into a file.

        Raises:
            Failure: something did not go as it should; nothing of it is left running.
        """
        self._runs += 1
        name = f"{self._template}_{self._runs}"
        with database.made(self._url, name, self._template) as url, self._nodes(strategy, url) as configs:
            return asyncio.run(self._play(strategy, load, edges, configs, url))

    @contextmanager
    def _nodes(self, strategy: str, url: str) -> Iterator[list[Config]]:
        """Nodes that have found each other, in a cluster without users."""
        cluster = LocalCluster(self._folder / "cluster")
        ports = iter(_free_ports(2 * NODES))
        nodes = tuple(plan.Node(f"n{number + 1}", next(ports), next(ports), zone) for number, zone in enumerate(ZONES))
        try:
            with cluster.alone(make=True):
                started = cluster.prepare(
                    nodes, url, time.time(), {**SETTINGS, "cluster": {**MOVES, "placement": strategy}}
                )
                try:
                    for node in nodes:
                        started = cluster.launch(started, node)
                    for node in nodes:
                        cluster.await_listening(started, node)
                    configs = [DaemonOptions(cluster.configuration(node)).load() for node in nodes]
                    _until(lambda: all(map(_sees_all, configs)), "the nodes have not found each other")
                    time.sleep(LOOKED)
                    yield configs
                finally:
                    cluster.down()
        except LocalError as error:
            raise Failure(str(error)) from None

    async def _play(self, strategy: str, load: Load, edges: Path, configs: list[Config], url: str) -> Figures:
        async with Stage(load) as stage:
            await asyncio.to_thread(self._add_users, load, stage.ports, configs, url)
            hands = await asyncio.to_thread(database.changes_of_hands, url)
            await stage.attach([config.listen[0].address.port for config in configs])
            playing = asyncio.create_task(stage.play(load.lines))
            await asyncio.sleep(WARM_UP)
            stage.heard.begun = time.perf_counter()
            await _record(configs[0], edges, round(load.seconds - WARM_UP))
            await playing
            missing = await stage.until_delivered()
            moves = await asyncio.to_thread(database.changes_of_hands, url) - hands
            delays = sorted(stage.heard.delays)
            rows = read_edges(edges)
            return Figures(
                strategy,
                load.seed,
                figures.remote_share(rows),
                figures.busiest(rows),
                figures.quantile(delays, 0.5),
                figures.quantile(delays, 0.99),
                moves,
                stage.heard.delivered,
                missing,
            )

    def _add_users(self, load: Load, ports: list[int], configs: list[Config], url: str) -> None:
        """Declare the users, and wait until the nodes have shared them among themselves."""
        users = tuple(
            UserDeclaration(
                member.name,
                password_hash=self._hash,
                network=tuple(
                    NetworkDeclaration(
                        network_name(server),
                        f"irc+insecure://127.0.0.1:{ports[server]}",
                        member.name,
                        channels=channels,
                    )
                    for server, channels in member.channels.items()
                ),
            )
            for member in load.members
        )
        with opened(configs[0]) as stored:
            provision.apply(stored, provision.Declarations(users))
        for config in configs:  # each claims those whom the strategy puts there
            control.refresh(config)
        _until(lambda: database.held(url) == len(users), "the nodes have not taken all users")


@contextmanager
def laboratory(url: str | None) -> Iterator[Laboratory]:
    """A place for runs, with a database server of its own unless the URL of one is given.

    Raises:
        Failure: there is no database server, or it cannot be used.
    """
    with (
        _ended_as_by_ctrl_c(),
        tempfile.TemporaryDirectory(prefix="soju-actors-experiment-") as name,
        ExitStack() as closing,
    ):
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL may run as another user
        if url is None:
            own = Postgres(folder / "postgres")
            url = own.url
            try:
                closing.callback(postgres.stop, own.start(CONNECTIONS))
            except PostgresError as error:
                raise Failure(str(error)) from None
        template = f"soju_experiment_{os.getpid()}"
        ready = closing.enter_context(database.made(url, template))
        with opened(_config_for(folder, ready)) as stored:
            # Nodes make an account where there is none.
            stored.change(SaveUser(User(UserId(0), "operator", admin=True, enabled=False)))
        yield Laboratory(folder, url, template, hash_password(PASSWORD))


@contextmanager
def _ended_as_by_ctrl_c() -> Iterator[None]:
    """Whoever ends the process by SIGTERM finds nothing left running, too."""
    before = signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _config_for(folder: Path, url: str) -> Config:
    file = folder / "template.toml"
    file.write_text(f'hostname = "bouncer.experiment"\ndata_dir = "data"\n\n[database]\nurl = "{url}"\n')
    return DaemonOptions(file).load()


def read_edges(file: Path) -> dict[str, list[EdgeRow]]:
    """What ``placement record`` has written, by the sender's node."""
    found: dict[str, list[EdgeRow]] = {}
    with file.open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            numbers = (int(row[name]) for name in ("messages", "remote", "bytes", "missed", "remote_bytes"))
            found.setdefault(row["node"], []).append(EdgeRow(row["sender"], row["receiver"], *numbers))
    return found


async def _record(config: Config, edges: Path, seconds: int) -> None:
    """Do as ``placement record``, without a thread that nobody could interrupt.

    Raises:
        Failure: it failed.
    """
    reader, writer = await asyncio.open_unix_connection(config.control_socket)
    words = " ".join(map(control.quote, ("cluster", "record", str(edges), str(seconds))))
    writer.write(f"BOUNCERSERV :{words}\r\n".encode())
    try:
        async with asyncio.timeout(seconds + control.PATIENCE):
            while (message := parse_message((await reader.readline()).decode().rstrip("\r\n"))).command == "PRIVMSG":
                pass
    except (TimeoutError, ParseError):
        raise Failure("a node did not answer what it was asked to record") from None
    finally:
        writer.close()
    if message.command != "BOUNCERSERV":
        raise Failure(message.params[-1] if message.params else message.command)


def _sees_all(config: Config) -> bool:
    """Whether a node is connected with all others, and all may act for users."""
    try:
        lines = list(control.command(config, ["cluster", "status"]))
    except control.NotRunningError:
        return False
    return len(lines) == NODES and all("session ends in" in line for line in lines)


def _until(true: Callable[[], bool], otherwise: str) -> None:
    """Wait until something is so.

    Raises:
        Failure: it is not so in time.
    """
    until = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > until:
            raise Failure(f"{otherwise} after {PATIENCE:.0f} s")
        time.sleep(PAUSE)


def _free_ports(count: int) -> list[int]:
    """Ports of this machine that nobody listens on."""
    with ExitStack() as closing:
        probes = [closing.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
