"""People's own programs through the bouncer, on both servers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import pytest

from soju_actors.irc.message import parse_message
from tests.e2e.scene import LOBBY, ROOM, USER, Scene, login, sayings, scene
from tests.support.certificates import Certificate
from tests.support.clients import ChatClient, Ii, Irssi, WeeChat
from tests.support.ircclient import Endpoint
from tests.support.manners import judged
from tests.support.modern import Catgirl, IrcFramework, Limnoria, TheLounge
from tests.support.ports import free_port
from tests.support.servers import Server
from tests.support.tap import Tap

PROGRAMS = [WeeChat, Irssi, Ii, Catgirl, IrcFramework]


@asynccontextmanager
async def tapped(
    folder: Path, server: Server, program: type[ChatClient]
) -> AsyncIterator[tuple[Scene, Tap, ChatClient]]:
    """Set the scene for a program, and note all that passes between it and the bouncer."""
    certificate, port = Certificate.make(folder, "bouncer.test"), free_port()
    tables = {"tls": {"certificate": str(certificate.chain), "key": str(certificate.key)}}
    listen = [f"ircs://127.0.0.1:{port}"]
    async with scene(folder, server, channels=[LOBBY], listen=listen, tables=tables) as stage:
        endpoint = Endpoint(port, tls=certificate.trust) if program.tls else stage.bouncer.endpoint
        async with Tap(endpoint, certificate if program.tls else None) as tap:
            who = login(program.__name__.lower())
            async with program(folder / "client", tap.port, who, ROOM, certificate.chain) as client:
                yield stage, tap, client


def well_mannered(tap: Tap, client: ChatClient) -> None:
    """Check two connections of a program: it has what it can use, and was sent nothing that it cannot."""
    assert len(tap.sessions) == 2, "nothing made it connect again"
    for session in tap.sessions:
        judge = judged(session.lines)
        assert judge.complaints == []
        assert judge.accepted >= client.caps


@pytest.mark.parametrize("program", PROGRAMS)
async def test_a_person_joins_talks_leaves_and_catches_up_exactly_once(
    folder: Path, server: Server, program: type[ChatClient]
) -> None:
    """Row RCP-01: the cursor belongs to the client's name and outlives the connection."""
    async with tapped(folder, server, program) as (stage, tap, client):
        await client.join()
        await stage.until_user_joins()
        await stage.say("said 1")
        await client.shown.expect("said 1$")
        await client.say("heard 1")
        await stage.friend.expect(rf"^:{USER}!\S+ PRIVMSG {ROOM} :heard 1$")

        await tap.sessions[0].until_acknowledged("said 1")
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
        assert len(tap.sessions) == 2, "nothing made it connect again"
        for session in tap.sessions:
            judge = judged(session.lines)
            assert judge.complaints == []
            assert judge.accepted >= client.caps


async def test_a_client_that_asks_for_playback_catches_up_exactly_once(folder: Path, server: Server) -> None:
    """The Lounge asks, as it does ZNC, for a channel that it has not had yet; after that its person does."""
    async with tapped(folder, server, TheLounge) as (stage, tap, client):
        await client.join()
        await tap.sessions[0].passed.expect(rf"^> ZNC \*playback PLAY {ROOM} 0$")
        await client.say("heard 1")
        await stage.friend.expect(rf"^:{USER}!\S+ PRIVMSG {ROOM} :heard 1$")
        await stage.say("said 1")
        await client.shown.expect("said 1$")
        last = await tap.sessions[0].passed.expect("^< @.*time=.* PRIVMSG .*said 1$")
        await client.quit()
        async with await stage.attach("other") as other:
            await stage.say(*(f"said {n}" for n in range(2, 7)))
            await other.expect("said 6$")
            await client.start()
            when = parse_message(last.removeprefix("< ")).tag_map()["time"]
            since = datetime.fromisoformat(when or "").timestamp()
            await client.program.enter(f"/quote ZNC *playback PLAY {ROOM} {since:.3f}")
            await client.shown.expect("said 6$")
        await client.say("heard 6")
        await stage.friend.expect("PRIVMSG .*heard 6$")
        await stage.say("said 7")
        await client.shown.expect("said 7$")
        assert sayings(client.shown.lines) == [f"said {n}" for n in range(1, 8)]
        well_mannered(tap, client)


async def test_a_bot_answers_in_its_channel_and_once(folder: Path, server: Server) -> None:
    """What is replayed to a bot has been said before: it is shown, and not answered."""
    async with tapped(folder, server, Limnoria) as (stage, tap, bot):
        await stage.until_user_joins()
        await stage.say("said 1", "@echo heard 1")
        await bot.shown.expect("said 1$")
        await stage.friend.expect(rf"^:{USER}!\S+ PRIVMSG {ROOM} :heard 1$")
        await tap.sessions[0].until_acknowledged("said 1")
        await bot.quit()
        await stage.say("said 2", "@echo heard 2")
        await bot.start()
        await stage.say("said 3", "@echo heard 3")
        await stage.friend.expect(rf"^:{USER}!\S+ PRIVMSG {ROOM} :heard 3$")
        await bot.shown.expect("said 3$")
        assert sayings(bot.shown.lines) == [f"said {n}" for n in range(1, 4)]
        assert stage.friend.said("^heard") == ["heard 1", "heard 3"]
        well_mannered(tap, bot)


async def test_a_bot_says_in_one_message_what_takes_several_lines(folder: Path, server: Server) -> None:
    """To servers without multiline the lines go one by one.

    Spec: https://ircv3.net/specs/extensions/multiline
    """
    said = "0123456789" * 100
    async with tapped(folder, server, Limnoria) as (stage, tap, bot):
        await stage.until_user_joins()
        await stage.say(f"@replace a {said[:50]} {'a' * 20}")

        def heard() -> list[str] | None:
            texts = stage.friend.said(r"^\d+")
            return texts if "".join(texts) == said else None

        assert len(await stage.friend.heard.until(heard, "all of it")) > 1
        assert [line for line in tap.sessions[0].said(by_client=True) if f" draft/multiline :{ROOM}" in line]
        await bot.quit()
        await bot.start()
        await bot.quit()
        well_mannered(tap, bot)


class Historian(IrcFramework):
    """A client that fetches what it has missed, keeps its read markers in step, and knows its networks."""

    wanted = ("draft/chathistory", "draft/read-marker", "soju.im/bouncer-networks")
    caps = IrcFramework.caps | frozenset(wanted)


async def test_a_client_fetches_history_shares_markers_and_lists_networks(folder: Path, server: Server) -> None:
    """Rows HIS, RMK and CMD-29; nothing is replayed to who can ask for it (row RCP-08)."""
    async with tapped(folder, server, Historian) as (stage, tap, client):
        await client.join()
        await stage.until_user_joins()
        await stage.say("said 1")
        await client.shown.expect("said 1$")
        await client.quit()
        await stage.say("said 2", "said 3")
        await client.start()
        await client.say(f"/CHATHISTORY LATEST {ROOM} * 2")
        await client.shown.expect(f"^history of {ROOM}: 2$")
        assert sayings(client.shown.lines) == ["said 1", "said 2", "said 3"]
        async with await stage.attach("phone", caps=["draft/read-marker"]) as phone:
            await client.say(f"/MARKREAD {ROOM} timestamp=2038-01-19T03:14:07.000Z")
            await phone.expect(rf"MARKREAD {ROOM} timestamp=\S+Z$")
        await client.say("/BOUNCER LISTNETWORKS")
        await client.status.expect(r"BOUNCER NETWORK 1 \S*name=net")
        well_mannered(tap, client)


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
