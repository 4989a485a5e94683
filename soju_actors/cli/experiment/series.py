"""All runs of the experiment, one after the other, and what they come to."""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import msgspec
from rich.table import Table

from actors.placement import BUILT_IN
from soju_actors.cli.experiment.figures import MEASURED, Figures, Spread, summarize
from soju_actors.cli.experiment.laboratory import WARM_UP, laboratory
from soju_actors.cli.experiment.load import generate
from soju_actors.cli.failure import Failure
from soju_actors.cli.placing import load_strategy

LEFT_OUT = "external"
"""It has nobody to ask here, and does as ``rendezvous`` does then."""
DEFAULT = tuple(name for name in BUILT_IN if name != LEFT_OUT)


def chosen(names: str | None) -> Sequence[str]:
    """The strategies of names with commas between, or all that are compared where nobody says which.

    Raises:
        Failure: there is no such strategy.
    """
    if names is None:
        return DEFAULT
    wanted = [name for name in map(str.strip, names.split(",")) if name]
    for name in wanted:
        load_strategy(name)
    if not wanted:
        raise Failure("--strategies names none; placement list has them")
    return [_from_anywhere(name) for name in wanted]


def _from_anywhere(name: str) -> str:
    """The name of a strategy as nodes find it, which run in other folders."""
    module, _, function = name.rpartition(":")
    return f"{Path(module).absolute()}:{function}" if module.endswith(".py") else name


@dataclass(frozen=True, slots=True)
class Series:
    """What is to be done."""

    strategies: Sequence[str]
    seeds: int
    seconds: int
    users: int


def run_all(series: Series, out: Path, url: str | None) -> Iterator[Figures]:
    """Make each run; what it has come to is in the folder as soon as it is told here.

    Raises:
        Failure: a run did not go as it should, or the folder cannot be written.
    """
    out = out.absolute()
    try:
        out.mkdir(parents=True, exist_ok=True)
        with (out / "runs.csv").open("w", newline="", encoding="utf-8") as file, laboratory(url) as place:
            writer = csv.writer(file)
            writer.writerow(field.name for field in fields(Figures))
            for seed in range(series.seeds):
                load = generate(seed, series.users, WARM_UP + series.seconds)
                (out / f"load-{seed}.json").write_bytes(msgspec.json.format(msgspec.json.encode(load), indent=1))
                for strategy in series.strategies:
                    run = place.run(strategy, load, out / edges_file(strategy, seed))
                    writer.writerow(asdict(run).values())
                    file.flush()
                    yield run
    except OSError as error:
        raise Failure(f"{error.filename or out}: {error.strerror}") from None


def edges_file(strategy: str, seed: int) -> str:
    """The name of the file that says who talked to whom in a run; a strategy may be named by a path."""
    return f"edges-{re.sub(r'[^A-Za-z0-9-]+', '_', strategy)}-{seed}.csv"


def run_line(run: Figures) -> str:
    """One run, for who waits for all of them."""
    said = (
        f"{run.strategy}, seed {run.seed}: {run.remote:.1%} remote, busiest {run.busiest:.2f},"
        f" p50 {run.p50 * 1e3:.2f} ms, p99 {run.p99 * 1e3:.2f} ms, {run.moves} moves"
    )
    return f"{said}; {run.missing} lines are missing" if run.missing else said


def write_summary(runs: Iterable[Figures], file: Path) -> None:
    """A line for each strategy: of each figure the median, the least and the most."""
    with file.open("w", newline="", encoding="utf-8") as lines:
        writer = csv.writer(lines)
        spreads = [f"{name}_{which}" for name in MEASURED for which in ("median", "least", "most")]
        writer.writerow(["strategy", "seeds", *spreads, "missing"])
        for each in summarize(runs):
            values = [v for name in MEASURED for v in asdict(each.spreads[name]).values()]
            writer.writerow([each.strategy, each.seeds, *values, each.missing])


def table_of(runs: Iterable[Figures]) -> Table:
    """A row for each strategy: the medians, and from where to where the seeds lie."""
    table = Table(
        "strategy",
        "remote",
        "busiest",
        "p50 in ms",
        "p99 in ms",
        "moves",
        box=None,
        pad_edge=False,
        padding=(0, 2, 0, 0),
    )
    for column in table.columns:
        column.no_wrap = True
    for column in table.columns[1:]:
        column.justify = "right"
    for each in summarize(runs):
        spread = each.spreads
        table.add_row(
            each.strategy,
            _cell(spread["remote"], "{:.1%}".format),
            _cell(spread["busiest"], "{:.2f}".format),
            _cell(spread["p50"], _in_ms),
            _cell(spread["p99"], _in_ms),
            _cell(spread["moves"], "{:g}".format),
        )
    return table


def _in_ms(seconds: float) -> str:
    """Three figures of it, more or less."""
    value = seconds * 1e3
    return f"{value:.{2 if value < 10 else 1 if value < 100 else 0}f}"  # noqa: PLR2004 - the number of digits


def _cell(spread: Spread, form: Callable[[float], str]) -> str:
    median, least, most = (form(value) for value in (spread.median, spread.least, spread.most))
    return median if least == most else f"{median}\n{least} to {most}"
