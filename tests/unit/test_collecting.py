"""What `cluster status` says of each node."""

from msgspec.structs import replace

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
