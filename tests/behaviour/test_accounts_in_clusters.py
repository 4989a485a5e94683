"""An account that is changed on one node of a cluster: its clients on all nodes, and its actor on whichever, obey."""

from typing import Any

import pytest
from msgspec.structs import replace

from actors import Ref
from soju_actors.messages.logins import AddAppPassword, RevokeAppPassword
from soju_actors.model.records import User
from soju_actors.policy.downstream import DownstreamSettings
from soju_actors.ports.database import LoadUsers, SaveUser, UsersLoaded
from soju_actors.ports.passwords import CheckPassword, PasswordChecked
from soju_actors.registry import noting
from tests.support.bouncers import Bouncers, cluster_of_bouncers
from tests.support.world import CONTROL, HOSTNAME, InlineClient, PlainHasher, Setting, World, login_lines

USER: Ref[Any] = Ref("user/alice")
NEW = "user update alice -password new"
CLOSED = "ERROR :The password was changed"


class Upgrading(PlainHasher):
    """Knows a better hash."""

    def perform(self, job: object) -> Any:  # noqa: ANN401 - any answer
        """Check a password whose hash is plain, or better."""
        match job:
            case CheckPassword(password, password_hash, request):
                fits = password_hash in (f"plain:{password}", f"better:{password}")
                better = password_hash.startswith("plain:")
                return PasswordChecked(fits, f"better:{password}" if fits and better else "", request)
        return super().perform(job)


