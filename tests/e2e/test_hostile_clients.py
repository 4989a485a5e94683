"""Habits of hostile clients, each with the answer that it gets, while an honest user is served on."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.e2e.siege import HOSTILE, PROMPT, drop, siege
from tests.support.ircclient import IrcClient
from tests.support.numbered import CHANNEL, numbers_in

HALF_OPEN = [
    b"",
    b"NICK hostile\r\n",
    b"CAP LS 302\r\nNICK hostile\r\nUSER hostile 0 * :x\r\n",
    b"CAP REQ :sasl\r\nAUTHENTICATE PLAIN\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
]
"""How far a login gets before its client leaves; the last one is the beginning of a TLS handshake."""


def names_below(folder: Path) -> set[str]:
    """Return the names of all files and folders in a folder."""
    return {path.name for path in folder.rglob("*")}


async def test_twenty_thousand_half_open_logins_leave_nothing_behind(folder: Path) -> None:
    """Each is forgotten when its connection ends; a login between them works at once."""
    async with siege(folder) as stage:
        async with asyncio.timeout(120):
            for count in range(20_000):
                await drop(stage.bouncer.endpoint, HALF_OPEN[count % len(HALF_OPEN)])
                if count % 2_000 == 0:
                    await stage.honest_is_served()
        await stage.holds()


async def test_who_does_not_log_in_in_time_is_told_and_closed(folder: Path) -> None:
    """Row PRE-13: an ERROR line, then the end."""
    async with siege(folder, tables={"limits": {"registration_time": 1.0}}) as stage:
        async with await IrcClient.open("the silent one", stage.bouncer.endpoint) as client:
            await client.expect("^ERROR :")
            await client.heard.until_ended()
        await stage.holds()


async def test_too_many_connections_before_login_are_told_and_closed(folder: Path) -> None:
    """A bound on those who have not logged in; those who have are not among them."""
    async with siege(folder, tables={"limits": {"connections_before_login": 20}}) as stage, AsyncExitStack() as held:
        silent = [
            await held.enter_async_context(await IrcClient.open(f"silent {count}", stage.bouncer.endpoint))
            for count in range(30)
        ]
        for client in silent[20:]:
            await client.expect("^ERROR :")
            await client.heard.until_ended()
        assert all(client.heard.ended is None for client in silent[:20])
        await stage.honest_is_served()
        await silent[0].quit()
        await stage.hostile_is_served()


@pytest.mark.parametrize("logged_in", [False, True])
async def test_a_line_that_is_too_long_is_refused(folder: Path, logged_in: bool) -> None:
    """Its sender is told; it need not come to its end."""
    async with siege(folder) as stage:
        opened = stage.attach() if logged_in else IrcClient.open("the wordy one", stage.bouncer.endpoint)
        async with await opened as client:
            since = client.heard.here
            client.send_bytes(b"PRIVMSG #x :" + b"a" * 9_000)
            await client.expect(r"^ERROR :|^:\S+ 417 ", since=since)
        await stage.holds()


@pytest.mark.parametrize("logged_in", [False, True])
async def test_a_line_of_a_megabyte_is_not_kept(folder: Path, logged_in: bool) -> None:
    """Twenty of them one after the other: each sender is told or cut off."""
    async with siege(folder) as stage:
        for _ in range(20):
            opened = stage.attach() if logged_in else IrcClient.open("the wordy one", stage.bouncer.endpoint)
            async with await opened as client:
                client.send_bytes(b"PRIVMSG #x :" + b"a" * 2**20)
                client.send("")
                await client.heard.until(lambda: client.heard.matching("^ERROR| 417 ") or client.heard.ended, "an end")
        await stage.holds()


async def test_tags_of_eight_kilobytes_are_refused_where_a_client_may_not_send_them(folder: Path) -> None:
    """Spec: https://ircv3.net/specs/extensions/message-tags#size-limit: 4094 bytes from a client, else 417."""
    async with siege(folder) as stage, await stage.attach(caps=["message-tags"]) as client:
        client.send(f"@+x={'t' * 8180} PRIVMSG friend :too long")
        await client.expect(r"^ERROR :|^:\S+ 417 ")
        await stage.holds()
        assert not stage.upstream.heard.matching("too long")


