"""``placement experiment``: its load, its figures and its table; the runs themselves are in tests/e2e."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from actors.measure.edges import Edges
from actors.measure.meter import EdgeRow
from actors.placement import BUILT_IN
from soju_actors.cli import main
from soju_actors.cli.experiment import figures, series
from soju_actors.cli.experiment.figures import Figures, Spread, quantile, summarize
from soju_actors.cli.experiment.laboratory import read_edges
from soju_actors.cli.experiment.load import CHANNELS, LONGEST, NODES, SHORTEST, Line, Load, Member, generate
from soju_actors.cli.experiment.playing import Heard

RUN = Figures("pack", 0, remote=0.25, busiest=1.5, p50=0.001, p99=0.004, moves=2, delivered=100, missing=0)


def edge(sender: str, receiver: str, messages: int, remote: int = 0) -> EdgeRow:
    return EdgeRow(sender, receiver, messages, remote, 10 * messages, 0, 10 * remote)


# What the user on `a` has to say to a client on `b`, and to itself.
EDGES = {
    "a": [edge("user/u", "listener@b/1", 30, 30), edge("user/u/buffer-1", "user/u", 50)],
    "b": [edge("listener@b/1", "user/u/buffer-1", 20, 20), edge("", "listener@b/1", 100)],
    "c": [],
}


def test_a_seed_makes_the_same_load_each_time_and_another_seed_another_one() -> None:
    assert generate(3, 20, 5.0) == generate(3, 20, 5.0)
    assert generate(3, 20, 5.0) != generate(4, 20, 5.0)


def test_a_load_is_the_same_after_it_was_written() -> None:
    load = generate(0, 10, 2.0)
    assert msgspec.json.decode(msgspec.json.encode(load), type=Load) == load


@pytest.mark.parametrize("seed", range(5))
def test_lines_are_said_in_time_where_somebody_hears_them(seed: int) -> None:
    load = generate(seed, 12, 4.0)
    times = [line.at for line in load.lines]
    assert times == sorted(times)
    assert times[0] >= 0
    assert times[-1] <= load.seconds
    assert all(load.deliveries(line) > 0 for line in load.lines)
    assert all(SHORTEST <= line.size <= LONGEST for line in load.lines)


def test_popular_channels_have_most_of_the_talk() -> None:
    load = generate(0, 50, 20.0)
    said = [sum(line.channel == f"#c{number}" for line in load.lines) for number in range(CHANNELS)]
    assert said[0] > 2 * said[-1]


def test_users_are_at_all_nodes_and_in_all_networks_and_each_has_something() -> None:
    load = generate(1, 40, 1.0)
    assert {node for member in load.members for node in member.devices} == set(range(NODES))
    assert {server for member in load.members for server in member.channels} == set(load.servers)
    assert all(member.devices and all(member.channels.values()) for member in load.members)


def test_a_line_goes_to_each_device_of_each_member() -> None:
    members = (
        Member("a", {0: ("#c0",), 1: ("#c1",)}, (0, 0, 2)),
        Member("b", {0: ("#c0",)}, (1,)),
        Member("c", {1: ("#c0",)}, (1,)),
    )
    load = Load(0, 1.0, members, ())
    assert load.deliveries(Line(0.0, 0, "#c0", 12)) == 4
    assert load.deliveries(Line(0.0, 1, "#c1", 12)) == 3


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ((), 0.5, 0.0),
        ((7.0,), 0.99, 7.0),
        ((1.0, 2.0, 3.0, 4.0), 0.5, 2.0),
        (tuple(map(float, range(100))), 0.99, 98.0),
    ],
)
def test_quantiles(values: tuple[float, ...], share: float, expected: float) -> None:
    assert quantile(values, share) == expected


def test_the_remote_share_is_that_of_messages_between_actors() -> None:
    assert figures.remote_share(EDGES) == (30 + 20) / (30 + 50 + 20)
    assert figures.remote_share({"a": []}) == 0.0


def test_a_message_counts_where_it_is_handled() -> None:
    assert figures.handled_by(EDGES) == {"a": 50 + 20, "b": 30 + 100, "c": 0}
    assert figures.busiest(EDGES) == 130 / (200 / 3)
    assert figures.busiest({"a": [], "b": []}) == 1.0


def test_what_is_seen_nowhere_is_where_its_parent_is() -> None:
    edges = {"a": [edge("user/u", "listener@b/1", 1, 1)], "b": [edge("listener@b/1", "user/u/buffer-9", 5, 5)]}
    assert figures.handled_by(edges) == {"a": 5, "b": 1}


def test_edges_are_read_as_they_were_written(tmp_path: Path) -> None:
    with Edges(tmp_path / "edges.csv") as file:
        for node, rows in EDGES.items():
            file.write(0.0, node, rows)
    assert read_edges(tmp_path / "edges.csv") == {node: rows for node, rows in EDGES.items() if rows}


def test_lines_of_the_warm_up_are_delivered_and_not_measured() -> None:
    heard = Heard(begun=10.0, sent=[9.0, 10.5], expected=2)
    heard.note(0, 12.0)
    assert (heard.delays, heard.complete.is_set()) == ([], False)
    heard.note(1, 12.0)
    assert (heard.delays, heard.complete.is_set()) == ([1.5], True)


def test_runs_are_summed_up_by_strategy() -> None:
    runs = [RUN, replace(RUN, strategy="spread"), replace(RUN, seed=1, remote=0.75, moves=4, missing=3)]
    pack, spread = summarize([*runs, replace(RUN, seed=2, remote=0.5)])
    assert (pack.strategy, pack.seeds, pack.missing) == ("pack", 3, 3)
    assert pack.spreads["remote"] == Spread(0.5, 0.25, 0.75)
    assert pack.spreads["moves"] == Spread(2, 2, 4)
    assert (spread.strategy, spread.seeds, spread.spreads["remote"]) == ("spread", 1, Spread(0.25, 0.25, 0.25))


def test_the_table_has_medians_and_what_the_seeds_differ_by() -> None:
    console = Console(width=80, file=io.StringIO(), record=True)
    long = replace(RUN, strategy="round-robin")
    worst = replace(long, seed=1, remote=0.35, busiest=2.38, p50=0.07495, p99=2.0178, moves=21)
    console.print(series.table_of([RUN, replace(RUN, seed=1, p99=0.006, remote=0.3501), long, worst]))
    said = [line.split() for line in console.export_text().splitlines()]
    assert said[1:3] == [
        ["pack", "30.0%", "1.50", "1.00", "5.00", "2"],
        ["25.0%", "to", "35.0%", "4.00", "to", "6.00"],
    ]
    spreads = "25.0% to 35.0% 1.50 to 2.38 1.00 to 75.0 4.00 to 2018 2 to 21"
    assert said[3][0] == "round-robin", "nothing is cut off at 80 columns"
    assert said[4] == spreads.split()


def test_the_summary_file_has_a_line_for_each_strategy(tmp_path: Path) -> None:
    series.write_summary([RUN, replace(RUN, strategy="spread")], tmp_path / "strategies.csv")
    with (tmp_path / "strategies.csv").open() as file:
        pack, spread = csv.DictReader(file)
    assert (pack["strategy"], pack["remote_median"], pack["p99_most"]) == ("pack", "0.25", "0.004")
    assert spread["strategy"] == "spread"


def test_a_run_in_which_lines_are_missing_says_so() -> None:
    assert series.run_line(RUN) == "pack, seed 0: 25.0% remote, busiest 1.50, p50 1.00 ms, p99 4.00 ms, 2 moves"
    assert series.run_line(replace(RUN, missing=2)).endswith("2 moves; 2 lines are missing")


def test_all_built_in_strategies_but_one_are_compared() -> None:
    assert set(series.chosen(None)) == BUILT_IN.keys() - {"external"}
    assert series.chosen(" random, pack") == ["random", "pack"]


def test_a_strategy_in_a_file_is_found_by_nodes_in_other_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.py").write_text("def place(request, nodes, view, chance): ...\n")
    monkeypatch.chdir(tmp_path)
    assert series.chosen("mine.py:place") == [f"{tmp_path}/mine.py:place"]


def test_a_strategy_in_a_file_has_a_file_of_edges_in_the_folder() -> None:
    assert series.edges_file("/a/mine.py:STRATEGY", 2) == "edges-_a_mine_py_STRATEGY-2.csv"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--strategies", "best"), "there is no strategy best; there are local, random"),
        (("--strategies", ","), "--strategies names none; placement list has them"),
        (("--database", "postgresql:///nothing?host=/nowhere"), "no database can be made: "),
        (("--out", "/dev/null/x"), "/dev/null/x: Not a directory"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_line(
    words: tuple[str, ...],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["placement", "experiment", *words]) == 1
    assert capsys.readouterr().err.startswith(f"soju-actors: {said}")
