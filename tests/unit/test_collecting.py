"""What `cluster status` says of each node, and what `cluster record` writes of all."""

import csv
from functools import partial
from pathlib import Path

from msgspec.structs import replace

from actors.measure.instrument import WEIGHT
from soju_actors.messages.cluster import ActUntil, LoadSeen, NodeSeen, UsersThere
from soju_actors.nodes.collecting import status_lines
from tests.support.nodes import NODES, ClusterOfNodes

NODE = NodeSeen("a", "eu", "both", {}, load=LoadSeen(2, 20, 3, 0.034, 251.4))
THERE = UsersThere(1, "a", 20, ("alice", "bob"), 3, (1.0, 2.0), 2, 5.26)


def line(node: NodeSeen, there: UsersThere | None) -> str:
    (found,) = status_lines({"a": node}, {} if there is None else {"a": there})
    return found


def test_a_node_tells_what_runs_there_how_busy_it_is_and_what_it_holds() -> None:
    assert line(NODE, THERE) == (
        "node a: zone eu, role both; 2 users, 20 actors, 3 sockets; busy 3%, 251 messages/s; "
        "2 leases, session ends in 5.3 s"
    )


def test_a_node_tells_what_waits_what_it_says_to_others_and_its_memory() -> None:
    load = replace(NODE.load, bytes=12_340.0, waiting=7, memory=84_900_000) if NODE.load else None
    said = line(replace(NODE, load=load), THERE)
    assert "; busy 3%, 251 messages/s, 7 waiting, 12.3 kB/s with other nodes, memory 85 MB; 2 leases" in said


def test_a_node_without_a_session_says_so_and_an_edge_has_none() -> None:
    assert line(NODE, replace(THERE, leases=0, session=0.0)).endswith("; 0 leases, no session")
    edge = replace(NODE, role="edge", load=None)
    assert line(edge, THERE) == "node a: zone eu, role edge; 2 users, 20 actors, 3 sockets"


def test_a_node_that_is_silent_does_not_answer() -> None:
    assert line(replace(NODE, draining=True), None) == "node a: zone eu, role both, draining; it does not answer"


def test_the_status_has_the_leases_that_each_node_told_and_how_long_its_session_lasts() -> None:
    cluster = ClusterOfNodes("ab")
    cluster.start_users("a", "alice")
    now = cluster.inline.world.clock.time
    cluster.node("a").tell(NODES, ActUntil(now + 10.0, 1, now + 12.5))
    cluster.inline.advance(1.0)
    one, other = cluster.run("b", "status").lines
    assert one.startswith("node a: zone default, role both; 1 user, ")
    assert one.endswith("; 1 lease, session ends in 11.5 s")
    assert other.endswith("; 0 leases, no session")


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(newline="") as lines:
        return list(csv.DictReader(lines))


def test_what_actors_say_and_do_on_all_nodes_is_recorded(tmp_path: Path) -> None:
    """The pairs are on the node of who speaks, the actors on their own."""
    cluster = ClusterOfNodes("ab")
    cluster.start_users("a", "alice")
    for name in "ab":
        clock = cluster.inline.nodes[name].cluster.kernel.clock
        for turn in range(20 * WEIGHT):
            clock.later(1.0 + turn / 1000, partial(cluster.say, name, f"listener@{name}/1", "alice"))
    file = tmp_path / "edges.csv"
    (summary,) = cluster.run("b", "record", str(file), "3").lines
    pairs, actors = rows_of(file), rows_of(tmp_path / "edges-actors.csv")
    assert summary == (
        f"{len(pairs)} pairs of actors on 2 of 2 nodes are in {file}, {len(actors)} actors in edges-actors.csv"
    )
    found = {(row["node"], row["sender"], row["receiver"]): row for row in pairs}
    here = found["a", "listener@a/1", "user/alice"]
    there = found["b", "listener@b/1", "user/alice"]
    assert (here["messages"], here["remote"], here["remote_bytes"]) == (str(20 * WEIGHT), "0", "0")
    assert there["messages"] == there["remote"] == str(20 * WEIGHT)
    assert int(there["bytes"]) == int(there["remote_bytes"]) == int(here["bytes"]) > 20 * WEIGHT * 10
    (alice,) = (row for row in actors if row["actor"] == "user/alice")
    assert alice["node"] == "a"
    assert int(alice["messages"]) > 0
    assert float(alice["seconds"]) > 0
    assert int(alice["deepest"]) >= float(alice["waiting"]) >= 1
    assert 0 < float(alice["p50"]) <= float(alice["p99"])
