"""``cluster up``, ``down`` and ``status``: a cluster on this machine, for demonstration and experiments."""

import secrets
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from soju_actors.cli import together
from soju_actors.cli.control import NotRunningError, command
from soju_actors.cli.daemon import DaemonOptions
from soju_actors.cli.database import load_users, opened, with_password
from soju_actors.cli.failure import Failure
from soju_actors.config import Config, load_config
from soju_actors.model.records import User, UserId
from soju_actors.ports.database import SaveUser

if TYPE_CHECKING:
    from soju_actors.adapters.local.cluster import LocalCluster, Started
    from soju_actors.adapters.local.plan import Node

HERE = Path("data/cluster")
PATIENCE = 60.0
"""Seconds that a node may take to carry out a command: to drain it, for example."""
Folder = Annotated[Path, typer.Option("--folder", metavar="DIR", help="The folder with all that the cluster has.")]
Port = Annotated[int, typer.Option(min=1, max=65535, help="Where clients connect to the first node; others count up.")]
LinkPort = Annotated[int, typer.Option(min=1, max=65535, help="The same for nodes among themselves.")]


def _in_postgresql(url: str | None) -> str | None:
    """Check the URL of a database."""
    if url is not None and not url.startswith(("postgresql://", "postgres://")):
        raise typer.BadParameter(f"{url!r} is none in PostgreSQL; allowed: postgresql://user:password@host/name")
    return url


def up(
    count: Annotated[int, typer.Argument(metavar="N", min=1, max=32, help="So many nodes.")],
    database: Annotated[
        str | None,
        typer.Option(
            "--database",
            metavar="URL",
            help="postgresql://… in place of one of its own.",
            show_default=False,
            callback=_in_postgresql,
        ),
    ] = None,
    port: Port = 6667,
    link_port: LinkPort = 7667,
    folder: Folder = HERE,
) -> None:
    """Start N nodes on this machine, with a database, keys and an account; what they store stays for the next time."""
    from soju_actors.adapters.local import plan  # noqa: PLC0415 - other commands do without

    with _cluster(folder, make=True) as cluster:
        started = cluster.prepare(plan.nodes(count, port, link_port), database, time.time())
        try:
            password = _account(DaemonOptions(cluster.configuration(started.nodes[0])).load())
            for node in started.nodes:
                started = cluster.start(started, node)
                typer.echo(f"{node.name}  {_where(node)}, log {cluster.log(node)}")
        except BaseException:
            cluster.down()
            raise
    if password:
        typer.echo(f"There is an account now: user admin, password {password} (it is not shown again).")
    typer.echo(_await_each_other(cluster, started, [node.name for node in started.nodes]))
    first = cluster.configuration(started.nodes[0])
    typer.echo(f"Commands go to any node: python3 run.py ctl --config {first} help")


def start(
    node: Annotated[str, typer.Argument(metavar="NODE", help="The node that has ended.")],
    folder: Folder = HERE,
) -> None:
    """Start a node of the cluster that has ended again; the others go on meanwhile."""
    with _cluster(folder) as cluster:
        started = cluster.start_again(node)
    again = next(one for one in started.nodes if one.name == node)
    typer.echo(f"{node}  {_where(again)}, log {cluster.log(again)}")
    typer.echo(_await_each_other(cluster, started, started.running_nodes))


def down(folder: Folder = HERE) -> None:
    """End the nodes that were started by up, and their database; what is stored stays."""
    with _cluster(folder) as cluster:
        forced = cluster.down()
    if forced:
        raise Failure(f"the cluster is down, but these nodes did not end by themselves: {', '.join(forced)}")
    typer.echo("The cluster is down.")


def status(
    folder: Folder = HERE,
    watch: Annotated[bool, typer.Option("--watch", help="Show it again every second, until Ctrl-C.")] = False,
) -> int:
    """Print which nodes run, where, and what runs there; the exit code is 1 if one does not."""
    while True:
        with _cluster(folder) as cluster:
            started = _read(cluster)
            lines = list(_states(cluster, started))
        answers, one = together.statuses(started.running_nodes, _asking(cluster, started))
        said = "\n".join([*(line for _, line in lines), *(answers or ["no node runs"])])
        if not watch:
            typer.echo(said)
            return 0 if one and all(fine for fine, _ in lines) else 1
        typer.echo(f"\x1b[H\x1b[2J{said}" if sys.stdout.isatty() else f"{said}\n")
        time.sleep(1)


