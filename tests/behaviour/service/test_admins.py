"""What goes to the registry, and what comes from it in a user's name (rows SVC-19 to SVC-26)."""

from soju_actors.messages.registry import AdminDone, ChangeUser, RemoveUser, ReportStatus, RunAs
from soju_actors.messages.user import ClientLeft, RunCommand
from soju_actors.ports.database import SaveNetwork
from tests.behaviour.service.scene import CLIENT, REGISTRY, Scene


def requests(scene: Scene) -> list[object]:
    return [msg for ref, msg in scene.turn.sent if ref == REGISTRY]


def done(scene: Scene) -> list[tuple[int, tuple[str, ...], str]]:
    return [(msg.request, msg.lines, msg.error) for msg in scene.sent(AdminDone)]


def test_an_admins_command_is_asked_of_the_registry_and_answered_when_it_has() -> None:
    scene = Scene(admin=True)
    assert scene.say("server status") == []
    (request,) = requests(scene)
    assert isinstance(request, ReportStatus)
    scene.tell(AdminDone(request.request, ("1 user",)), REGISTRY)
    assert scene.answers() == ["1 user"]


def test_what_the_registry_refuses_is_told() -> None:
    scene = Scene(admin=True)
    scene.say("user status bob")
    (request,) = requests(scene)
    scene.tell(AdminDone(request.request, error="There is no user 'bob'"), REGISTRY)  # type: ignore[attr-defined]
    assert scene.answers() == ["error: There is no user 'bob'"]


def test_a_user_who_is_no_admin_asks_the_registry_nothing_about_others() -> None:
    scene = Scene()
    assert scene.say("server status") == ["error: server is for admins"]
    assert scene.say("user update bob -nick x") == ["error: only an admin may do that to others"]
    assert requests(scene) == []


def test_a_user_changes_and_deletes_the_own_account() -> None:
    """The dispatcher does not wait for the registry (row SVC-22)."""
    scene = Scene()
    scene.say("user update -password x", "user delete alice")
    change, remove = requests(scene)
    assert isinstance(change, ChangeUser)
    assert change.name == "alice"
    assert isinstance(remove, RemoveUser)
    assert scene.say("network status") != []


def test_an_answer_for_a_client_that_has_left_is_dropped() -> None:
    scene = Scene(admin=True)
    scene.say("server status")
    (request,) = requests(scene)
    scene.tell(ClientLeft("gone"), CLIENT)
    scene.tell(AdminDone(request.request, ("1 user",)), REGISTRY)  # type: ignore[attr-defined]
    assert scene.turn.sent == []


def test_rights_are_those_that_the_user_has_now() -> None:
    scene = Scene(admin=True)
    scene.bench.actor.user.record = scene.bench.actor.user.record.__class__(1, "alice", admin=False)
    assert scene.say("server status") == ["error: server is for admins"]


def test_a_command_in_the_users_name_answers_the_registry() -> None:
    """Row SVC-23: with an admin's rights, and on no network."""
    scene = Scene()
    scene.tell(RunCommand("network status", 5), REGISTRY)
    assert done(scene) == [(5, ("libera  disconnected",), "")]
    assert scene.lines() == []
    scene.tell(RunCommand("network update -nick x", 6), REGISTRY)
    assert done(scene) == [(6, (), "name a network, since you are on none; your networks: libera")]
    scene.tell(RunCommand("network create -addr irc+unix:///s -name s", 7), REGISTRY)
    assert isinstance(scene.jobs[0][1], SaveNetwork)


def test_a_command_in_the_users_name_is_answered_when_its_change_is_stored() -> None:
    scene = Scene()
    scene.tell(RunCommand("network update libera -nick x", 5), REGISTRY)
    assert done(scene) == []
    scene.saved()
    assert done(scene) == [(5, ("libera was updated, connecting again",), "")]
    scene.tell(RunCommand("channel create #a -network libera", 6), REGISTRY)
    scene.refused("full")
    assert done(scene) == [(6, (), "full")]


def test_a_command_in_the_users_name_may_go_on_to_the_registry() -> None:
    scene = Scene()
    scene.tell(RunCommand("user run bob network status", 5), REGISTRY)
    (request,) = requests(scene)
    assert isinstance(request, RunAs)
    scene.tell(AdminDone(request.request, ("ok",)), REGISTRY)
    assert done(scene) == [(5, ("ok",), "")]


def test_help_is_for_who_asks() -> None:
    assert not any(line.startswith("  server ") for line in Scene().say("help"))
    assert any(line.startswith("  server ") for line in Scene(admin=True).say("help"))
    assert Scene().say("help network delete") == [
        "network delete [name]",
        "  Forget a network, with its channels and history.",
        "  e.g. network delete libera",
    ]
    assert Scene().say(" ") == ["error: say help to see what can be done here"]