class Scene:
    """Three nodes; alice is moved to c."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **more: Any) -> None:  # noqa: ANN401
        settings = DownstreamSettings(HOSTNAME, resume_time=30.0)
        self.world: World = cluster_of_bouncers("abc", monkeypatch, Setting(caps="", settings=settings), **more)
        self.nodes: Bouncers = self.world.system
        if self.nodes.node_of(USER) != "c":
            self.nodes.to(USER.path, "c")
            self.world.advance(1)
        assert self.nodes.node_of(USER) == "c"

    def attach(self, node: str, password: str = "secret") -> InlineClient:  # noqa: S107
        """Log in at a node."""
        client = self.world.connect(node=node)
        client.send(*[line.replace("secret", password) for line in login_lines(f"alice/libera@{node}")])
        self.world.advance(1)
        return client

    def admin(self, node: str, command: str) -> list[str]:
        """Give a command at a node."""
        control = self.ask(node, command)
        self.world.advance(1)
        return [line.removeprefix("BOUNCERSERV ") for line in control.received()]

    def ask(self, node: str, command: str) -> InlineClient:
        """Give a command at a node, and do not wait for its answer."""
        control = InlineClient(self.nodes.connect(CONTROL, node=node), self.world)
        self.world.clients.append(control)
        control.peer.send(f"BOUNCERSERV :{command}\r\n".encode())
        return control

    def stored(self) -> User:
        """Return the account as it is stored."""
        loaded = self.world.database.reader().perform(LoadUsers())
        assert isinstance(loaded, UsersLoaded)
        return loaded.users[0]


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    return Scene(monkeypatch)


def last(client: InlineClient) -> str:
    """Return the last line that a client was told before it was closed."""
    assert client.peer.closed
    return client.received()[-1]


def test_another_password_closes_the_clients_on_all_nodes(scene: Scene) -> None:
    clients = [scene.attach(node) for node in "abc"]
    scene.admin("a", NEW)
    assert [last(client) for client in clients] == [CLOSED] * 3
    assert not scene.attach("b", "new").peer.closed
    assert "Invalid username" in "".join(scene.attach("b").received())


def test_wrong_passwords_count_on_all_nodes(scene: Scene) -> None:
    """Who tries at one node after the other has no more tries than at one."""
    for number in range(10):
        assert "Invalid username" in "".join(scene.attach("abc"[number % 3], "wrong").received())
    for node in "abc":
        assert "Too many failed logins from your address" in "".join(scene.attach(node).received())
    scene.world.advance(60)
    assert not scene.attach("b").peer.closed


def test_a_client_let_in_with_the_old_password_before_its_node_heard_is_thrown_out(scene: Scene) -> None:
    scene.nodes.cluster.cut("a", "b")
    scene.admin("a", NEW)
    late = scene.attach("b")
    assert last(late) == "ERROR :What you may log in with has changed, connect again"
    scene.nodes.meet("a", "b")
    scene.world.advance(1)
    assert not scene.attach("b", "new").peer.closed


def test_only_older_logins_are_closed_when_the_users_node_hears_late(scene: Scene) -> None:
    scene.nodes.cluster.cut("a", "c")
    old = scene.attach("b")
    scene.admin("a", NEW)
    new = scene.attach("b", "new")
    assert not old.peer.closed
    scene.nodes.meet("a", "c")
    scene.world.advance(1)
    assert last(old) == CLOSED
    assert not new.peer.closed


def test_a_better_hash_on_one_node_is_no_other_password(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(monkeypatch, services={"hasher": Upgrading()})
    registry, there = Ref[Any]("registry"), scene.nodes.nodes["a"]
    for name in ("phone", "tablet"):
        there.tell(registry, AddAppPassword("alice", name, 1))
    scene.world.advance(1)
    phone = scene.attach("b", "made-up-1")
    there.tell(registry, RevokeAppPassword("alice", "tablet", 2))
    scene.world.advance(1)
    clients = [phone, *[scene.attach(node) for node in "abc"]]
    assert (scene.stored().password_hash, scene.stored().generation) == ("better:secret", 1)
    scene.admin("b", "user update alice -nick ally")
    assert scene.stored().nick == "ally"
    assert not any(client.peer.closed for client in clients)


def test_a_password_for_a_client_that_is_deleted_on_one_node_closes_its_clients_on_others(scene: Scene) -> None:
    scene.nodes.nodes["a"].tell(Ref("registry"), AddAppPassword("alice", "phone", 1))
    scene.world.advance(1)
    own, phone = scene.attach("b"), scene.attach("b", "made-up-1")
    assert not phone.peer.closed
    scene.nodes.nodes["a"].tell(Ref("registry"), RevokeAppPassword("alice", "phone", 1))
    scene.world.advance(1)
    assert last(phone) == "ERROR :The password that you logged in with was deleted"
    assert not own.peer.closed


def test_two_nodes_change_an_account_at_once_and_neither_undoes_the_other(scene: Scene) -> None:
    for node, other in ("ab", "bc", "ca"):
        scene.nodes.cluster.cut(node, other)
    scene.admin("a", "user update alice -nick ally")
    scene.admin("b", "user update alice -realname Alice")
    assert (scene.stored().nick, scene.stored().realname) == ("ally", "Alice")
    refused = scene.admin("c", "user update alice -nick alix")
    assert "somebody else has changed this user meanwhile" in refused[0]
    scene.admin("c", "user update alice -nick alix")
    assert (scene.stored().nick, scene.stored().realname) == ("alix", "Alice"), "it was told to look, and has"


def test_what_was_changed_while_nodes_had_lost_each_other_is_seen_when_they_meet(scene: Scene) -> None:
    client = scene.attach("c")
    scene.nodes.cluster.cut("a", "c")
    scene.world.advance(5)
    scene.admin("a", NEW)
    assert not client.peer.closed
    scene.nodes.meet("a", "c")
    scene.world.advance(1)
    assert last(client) == CLOSED


def test_a_user_who_is_deleted_on_another_node_is_gone_from_all(scene: Scene) -> None:
    clients = [scene.attach(node) for node in "abc"]
    assert scene.world.server.connected
    token = scene.admin("a", "user delete alice")[-2].rpartition(" ")[2]
    scene.admin("a", f"user delete alice {token}")
    assert [last(client) for client in clients] == ["ERROR :This account was deleted"] * 3
    scene.world.advance(5)
    assert scene.nodes.node_of(USER) == ""
    assert not scene.world.server.connected
    assert "Invalid username" in "".join(scene.attach("b").received())


def test_a_user_who_is_disabled_on_another_node_is_closed_everywhere(scene: Scene) -> None:
    clients = [scene.attach(node) for node in "abc"]
    scene.admin("b", "user update alice -enabled false")
    assert [last(client) for client in clients] == ["ERROR :This account is disabled"] * 3
    assert not scene.world.server.connected
    assert "disabled" in last(scene.attach("a"))
    scene.admin("a", "user update alice -enabled true")
    scene.world.advance(60)
    assert scene.world.server.connected
    assert not scene.attach("b").peer.closed


@pytest.mark.parametrize("after", [0.0, 0.0004, 0.0008, 0.0012, 0.002, 0.003, 0.005, 0.01])
@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (NEW, CLOSED),
        ("user update alice -enabled false", "ERROR :This account is disabled"),
        ("user delete alice TOKEN", "ERROR :This account was deleted"),
    ],
    ids=["password", "disabled", "deleted"],
)
def test_a_user_who_is_changed_while_moving_obeys_on_the_other_node(
    scene: Scene, command: str, reason: str, after: float
) -> None:
    clients = [scene.attach(node) for node in "abc"]
    token = scene.admin("a", "user delete alice")[-2].rpartition(" ")[2]
    scene.nodes.to(USER.path, "b")
    scene.nodes.advance(after)
    scene.ask("a", command.replace("TOKEN", token))
    scene.world.advance(5)
    assert [last(client) for client in clients] == [reason] * 3
    assert (scene.nodes.node_of(USER) == "") == ("delete" in command)


def test_what_another_process_has_changed_is_told_to_all_nodes_by_the_one_that_is_told(scene: Scene) -> None:
    clients = [scene.attach(node) for node in "abc"]
    changed = replace(scene.stored(), password_hash="plain:new")
    scene.world.database.change(SaveUser(changed))
    assert scene.admin("a", "server refresh")[-1] == "OK"
    assert [last(client) for client in clients] == [CLOSED] * 3
    assert not scene.attach("b", "new").peer.closed


def test_what_was_used_on_one_node_is_known_on_the_others(scene: Scene) -> None:
    scene.nodes.nodes["a"].tell(Ref("registry"), AddAppPassword("alice", "phone", 1))
    scene.world.advance(1)
    assert not scene.attach("b", "made-up-1").peer.closed
    scene.world.advance(noting.SOON)
    for node in "abc":
        state = scene.nodes.nodes[node].actor(Ref[Any]("registry")).state
        (phone,) = state.credentials.passwords
        assert phone.last_used > 0
        assert state.users["alice"].user.interacted_at > 0


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("server status", ""),
        (NEW, "ERROR :What you may log in with has changed, connect again"),
        ("user update alice -enabled false", "ERROR :This account is disabled"),
        ("user delete alice TOKEN", "ERROR :Internal error, connect again"),
    ],
    ids=["unchanged", "password", "disabled", "deleted"],
)
def test_clients_that_wait_for_a_user_whose_node_is_lost_obey_what_is_changed_meanwhile(
    scene: Scene, command: str, reason: str
) -> None:
    clients = [scene.attach(node) for node in "ab"]
    token = scene.admin("a", "user delete alice")[-2].rpartition(" ")[2]
    scene.nodes.kill("c")
    scene.admin("a", command.replace("TOKEN", token))
    scene.world.advance(40)
    assert [client.peer.closed for client in clients] == [bool(reason)] * 2
    if reason:
        assert [last(client) for client in clients] == [reason] * 2
    assert (scene.nodes.node_of(USER) == "") == ("delete" in command)
