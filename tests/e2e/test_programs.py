"""People's own programs through the bouncer, on both servers."""

from pathlib import Path

import pytest

from tests.e2e.scene import LOBBY, ROOM, USER, login, sayings, scene
from tests.support.clients import ChatClient, Ii, Irssi, WeeChat
from tests.support.servers import Server


@pytest.mark.parametrize("program", [WeeChat, Irssi, Ii])
async def test_a_person_joins_talks_leaves_and_catches_up_exactly_once(
    folder: Path, server: Server, program: type[ChatClient]
) -> None:
    """Row RCP-01: the cursor belongs to the client's name and outlives the connection."""
    async with (
        scene(folder, server, channels=[LOBBY]) as stage,
        program(folder / "client", stage.bouncer.port, login(program.__name__.lower()), ROOM) as client,
    ):
        await client.join()
        await stage.until_user_joins()
        await stage.say("said 1")
        await client.shown.expect("said 1$")
        await client.say("heard 1")
        await stage.friend.expect(rf"^:{USER}!\S+ PRIVMSG {ROOM} :heard 1$")

        await client.quit()
        await stage.say(*(f"said {n}" for n in range(2, 7)))
        await client.start()
        await client.shown.expect("said 6$")
        await client.say("heard 6")
        await stage.friend.expect("PRIVMSG .*heard 6$")
        await stage.say("said 7")
        await client.shown.expect("said 7$")

        assert sayings(client.shown.lines) == [f"said {n}" for n in range(1, 8)]
        assert not stage.friend.heard.matching(rf"^:{USER}!\S+ (QUIT|PART)"), "detaching is no leaving"


@pytest.mark.parametrize("program", [WeeChat, Irssi])
async def test_a_person_logs_in_with_sasl(folder: Path, server: Server, program: type[ChatClient]) -> None:
    """Spec: https://ircv3.net/specs/extensions/sasl-3.1."""
    async with (
        scene(folder, server) as stage,
        program(folder / "client", stage.bouncer.port, login("sasl", sasl=True), ROOM) as client,
    ):
        await stage.say("said 1")
        await client.shown.expect("said 1$")
        await client.say("heard 1")
        await stage.friend.expect(rf"^:{USER}!\S+ PRIVMSG {ROOM} :heard 1$")
