"""What is said on a node between users and connections, from what was measured."""

import pytest

from actors.measure import EdgeRow
from soju_actors.messages.cluster import Talk
from soju_actors.nodes.talking import talk_of, user_of


def edge(sender: str, receiver: str, messages: int, remote: int = 0) -> EdgeRow:
    return EdgeRow(sender, receiver, messages, remote, 0, 0)


@pytest.mark.parametrize(
    ("path", "user"),
    [("user/u", "user/u"), ("user/u/upstream-3", "user/u"), ("user/u/b/c", "user/u"), ("store@a", ""), ("", "")],
)
def test_actors_belong_to_users(path: str, user: str) -> None:
    assert user_of(path) == user


def test_what_is_said_to_and_by_clients_is_summed_up_by_user_and_node() -> None:
    edges = (
        edge("user/u", "listener@b/1", 20, 20),
        edge("user/u/buffer-1-1", "listener@b/2", 10, 10),
        edge("listener@a/1", "user/u/buffer-1-1", 4),
        edge("listener@a/1", "user/v", 2),
        edge("listener@a/1", "listener@a", 50),
    )
    assert talk_of(edges, "a", 2.0) == [
        Talk("user/u", "b", 15.0),
        Talk("user/u", "a", 2.0),
        Talk("user/v", "a", 1.0),
    ]


def test_what_servers_say_counts_where_their_user_is_elsewhere() -> None:
    edges = (
        edge("user/u/upstream-1", "user/u", 20, 20),
        edge("user/v/upstream-1", "user/v", 20),
        edge("user/u/buffer-1-1", "store", 20),
    )
    assert talk_of(edges, "a", 10.0) == [Talk("user/u", "a", 2.0, servers=True)]
