"""Raw clients through the bouncer on real servers: cursors, nicks, splits, restarts."""

from pathlib import Path

from tests.e2e.scene import ROOM, USER, login, scene, user
from tests.support.daemon import Daemon
from tests.support.ircclient import IrcClient, Login
from tests.support.servers import OPER, InspIRCd, Server


async def test_two_clients_have_cursors_of_their_own(folder: Path, server: Server) -> None:
    """Rows RCP-01, RCP-04: each name catches up on what it missed and on nothing else."""
    async with scene(folder, server) as stage:
        desk, phone = await stage.attach("desk"), await stage.attach("phone")
        await stage.say("said 1", "said 2")
        for client in (desk, phone):
            await client.expect("said 2$")
            await client.round_trip()
        await phone.quit()
        await stage.say("said 3", "said 4")
        await desk.expect("said 4$")
        await desk.round_trip()
        await desk.quit()
        await stage.say("said 5")

        async with await stage.attach("desk") as desk, await stage.attach("phone") as phone:
            await stage.say("said 6")
            for client in (desk, phone):
                await client.expect("said 6$")
            assert stage.texts(desk) == ["said 5", "said 6"]
            assert stage.texts(phone) == ["said 3", "said 4", "said 5", "said 6"]


async def test_a_client_sees_what_another_one_says(folder: Path, server: Server) -> None:
    """Row ECH-01: one user, two screens, the same conversation."""
    async with scene(folder, server) as stage, await stage.attach("desk") as desk, await stage.attach("phone") as phone:
        desk.send(f"PRIVMSG {ROOM} :said 1")
        await phone.expect(rf"^:{USER}!\S+ PRIVMSG {ROOM} :said 1$")
        await stage.friend.expect("said 1$")
        await stage.say("said 2")
        await desk.expect("said 2$")
        assert stage.texts(desk) == ["said 2"], "without echo-message nobody hears himself"


async def test_a_query_to_an_absent_user_is_replayed_to_each_known_client(folder: Path, server: Server) -> None:
    """Row RCP-06: the first message of a new target is not lost on those who are away."""
    async with scene(folder, server) as stage:
        for name in ("desk", "phone"):
            async with await stage.attach(name) as client:
                await stage.say("said 0")
                await client.expect("said 0$")
                await client.round_trip()
                await client.quit()
        stage.friend.send(f"PRIVMSG {USER} :psst 1")
        await stage.friend.round_trip()
        for name in ("desk", "phone"):
            async with await stage.attach(name) as client:
                await client.expect(rf"^:friend!\S+ PRIVMSG {USER} :psst 1$")
                await client.round_trip()
                assert stage.texts(client, "psst") == ["psst 1"]


async def test_a_nick_that_is_taken_is_worked_around_and_regained(folder: Path) -> None:
    """Rows NCK-01 to NCK-03."""
    async with InspIRCd(folder / "server") as server, Daemon(folder / "bouncer") as bouncer:
        await bouncer.provision(user(server))
        async with await IrcClient.connect(server.endpoint, Login(USER)) as thief:
            await thief.join(ROOM)
            await bouncer.start()
            await thief.expect(rf"^:{USER}_!\S+ JOIN :?{ROOM}")
            async with await IrcClient.connect(bouncer.endpoint, login()) as client:
                assert client.heard.matching(rf"^:\S+ 001 {USER}_ ")
                thief.send(f"PRIVMSG {USER}_ :you are in my place")
                await client.expect(rf"PRIVMSG {USER}_ :you are in my place$")
                await thief.quit()
                await client.expect(rf"^:{USER}_!\S+ NICK :?{USER}$")