def move(
    user: Annotated[str, typer.Argument(metavar="USER", help="The name of the user.")],
    node: Annotated[str, typer.Argument(metavar="NODE", help="Where it is to run.")],
    folder: Folder = HERE,
) -> None:
    """Move a user, with all of its networks and clients connected, to another node."""
    _say(folder, ["move", user, node])


def drain(
    node: Annotated[str, typer.Argument(metavar="NODE", help="The node to be emptied.")],
    folder: Folder = HERE,
) -> None:
    """Let all users leave a node, and none come until undrain."""
    _say(folder, ["drain", node])


def undrain(
    node: Annotated[str, typer.Argument(metavar="NODE", help="The node that was drained.")],
    folder: Folder = HERE,
) -> None:
    """Let users come to a node again."""
    _say(folder, ["undrain", node])


def _say(folder: Path, words: list[str]) -> None:
    with _cluster(folder) as cluster:
        started = _read(cluster)
    for line in _answers(cluster, started, words):
        typer.echo(line)


def _read(cluster: "LocalCluster") -> "Started":
    started = cluster.read()
    if started is None:
        raise Failure(cluster.nothing)
    return started


def _answers(cluster: "LocalCluster", started: "Started", words: list[str]) -> list[str]:
    """Give a command about the cluster to a node that runs; return the answer.

    Raises:
        Failure: none runs, or the command failed.
    """
    for node in started.nodes:
        with suppress(NotRunningError):
            return list(command(load_config(cluster.configuration(node)), ["cluster", *words], PATIENCE))
    raise Failure("no node runs: cluster start NODE starts one")


def _asking(cluster: "LocalCluster", started: "Started") -> together.Ask:
    """How the nodes are asked for their status."""
    files = {node.name: cluster.configuration(node) for node in started.nodes}
    return lambda name: list(command(load_config(files[name]), ["cluster", "status"]))


def _await_each_other(cluster: "LocalCluster", started: "Started", nodes: Sequence[str]) -> str:
    """Wait until nodes know each other; return a sentence that says so.

    Raises:
        Failure: that takes too long.
    """
    together.await_each_other(nodes, _asking(cluster, started))
    return "One node runs." if len(nodes) == 1 else f"{len(nodes)} nodes run, and know each other."


def _states(cluster: "LocalCluster", started: "Started") -> Iterator[tuple[bool, str]]:
    """Whether all is well with the database and with each node, and a line about it."""
    from soju_actors.adapters.local import postgres, processes  # noqa: PLC0415 - other commands do without

    fine = postgres.answers(started.database)
    own = f", of its own, in {cluster.folder / 'postgres'}" if started.server else ""
    yield fine, f"database  {'answers' if fine else 'does not answer'}{own}"
    for node in started.nodes:
        process = started.processes.get(node.name)
        if process is None:
            yield False, f"{node.name}  was not started"
        elif processes.is_running(process):
            yield True, f"{node.name}  runs, process {process.pid}, {_where(node)}"
        else:
            log = cluster.log(node)
            yield False, f"{node.name}  has ended; its last words, in {log}: {postgres.last_line(log)}"


def _where(node: "Node") -> str:
    return f"clients at 127.0.0.1:{node.port}, nodes at 127.0.0.1:{node.link}"


def _account(config: Config) -> str:
    """Make an account where there is none; return its password, or nothing."""
    with opened(config) as database:
        if load_users(database):
            return ""
        password = secrets.token_urlsafe(12)
        user = User(UserId(0), "admin", admin=True, created_at=time.time())
        database.change(SaveUser(with_password(user, password, database, config)))
    return password


@contextmanager
def _cluster(folder: Path, *, make: bool = False) -> "Iterator[LocalCluster]":
    """The cluster in a folder, which nobody else starts or ends meanwhile.

    Raises:
        Failure: what is done within failed.
    """
    from soju_actors.adapters.local.cluster import LocalCluster, LocalError  # noqa: PLC0415 - other commands do without

    cluster = LocalCluster(folder.absolute())
    try:
        with cluster.alone(make=make):
            yield cluster
    except LocalError as error:
        raise Failure(str(error)) from None
