"""``placement``: strategies that decide where actors run. Only ``record`` needs a running bouncer."""

from pathlib import Path
from typing import Annotated

import typer

from soju_actors.cli import control
from soju_actors.cli.failure import Failure
from soju_actors.cli.options import ConfigFile, examples, load

app = typer.Typer(
    name="placement",
    help="Try the strategies that decide where actors run.",
    epilog=examples("placement list", "placement check mine.py:quiet", "placement explain --view view.json user/alice"),
    rich_markup_mode=None,
)
Strategy = Annotated[
    str, typer.Argument(metavar="STRATEGY", help="Its name, or where it is: module:function, file.py:function.")
]
Chosen = Annotated[str, typer.Option("--strategy", metavar="STRATEGY", help="As for check.")]
SavedView = Annotated[Path, typer.Option("--view", metavar="FILE", help="A saved view of a cluster, in JSON.")]
Seed = Annotated[int, typer.Option("--seed", metavar="NUMBER", help="Another chance.")]


@app.command("list", epilog=examples("placement list"))
def list_strategies() -> None:
    """Print the strategies: the built-in ones, and those of installed packages."""
    from soju_actors.cli import placing  # noqa: PLC0415 - the other commands do without

    for line in placing.listing():
        typer.echo(line)


@app.command(epilog=examples("placement check power-of-two", "placement check mine.py:quiet"))
def check(strategy: Strategy) -> int:
    """Try a strategy on many clusters, and tell which rules it breaks, and what shows it."""
    from soju_actors.cli import placing  # noqa: PLC0415 - as above

    report = placing.checked(strategy)
    for line in placing.report_lines(report):
        typer.echo(line)
    return 1 if report.failures else 0


@app.command(epilog=examples("placement explain --view view.json --strategy least-loaded user/alice"))
def explain(
    ref: Annotated[str, typer.Argument(metavar="REF", help="The path of an actor, or the name of its group.")],
    view: SavedView,
    strategy: Chosen = "rendezvous",
    seed: Seed = 0,
) -> None:
    """Print where a strategy would have an actor run, and why: what each filter says, and the scores."""
    from soju_actors.cli import placing  # noqa: PLC0415 - as above

    typer.echo(placing.explained(ref, view, strategy, seed))


@app.command(epilog=examples("placement record edges.csv --seconds 10 --config data/cluster/n1/node.toml"))
def record(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to: .csv or .parquet.")],
    seconds: Annotated[int, typer.Option(min=1, max=120, help="How long.")] = 10,
    config: ConfigFile = None,
) -> None:
    """Write who talks to whom on all nodes of the running cluster into a file on the machine of this node.

    A row for each pair of actors: messages and bytes, and how many of them went to another node. Beside it another
    file, with ``-actors`` in its name, has a row for each actor: what it handled, how long that took, and how many
    messages waited for it.
    """
    words = ["cluster", "record", str(file.absolute()), str(seconds)]
    for line in control.command(load(context, config), words, seconds + control.PATIENCE):
        typer.echo(line)


@app.command(epilog=examples("placement plan --view view.json --strategy exchange"))
def plan(view: SavedView, strategy: Chosen = "rendezvous", seed: Seed = 0) -> None:
    """Print what would be moved now: what may not stay where it is, and what a strategy proposes."""
    from soju_actors.cli import placing  # noqa: PLC0415 - as above

    typer.echo(placing.planned(view, strategy, seed))


@app.command(
    epilog=examples(
        "placement sample > view.json",
        "placement compare --view view.json",
        "placement compare --view view.json rendezvous exchange mine.py:quiet",
    )
)
def compare(
    view: SavedView,
    strategies: Annotated[
        list[str] | None, typer.Argument(metavar="[STRATEGY]...", help="As for check; without one all built-in ones.")
    ] = None,
    seeds: Annotated[int, typer.Option("--seeds", metavar="NUMBER", min=1, help="Do it with so many chances.")] = 5,
) -> None:
    """Print what strategies would make of a saved cluster: where messages cross, and how even the load is.

    All that can move is placed anew, in an order by chance, and then the strategy's plans are followed until there
    are none. The table has the share of the messages that cross from node to node, the load of the busiest node as a
    multiple of the mean, and how many groups were moved after they had been placed: medians over the chances, with
    the least and the most.
    """
    from soju_actors.cli import placing  # noqa: PLC0415 - as above

    for line in placing.compared(strategies or (), view, seeds):
        typer.echo(line)


@app.command(epilog=examples("placement sample > view.json", "placement sample --nodes 8 --users 500 > view.json"))
def sample(
    nodes: Annotated[int, typer.Option("--nodes", metavar="NUMBER", min=1, help="So many nodes.")] = 3,
    users: Annotated[int, typer.Option("--users", metavar="NUMBER", min=0, help="So many users.")] = 100,
    seed: Seed = 0,
) -> None:
    """Print the view of a cluster that there is not, in JSON, to try strategies on."""
    from soju_actors.cli import placing  # noqa: PLC0415 - as above

    typer.echo(placing.sample_view(nodes, users, seed), nl=False)


@app.command(
    epilog=examples(
        "placement experiment",
        "placement experiment --strategies random,near-client,exchange --seeds 5 --seconds 20",
        "placement experiment --quick --out /tmp/quick",
    )
)
def experiment(
    *,
    strategies: Annotated[
        str | None,
        typer.Option(
            "--strategies",
            metavar="NAMES",
            help="Those to compare, with commas between; without it all built-in ones but external.",
            show_default=False,
        ),
    ] = None,
    seeds: Annotated[int, typer.Option("--seeds", metavar="NUMBER", min=1, max=100, help="So many loads.")] = 3,
    seconds: Annotated[int, typer.Option("--seconds", min=1, max=120, help="How long each run is measured.")] = 5,
    users: Annotated[int, typer.Option("--users", metavar="NUMBER", min=1, max=200, help="So many users.")] = 24,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the results go.")] = Path("data/experiment"),
    database: Annotated[
        str | None,
        typer.Option(
            "--database",
            metavar="URL",
            help="postgresql://… in which databases may be made, in place of a server of its own.",
            show_default=False,
        ),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="One strategy, one seed, two seconds, four users: to see that it works.")
    ] = False,
) -> int:
    """Play the same load on three real nodes under each strategy, and print what that comes to.

    The nodes are processes on this machine, with connections by TLS between them, PostgreSQL, and IRC servers and
    clients of the experiment's own; all are ended afterwards. A seed makes a load; each strategy is given the same.
    The table has, for each strategy, the median over the seeds, and the least and the most: the share of the messages
    between actors that go from node to node; the messages of the busiest node, as a multiple of the mean; the time from
    a server's line to a client's; and how often users changed their node. The folder has the loads, what each run came
    to (runs.csv), the table (strategies.csv), and who talked to whom (edges-….csv).
    """
    from rich.console import Console  # noqa: PLC0415 - as above

    from soju_actors.cli.experiment import series  # noqa: PLC0415 - as above

    chosen = series.chosen(strategies)
    wanted = series.Series(chosen, seeds, seconds, users)
    if quick:
        wanted = series.Series(chosen[:1], seeds=1, seconds=2, users=4)
    runs = []
    for run in series.run_all(wanted, out, database):
        typer.echo(series.run_line(run))
        runs.append(run)
    series.write_summary(runs, out / "strategies.csv")
    Console().print(series.table_of(runs))
    typer.echo(f"It is all in {out}.")
    if any(run.missing for run in runs):
        raise Failure("clients were not shown all lines")
    return 0