async def test_a_client_that_never_reads_costs_the_others_nothing(folder: Path) -> None:
    """What it does not read is not kept for it; it is closed, or finds every line when it reads again."""
    async with siege(folder) as stage, await stage.attach(who="honest", client="stuck") as stuck:
        await stuck.expect(f" 366 honest {CHANNEL} ")
        stuck.stop_reading()
        for _ in range(40):
            stage.server.say(2_500)
            await stage.server.flush()
            await stage.honest_is_served()
        await stage.holds()
        stuck.read_on()
        last = rf"line {stage.server.said - 1:07}$"
        await stuck.heard.until(
            lambda: stuck.heard.matching(last, since=-3) or stuck.heard.ended, "the end", seconds=60
        )
        for client in (stage.honest, stuck):
            shown = numbers_in(client.heard.lines)
            assert shown == list(range(shown[0], shown[0] + len(shown)))


async def test_a_client_that_asks_for_too_much_waits_and_nobody_else_does(folder: Path) -> None:
    """Commands beyond the rate wait in the client's own connection."""
    async with siege(folder) as stage, await stage.attach() as flood:
        flood.send(*(f"JOIN #flood{count}" for count in range(5_000)))
        for _ in range(5):
            await stage.honest_is_served()
        await flood.abort()
        await stage.holds()


@pytest.mark.parametrize("control", [b"\r", b"\0", b"\r\0", b"\0\r"])
async def test_control_bytes_inside_parameters_reach_no_server(folder: Path, control: bytes) -> None:
    """What the server hears has no CR and no NUL, and no line that the client did not send."""
    async with siege(folder) as stage:
        async with await stage.attach() as client:
            client.send_bytes(b"PRIVMSG friend :one" + control + b"SQUIT two\r\n")
            client.send_bytes(b"PRIVMSG friend" + control + b" :three\r\n")
        await stage.holds()
        heard = stage.upstream.heard
        assert not heard.matching("^SQUIT|[\r\0]"), heard.report("a control byte got through")


async def test_a_name_that_is_a_path_stays_a_name(folder: Path) -> None:
    """Names of users, clients, channels and queries touch no file but the database."""
    paths = ["../../../evil", "/etc/passwd", "..\\evil", "con", "a/../../b", "%2e%2e%2fevil", "~root", "-rf"]
    async with siege(folder) as stage:
        before = names_below(folder)
        async with await stage.attach() as client:
            for path in paths:
                client.send(f"PRIVMSG {path} :to {path}", f"JOIN #{path}")
                stage.upstream.send(f":{path}!u@h PRIVMSG {HOSTILE} :from {path}")
            await client.expect("from -rf$")
            await client.round_trip()
        for path in paths:
            async with await IrcClient.open(path, stage.bouncer.endpoint) as client:
                client.send("PASS x", f"NICK {path}", f"USER {path}/../net@../../evil 0 * :x")
                await client.expect(r"^ERROR :|^:\S+ (4\d\d|904) ")
        await stage.holds()
        made = names_below(folder) - before
        assert {name for name in made if not name.startswith("soju.db")} == set()


async def test_guessing_passwords_is_slowed_down(folder: Path) -> None:
    """After some failures the address has to wait; the honest user's session goes on."""
    limits = {"login_failures": 5, "login_failure_time": 600.0}
    async with siege(folder, tables={"limits": limits}) as stage:
        for guess in range(8):
            async with await IrcClient.open("the guesser", stage.bouncer.endpoint) as client:
                client.send(f"PASS guess{guess}", f"NICK {HOSTILE}", f"USER {HOSTILE} 0 * :x")
                await client.heard.until_ended(seconds=PROMPT)
                refused = client.heard.matching("464|ERROR")
        assert refused
        assert any("wait" in line or "many" in line for line in refused), f"the last answer was {refused}"
        await stage.honest_is_served()
        stage.bouncer.check_log()
