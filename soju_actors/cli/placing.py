"""What the commands of ``placement`` do."""

import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random

import msgspec

from actors.placement import BUILT_IN, Limits, Request, Strategy, StrategyError, View, explain, make_plan
from actors.placement.check import RULES, Report, answers, check
from actors.placement.compare import Outcome, busiest, outcome, remote_share
from actors.placement.find import NoStrategyError, find_strategy, listed
from actors.placement.sample import sample
from actors.placement.text import explanation_text, plan_text, table
from soju_actors.bootstrap import ROOT
from soju_actors.cli.failure import Failure

OTHER_HASHES = "import sys; from soju_actors.cli.placing import print_answers; print_answers(sys.argv[1])"


def load_strategy(reference: str) -> Strategy:
    """The strategy that somebody has named; modules of the working folder count.

    Raises:
        Failure: there is none.
    """
    if "" not in sys.path:
        sys.path.insert(0, "")
    try:
        return find_strategy(reference)
    except NoStrategyError as error:
        raise Failure(str(error)) from None


@contextmanager
def _asking(reference: str) -> Iterator[None]:
    """Ask a strategy.

    Raises:
        Failure: it has answered what it must not, or has raised.
    """
    try:
        yield
    except StrategyError as error:
        raise Failure(f"{error}; `placement check {reference}` tells more") from None


def load_view(file: Path) -> View:
    """The view that is saved in a file.

    Raises:
        Failure: it cannot be read, or is none.
    """
    try:
        return msgspec.json.decode(file.read_bytes(), type=View)
    except OSError as error:
        raise Failure(f"{file}: {error.strerror}") from None
    except (msgspec.DecodeError, ValueError) as error:
        raise Failure(f"{file}: {error}") from None


def listing() -> Iterator[str]:
    """A line for each strategy."""
    strategies = list(listed())
    width = max(len(strategy.name) for strategy in strategies)
    for strategy in strategies:
        yield f"{strategy.name:{width}}  {strategy.about}" + (f" ({strategy.source})" if strategy.source else "")


def checked(reference: str) -> Report:
    """Check a strategy.

    Raises:
        Failure: there is none.
    """
    return check(load_strategy(reference), _answers_elsewhere(reference))


def report_lines(report: Report) -> Iterator[str]:
    """A line for each rule, and what shows that it is broken."""
    failures = {failure.rule: failure for failure in report.failures}
    for rule, meaning in RULES.items():
        failure = failures.get(rule)
        if failure is None:
            yield f"passed  {meaning}"
        else:
            yield f"failed  {meaning}"
            yield f"        {failure.what}"
            yield f"        shown by {msgspec.json.encode(failure.case).decode()}"
    for what, seconds in report.speeds.items():
        yield f"speed   {seconds * 1e6:,.0f} µs for {what}"


def _answers_elsewhere(reference: str) -> list[str]:
    """What a strategy answers in a process where texts have other hashes, and sets another order."""
    done = subprocess.run(
        [sys.executable, "-c", OTHER_HASHES, reference],
        env={**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise Failure(done.stderr.decode(errors="replace").strip().rpartition("\n")[2])
    return msgspec.json.decode(done.stdout, type=list[str])


def print_answers(reference: str) -> None:
    """Print what a strategy answers to each case of the check, as JSON."""
    sys.stdout.buffer.write(msgspec.json.encode(answers(load_strategy(reference))))


def explained(ref: str, file: Path, reference: str, seed: int) -> str:
    """Where a strategy would have something run that a saved view has, and why.

    Raises:
        Failure: there is no such view, no such strategy, or the view does not have it; or the strategy fails.
    """
    view = load_view(file)
    group = view.group.get(ref) or next((group for group in view.groups if group.spec.path == ref), None)
    if group is None:
        raise Failure(f"{file} has no {ref}")
    request = Request(group.spec, group.node)
    with _asking(reference):
        explanation = explain(load_strategy(reference), request, view, Random(seed))  # noqa: S311 - to be repeated
    return f"{explanation_text(explanation)}\n\nIt runs on {group.node}."


def planned(file: Path, reference: str, seed: int) -> str:
    """What would be moved in a saved cluster.

    Raises:
        Failure: there is no such view or no such strategy.
    """
    strategy = load_strategy(reference)
    return plan_text(make_plan(strategy, load_view(file), Limits(), Random(seed)))  # noqa: S311 - it is to be repeated


def sample_view(nodes: int, users: int, seed: int) -> bytes:
    """A view to try strategies on, as JSON."""
    view = sample(Random(seed), nodes, users)  # noqa: S311 - it is to be repeated
    return msgspec.json.format(msgspec.json.encode(view), indent=1) + b"\n"


def compared(references: Sequence[str], file: Path, seeds: int) -> Iterator[str]:
    """A table of what strategies would make of a saved view, all the built-in ones if none is named.

    Raises:
        Failure: there is no such view or no such strategy, or a strategy fails.
    """
    view = load_view(file)
    strategies = [load_strategy(reference) for reference in references or BUILT_IN]
    rows = [("", "crossing", "", "busiest", "", "moves", "", "homeless")]
    rows.append(("as it is", f"{remote_share(view):.1%}", "", f"{busiest(view):.2f}", "", "", "", ""))
    for reference, strategy in zip(references or BUILT_IN, strategies, strict=True):
        chances = (Random(seed) for seed in range(seeds))  # noqa: S311 - it is to be repeated
        with _asking(reference):
            rows.append(_row(strategy.name, [outcome(strategy, view, chance, Limits()) for chance in chances]))
    yield from table(rows)


def _row(name: str, outcomes: Sequence[Outcome]) -> tuple[str, str, str, str, str, str, str, str]:
    """The medians, each with the least and the most beside it."""
    crossing = [each.remote for each in outcomes]
    loads = [each.busiest for each in outcomes]
    moves = [each.moves for each in outcomes]
    return (
        name,
        f"{statistics.median(crossing):.1%}",
        f"{min(crossing):.1%} to {max(crossing):.1%}",
        f"{statistics.median(loads):.2f}",
        f"{min(loads):.2f} to {max(loads):.2f}",
        f"{statistics.median(moves):g}",
        f"{min(moves)} to {max(moves)}",
        f"{max(each.homeless for each in outcomes)}",
    )
