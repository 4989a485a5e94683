"""What ``server status`` and ``user status`` count is that of all nodes, whichever is asked."""

from typing import Any

import pytest

from actors import Ref
from soju_actors import __version__
from soju_actors.model.records import User, UserId
from tests.support.bouncers import Bouncers, cluster_of_bouncers
from tests.support.world import CONTROL, InlineClient, Setting, World

BOB = User(UserId(0), "bob", "plain:secret")
UP = f"soju-actors {__version__}, this node up for "
SILENT = "Node c does not answer: what its users have is not counted"


class Scene:
    """Three nodes; alice is on c, with clients on b and c, and bob on b."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world: World = cluster_of_bouncers("abc", monkeypatch, Setting(caps="", users=(BOB,)))
        self.nodes: Bouncers = self.world.system
        for name, node in (("alice", "c"), ("bob", "b")):
            self.move(name, node)
        for where in ("alice/libera@b b", "alice/libera@c c", "bob b"):
            login, node = where.split()
            assert not self.world.attach(login, node=node).peer.closed
        self.world.advance(1)

    def move(self, name: str, node: str) -> None:
        """Move a user, if it is not there."""
        path = f"user/{name}"
        if self.nodes.node_of(Ref[Any](path)) != node:
            self.nodes.to(path, node)
            self.world.advance(1)
        assert self.nodes.node_of(Ref[Any](path)) == node

    def begin(self, node: str, command: str) -> InlineClient:
        """Give a command at a node."""
        control = InlineClient(self.nodes.connect(CONTROL, node=node), self.world)
        self.world.clients.append(control)
        control.send(f"BOUNCERSERV :{command}")
        return control

    def ask(self, node: str, command: str) -> list[str]:
        """Return the answer of a node."""
        control = self.begin(node, command)
        self.world.advance(0.1)
        return answer(control)


def answer(control: InlineClient) -> list[str]:
    """Return what was answered, line by line."""
    return [line.removeprefix("PRIVMSG * :").removeprefix("BOUNCERSERV ") for line in control.received()]


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    return Scene(monkeypatch)


@pytest.mark.parametrize("node", ["a", "b", "c"])
def test_all_nodes_count_the_same(scene: Scene, node: str) -> None:
    up, *lines, ok = scene.ask(node, "server status")
    assert up.startswith(UP)
    assert lines == ["3 nodes: a, b, c", "2 users, 3 clients", "1 of 1 network connected, 1 saved channel"]
    assert ok == "OK"
    assert scene.ask(node, "user status")[:2] == [
        "alice  admin, 1 of 1 network connected, 2 clients",
        "bob    0 of 0 networks connected, 1 client",
    ]
    assert scene.ask(node, "server notice hello")[0] == "Sent to 3 clients"


def test_a_user_that_has_moved_is_counted_once(scene: Scene) -> None:
    scene.move("alice", "a")
    for node in "abc":
        assert "2 users, 3 clients" in scene.ask(node, "server status")


def test_a_node_that_does_not_answer_is_named_after_three_seconds(scene: Scene) -> None:
    scene.nodes.nodes["c"]._kernel.route = lambda *_: None  # type: ignore[method-assign]
    status, of_bob = scene.begin("a", "server status"), scene.begin("a", "user status bob")
    scene.world.advance(2.9)
    assert answer(status) == answer(of_bob) == []
    scene.world.advance(0.2)
    lines = answer(status)
    assert lines[2:] == ["2 users, 1 client", "0 of 0 networks connected, 0 saved channels", SILENT, "OK"]
    assert answer(of_bob)[-2:] == [SILENT, "OK"]
