"""Which users a node says that it has."""

from types import SimpleNamespace
from typing import Any, cast

from actors.kernel import Kernel
from soju_actors.nodes.presence import Presence
from tests.support.nodes import ClusterOfNodes


class Looked(dict[str, Any]):
    """Counts how often all of it is looked at."""

    times = 0

    def __iter__(self) -> Any:  # noqa: ANN401 - of a dict
        self.times += 1
        return super().__iter__()


def test_users_come_and_go() -> None:
    cluster = ClusterOfNodes("ab")
    kernel = cluster.node("a").cluster.kernel
    presence = Presence("a", kernel)
    cluster.start_users("a", "alice", "bob")
    cluster.start_users("b", "carol")
    assert presence.users() == ["user/alice", "user/bob"]
    kernel.supervisor.stop(kernel.running["user/alice"], by_parent=True)
    assert presence.users() == ["user/bob"]
    cluster.start_users("a", "alice")
    assert presence.users() == ["user/bob", "user/alice"]


def test_all_actors_are_looked_at_only_if_some_have_come_or_gone() -> None:
    """It is asked for once a second, and there may be a hundred thousand actors."""
    running = Looked({"user/alice": None, "user/alice/upstream-1": None, "store": None})
    clock = SimpleNamespace(now=lambda: 1.0)
    kernel = SimpleNamespace(running=running, clock=clock, directory=SimpleNamespace(changes=7))
    presence = Presence("a", cast("Kernel", kernel))
    assert [presence.users() for _ in range(3)] == [["user/alice"]] * 3
    assert running.times == 1
    kernel.directory.changes += 1
    presence.users()
    assert running.times == 2
