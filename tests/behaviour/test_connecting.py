"""What is said to a server that has just accepted the user (row LIF-06)."""

from tests.support.world import Setting, World

COMMANDS = ("PRIVMSG NickServ :IDENTIFY secret",)


def test_saved_channels_are_joined_three_seconds_after_the_connect_commands() -> None:
    world = World(Setting(of_network={"connect_commands": COMMANDS}))
    assert world.server.heard[:1] == list(COMMANDS)
    assert world.server.joined == set()
    world.advance(2.9)
    assert world.server.joined == set()
    world.advance(0.2)
    assert world.server.joined == {"#soju"}


def test_without_connect_commands_they_are_joined_at_once() -> None:
    world = World()
    assert world.server.joined == {"#soju"}
