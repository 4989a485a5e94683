"""Habits of hostile servers, each with what becomes of it, while an honest user is served on."""

import asyncio
import re
from pathlib import Path

from tests.e2e.siege import HOSTILE, siege
from tests.support.numbered import SPEAKER
from tests.support.ports import free_port
from tests.support.transcript import Transcript

LONG = 60.0
"""Seconds for what takes much work."""
LONGEST_LINE = 8191 + 512
"""Characters of a line with all its tags."""


async def test_a_server_that_never_answers_is_given_up_and_tried_again(folder: Path) -> None:
    """Row LIF-04, done better: registration has a time-out, and the client is told."""
    port, calls = free_port(), Transcript("the silent server")

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        calls.add("called")
        await reader.read()
        calls.add("given up")
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1", port):
        upstream = {"registration_timeout": 1.0}
        async with siege(folder, address=f"irc+insecure://127.0.0.1:{port}", tables={"upstream": upstream}) as stage:
            async with await stage.attach() as client:
                await calls.expect("given up")
                await client.expect("(?i)time")
                await calls.expect("called", count=2, seconds=LONG)
            await stage.holds()


async def test_a_line_of_a_megabyte_is_passed_over(folder: Path) -> None:
    """The bouncer keeps no line without end; what comes behind it is relayed."""
    async with siege(folder) as stage:
        async with await stage.attach() as client:
            stage.upstream.writer.write(b":a!b@c PRIVMSG hostile :" + b"a" * 2**20)
            await stage.server.flush()
            stage.upstream.send("", f"{SPEAKER} PRIVMSG {HOSTILE} :behind it")
            await client.expect("behind it$")
            assert max(len(line) for line in client.heard.lines) < LONGEST_LINE
        await stage.holds()


async def test_tags_of_eight_kilobytes_are_relayed_to_those_who_can_read_them(folder: Path) -> None:
    """Spec: https://ircv3.net/specs/extensions/message-tags#size-limit: 8191 bytes from a server."""
    async with siege(folder) as stage:
        async with await stage.attach(caps=["message-tags"]) as modern, await stage.attach() as plain:
            tags = f"@+x={'t' * 4000};msgid=big"
            stage.upstream.send(f"{tags} {SPEAKER} PRIVMSG {HOSTILE} :tagged 1")
            stage.upstream.send(f"@{'x' * 8189} {SPEAKER} PRIVMSG {HOSTILE} :tagged 2")
            assert "t" * 4000 in await modern.expect("tagged 1$")
            assert (await plain.expect("tagged 1$")).startswith(SPEAKER)
            await plain.expect("tagged 2$")
            await modern.expect("tagged 2$")
        await stage.holds()


async def test_a_flood_of_joins_passes(folder: Path) -> None:
    """Twenty thousand people enter a channel and leave it: everyone is seen, and forgotten."""
    async with siege(folder) as stage:
        async with await stage.attach() as client:
            client.send("JOIN #crowd")
            await client.expect(" 366 .* #crowd ")
            for begin in range(0, 20_000, 1_000):
                people = [f":p{count}!u@h" for count in range(begin, begin + 1_000)]
                stage.upstream.send(*(f"{person} JOIN #crowd" for person in people))
                stage.upstream.send(*(f"{person} PART #crowd :bye" for person in people))
                await stage.server.flush()
                await stage.honest_is_served()
            await client.expect("^:p19999!u@h PART #crowd", seconds=LONG)
            assert len(client.heard.matching(r"^:p\d+!u@h JOIN")) == 20_000
        await stage.holds()


async def test_ten_thousand_channels_are_held_and_shown_to_a_client(folder: Path) -> None:
    """A bound on time, and on nobody else's; each channel has its topic, its names and its history."""
    async with siege(folder) as stage:
        async with await stage.attach(client="desk") as client:
            for begin in range(0, 10_000, 500):
                for count in range(begin, begin + 500):
                    stage.upstream.send(
                        f":{HOSTILE}!u@h JOIN #c{count}",
                        f":irc.numbered.test 353 {HOSTILE} = #c{count} :{HOSTILE} someone",
                        f":irc.numbered.test 366 {HOSTILE} #c{count} :End of /NAMES list.",
                        f":someone!u@h PRIVMSG #c{count} :welcome {count}",
                    )
                await stage.server.flush()
                await stage.honest_is_served()
            await client.expect("welcome 9999$", seconds=LONG)
        async with await stage.attach(client="desk") as client:
            await client.expect(r" 366 \S+ #c\d+ ", count=10_000, seconds=LONG)
            await stage.honest_is_served()
        stage.at_rest += 10_000 * 12
        await stage.holds()


async def test_control_bytes_of_a_server_reach_no_client(folder: Path) -> None:
    """A line with a CR or NUL inside is no line; whoever sends it may be left, and is joined again."""
    async with siege(folder) as stage:
        async with await stage.attach() as client:
            since = client.heard.here
            stage.upstream.writer.write(
                b":a!b@c PRIVMSG hostile :one\rPRIVMSG two\r\n:a!b@c PRIVMSG hostile :th\0ree\r\n"
            )
            await stage.hostile_is_served()
            await client.round_trip()
            assert not [line for line in client.heard.lines[since:] if re.search("[\r\0]|^PRIVMSG two", line)]
        await stage.holds()


async def test_a_server_whose_clock_jumps_keeps_its_order(folder: Path) -> None:
    """What is shown goes by the order in which it was said; the history goes by time and takes any of them."""
    times = ["2026-01-01T00:00:00.000Z", "1970-01-01T00:00:00.000Z", "2099-12-31T23:59:59.999Z", "nonsense", ""]
    times += ["9999-99-99T99:99:99.999Z", "-1", "2026-01-01T00:00:60.000Z", "0001-01-01T00:00:00.000Z"]
    caps = ["server-time", "message-tags", "batch"]
    async with siege(folder) as stage:
        async with await stage.attach(client="desk", caps=caps) as client:
            stage.upstream.send(f"{SPEAKER} PRIVMSG {HOSTILE} :tick")
            await client.expect("tick$")
            await client.round_trip()
            await client.quit()
        stage.upstream.send(*(f"@time={time} {SPEAKER} PRIVMSG {HOSTILE} :tock {n}" for n, time in enumerate(times)))
        async with await stage.attach(client="desk", caps=caps) as client:
            await client.expect(f"tock {len(times) - 1}$")
            assert client.said("^tock") == [f"tock {n}" for n in range(len(times))]
            stamps = [re.match(r"@(?:\S*;)?time=([^; ]+)", line) for line in client.heard.matching("tock")]
            assert all(stamp and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", stamp[1]) for stamp in stamps)
        async with await stage.attach(caps=[*caps, "draft/chathistory"]) as client:
            client.send("CHATHISTORY LATEST counter * 50")
            await client.expect(r"(^| )BATCH -")
            assert sorted(client.said("^tock")) == [f"tock {n}" for n in range(len(times))]
        await stage.holds()


async def test_a_nick_that_is_a_path_is_a_nick(folder: Path) -> None:
    """A server may rename the user to anything; it is shown, and no file is touched."""
    async with siege(folder) as stage:
        async with await stage.attach() as client:
            for nick in ("../../evil", "/", ".", "..", "a\x02b", "x" * 400):
                stage.upstream.send(f":{HOSTILE} NICK :{nick}", f":{nick} NICK :{HOSTILE}")
            stage.upstream.send(f"{SPEAKER} PRIVMSG {HOSTILE} :still here")
            await client.expect("still here$")
        await stage.holds()