async def test_a_netsplit_and_its_end_are_seen(folder: Path) -> None:
    """Who is on the other side quits, comes back, and is heard again."""
    near, far = InspIRCd(folder / "near", "irc.near.test"), InspIRCd(folder / "far", "irc.far.test", sid="2BB")
    near.peer, far.peer = far, near
    async with far, scene(folder, near) as stage, await stage.attach() as client:
        stage.friend.send(OPER, f"CONNECT {far.name}")
        for attempt in range(2):
            since = client.heard.here
            async with await IrcClient.connect(far.endpoint, Login("distant")) as distant:
                await distant.join(ROOM)
                if attempt:
                    stage.friend.send(f"CONNECT {far.name}")
                await client.expect(rf"^:distant!\S+ JOIN :?{ROOM}", since=since)
                await distant.expect(rf" JOIN :?{ROOM}")
                distant.send(f"PRIVMSG {ROOM} :said {attempt}")
                await client.expect(rf"^:distant!\S+ PRIVMSG {ROOM} :said {attempt}$")
                await far.kill()
                await client.expect(rf"^:distant!\S+ QUIT :{near.name} {far.name}$", since=since)
            client.send(f"NAMES {ROOM}")
            names = await client.expect(rf" 353 \S+ \S {ROOM} :", since=since)
            assert "distant" not in names
            if not attempt:
                await far.start()


async def test_a_server_that_dies_and_comes_back_finds_the_user_again(folder: Path, server: Server) -> None:
    """Row LIF-08: the bouncer comes back by itself, with its channels; the client stays attached."""
    async with scene(folder, server) as stage, await stage.attach("desk") as client:
        since = client.heard.here
        await server.kill()
        await client.expect("(?i)disconnected|lost|closed", since=since)
        await server.start()
        async with await IrcClient.connect(server.endpoint, Login("friend")) as stage.friend:
            await stage.friend.join(ROOM)
            await client.expect(rf"^:{USER}!\S+ JOIN :?{ROOM}", since=since, seconds=40)
            await stage.say("said 1")
            await client.expect("said 1$")
            client.send(f"PRIVMSG {ROOM} :heard 1")
            await stage.friend.expect("heard 1$")


async def test_a_restart_says_goodbye_to_both_sides_and_loses_nothing(folder: Path, server: Server) -> None:
    """Row BPR-08, done better: clients get ERROR, servers get QUIT; cursors and channels are still there afterwards."""
    async with scene(folder, server) as stage:
        async with await stage.attach("desk") as client, await stage.attach("phone") as phone:
            await stage.say("said 1")
            await client.expect("said 1$")
            await client.round_trip()
            await phone.expect("said 1$")
            await phone.round_trip()
            await phone.quit()
            await stage.say("said 2")
            await client.expect("said 2$")
            await client.round_trip()
            since = stage.friend.heard.here
            await stage.bouncer.stop()
            await client.expect("^ERROR :")
            await client.heard.until_ended()
            quits = await stage.friend.expect(rf"^:{USER}!\S+ QUIT ", since=since)
            assert "EOF" not in quits
            assert "Connection closed" not in quits
        await stage.bouncer.start()
        await stage.until_user_joins(since=since)
        await stage.say("said 3")
        async with await stage.attach("desk") as client, await stage.attach("phone") as phone:
            await stage.say("said 4")
            await client.expect("said 4$")
            await phone.expect("said 4$")
            assert stage.texts(client) == ["said 3", "said 4"]
            assert stage.texts(phone) == ["said 2", "said 3", "said 4"]


async def test_what_was_said_is_found_in_the_history(folder: Path, server: Server) -> None:
    """Spec: https://ircv3.net/specs/extensions/chathistory."""
    caps = ["draft/chathistory", "batch", "server-time", "message-tags"]
    async with scene(folder, server) as stage, await stage.attach("desk", caps=caps) as client:
        await stage.say(*(f"said {n}" for n in range(20)))
        await client.expect("said 19$")
        since = client.heard.here
        client.send(f"CHATHISTORY LATEST {ROOM} * 10")
        start = await client.expect(rf"(^| )BATCH \+\S+ chathistory {ROOM}", since=since)
        batch = start.split("BATCH +")[1].split(" ")[0]
        await client.expect(rf"(^| )BATCH -{batch}$", since=since)
        assert client.said("^said", since=since) == [f"said {n}" for n in range(10, 20)]
        assert (
            len(client.heard.matching(rf"^@(\S+;)?batch={batch}[; ].*time=|^@(\S+;)?time=\S*;batch={batch}[; ]")) >= 10
        )
