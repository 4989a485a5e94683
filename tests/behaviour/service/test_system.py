"""The service in the whole bouncer: clients, user actors, registry, database, control socket."""

import pytest

from actors import Ref
from soju_actors.messages.user import LeaseLapsed
from tests.behaviour.service.asking import control, login, said
from tests.support.world import InlineClient, World


def is_welcome(client: InlineClient) -> bool:
    return any(" 001 " in line for line in client.received())


@pytest.fixture
def world() -> World:
    return World()


def test_a_user_that_an_admin_creates_can_log_in_and_an_update_of_the_password_closes_the_clients(world: World) -> None:
    alice = world.attach()
    assert said(alice, "user create -username bob -password first") == ["User bob was created"]
    assert said(alice, "user create -username bob -password again") == ["error: There is a user 'bob' already"]
    bob = login(world, "bob", "first")
    assert is_welcome(bob)
    assert said(bob, "server status") == ["error: server is for admins"]
    lines = said(bob, "user update -password second")
    assert lines[0] == "User bob was updated"
    assert lines[-1].startswith("ERROR :")
    assert not is_welcome(login(world, "bob", "first"))
    assert is_welcome(login(world, "bob", "second"))


def test_a_user_is_deleted_with_the_token_that_was_told(world: World) -> None:
    alice = world.attach()
    said(alice, "user create -username bob -password x")
    bob = login(world, "bob", "x")
    (_, told) = said(bob, "user delete bob")
    assert told.startswith("If you mean it, say: user delete bob ")
    assert said(bob, "user delete bob 12345678") == ["error: That is not the token: leave it out to be told"]
    lines = said(bob, told.partition("say: ")[2])
    assert lines[0] == "User bob was deleted"
    assert lines[-1].startswith("ERROR :")
    assert not is_welcome(login(world, "bob", "x"))
    assert said(alice, "user status bob") == ["error: There is no user 'bob'"]


def test_the_token_of_one_user_deletes_no_other(world: World) -> None:
    for name in ("bob", "carol"):
        control(world, f"user create -username {name} -password x")
    token = control(world, "user delete bob")[1].rpartition(" ")[2]
    assert control(world, f"user delete carol {token}")[-1].startswith("FAIL BOUNCERSERV :That is not the token")
    assert control(world, f"user delete bob {token}") == ["PRIVMSG * :User bob was deleted", "BOUNCERSERV OK"]


def test_an_admin_without_rights_any_more_is_no_admin(world: World) -> None:
    control(world, "user create -username root -password x -admin")
    root = login(world, "root", "x")
    assert said(root, "user status root")[0].startswith("root  admin")
    control(world, "user update root -admin=false")
    assert said(root, "user status root") == ["error: user status is for admins"]


def test_a_command_is_run_as_another_user(world: World) -> None:
    """Row SVC-23."""
    client = world.attach()
    assert control(world, "user run alice network status") == [
        "PRIVMSG * :libera  connected  1 channel",
        "BOUNCERSERV OK",
    ]
    assert control(world, "user run alice channel create #two -network libera") == [
        "PRIVMSG * :#two is saved, joining it",
        "BOUNCERSERV OK",
    ]
    assert any(" JOIN #two" in line for line in client.received())
    assert control(world, "user run alice channel create #two -network libera") == [
        "FAIL BOUNCERSERV :#two is there already: use channel update"
    ]
    assert control(world, "user run nobody help") == ["FAIL BOUNCERSERV :There is no user 'nobody'"]


def test_a_command_for_a_user_who_does_not_run_is_answered_at_once(world: World) -> None:
    """The user's node has just died, for example."""
    world.system.tell(Ref("user/alice"), LeaseLapsed())
    world.advance(1)
    assert not world.system.running(Ref("user/alice"))
    (said,) = control(world, "user run alice network status")
    assert said.startswith("FAIL BOUNCERSERV :the user does not run at the moment")


def test_a_notice_reaches_every_client(world: World) -> None:
    control(world, "user create -username bob -password x")
    alice, bob = world.attach(), login(world, "bob", "x")
    for client in (alice, bob):
        client.received()
    assert control(world, "server notice Back at 5 o'clock")[-1] == "BOUNCERSERV OK"
    for client, nick in ((alice, "alice"), (bob, "bob")):
        assert client.received() == [f":BouncerServ!BouncerServ@BouncerServ NOTICE {nick} :Back at 5 o'clock"]


def test_networks_and_channels_outlive_the_bouncer(world: World) -> None:
    alice = world.attach()
    said(alice, "network create -addr irc+insecure://irc.oftc.test -name oftc -enabled=false")
    said(alice, "channel create #two -detached")
    said(alice, "sasl set-scram al pw")
    alice = World(database=world.database).attach()
    assert said(alice, "network status") == [
        "libera  connected  current, 2 channels",
        "oftc    disabled",
    ]
    assert said(alice, "channel status") == ["#soju  joined", "#two   joined, detached"]
    assert said(alice, "sasl status") == ["libera: SASL SCRAM-SHA-256 as al; not logged in"]


def test_a_network_that_is_deleted_is_gone_and_its_client_is_told(world: World) -> None:
    lines = said(world.attach(), "network delete libera")
    assert lines[0] == "libera was deleted"
    assert lines[-1] == "ERROR :The network libera was deleted"
    assert control(world, "user run alice network status")[0] == (
        "PRIVMSG * :You have no networks; say help network create"
    )


def test_help_in_the_program_is_for_the_operator(world: World) -> None:
    lines = control(world, "help")
    assert lines[-1] == "BOUNCERSERV OK"
    assert lines[1].startswith("PRIVMSG * :  user ")
    assert 'PRIVMSG * :For a user, with "user run <name>" before them:' in lines
    assert control(world, "server refresh") == ["PRIVMSG * :1 users", "BOUNCERSERV OK"]
    assert control(world, "server debug false") == ["PRIVMSG * :Debug logging is off", "BOUNCERSERV OK"]
