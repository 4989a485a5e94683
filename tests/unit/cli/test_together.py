"""Whether the nodes of a cluster know each other, by what each says."""

import pytest

from soju_actors.cli.control import NotRunningError
from soju_actors.cli.failure import Failure
from soju_actors.cli.together import APART, Ask, await_each_other, statuses, strangers

WHY = "the name is in use: there is a node c"


def asking(**known: list[str]) -> Ask:
    """Nodes that have lines for those that they know."""

    def ask(node: str) -> list[str]:
        if node not in known:
            raise NotRunningError("no bouncer runs here")
        return [f"node {name}: zone default; 0 users" if ", " not in name else name for name in known[node]]

    return ask


def test_one_status_is_enough_where_all_know_each_other() -> None:
    said, one = statuses("ab", asking(a=["a", "b"], b=["a", "b"]))
    assert said == ["node a: zone default; 0 users", "node b: zone default; 0 users"]
    assert one


def test_nodes_that_the_others_do_not_know_are_asked_themselves() -> None:
    own = f"node c: zone default, takes no users, since it is not let in: {WHY}; 0 users"
    said, one = statuses("abcd", asking(a=["a", "b"], c=[own]))
    assert said == [
        "node a: zone default; 0 users",
        "node b: zone default; 0 users",
        APART,
        own,
        APART,
        "node d: it cannot be asked: no bouncer runs here",
    ]
    assert not one
    assert list(strangers("abcd", asking(a=["a", "b"], b=["b", "a"], c=[own]))) == [
        "a does not know c, d",
        "b does not know c, d",
        f"c does not know a, b, d ({WHY})",
        "d cannot be asked: no bouncer runs here",
    ]


def test_nodes_are_waited_for_until_they_know_each_other() -> None:
    answers = [["a"], ["a", "b"]]
    ask = asking(b=["a", "b"])
    await_each_other("ab", lambda node: asking(a=answers.pop(0))(node) if node == "a" else ask(node), pause=0.0)
    assert answers == []


def test_nodes_are_not_waited_for_for_ever() -> None:
    with pytest.raises(Failure, match=r"^after 0 s the nodes do not know each other: b does not know a$"):
        await_each_other("ab", asking(a=["a", "b"], b=["b"]), patience=0.0)
