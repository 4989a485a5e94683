"""The commands of ``run.py`` as a newcomer uses them, each in an empty folder."""

import re
import shlex
from pathlib import Path

from tests.support.daemon import FAULTS, run_py
from tests.support.ircclient import Endpoint, IrcClient, Login
from tests.support.ports import free_port
from tests.support.process import Program
from tests.support.programs import need


async def test_a_first_start_says_what_to_type_and_that_works(folder: Path) -> None:
    """Without a configuration: an admin whose password is printed once, with the lines for a client."""
    port = free_port()
    command = run_py("--listen", f"irc+insecure://127.0.0.1:{port}")
    async with Program("the bouncer", command, cwd=folder) as bouncer:
        await bouncer.until_accepts("127.0.0.1", port)
        typed = [line.strip() for line in bouncer.output.lines if re.match(r"\s*/(server|connect|set)\b", line)]
        assert typed, bouncer.output.report("no line to type is printed")
        password = await bouncer.output.expect(r"(?i)password:?\s+\S{8,}")
        await weechat_is_welcomed(folder, typed)
        secret = password.split()[-1]
        async with await IrcClient.connect(Endpoint(port), Login("admin", "admin", secret)) as client:
            client.send("PRIVMSG BouncerServ :server status")
            await client.expect(r"^:BouncerServ\S* (PRIVMSG|NOTICE) admin ")
        assert await bouncer.terminate() == 0

    async with Program("the bouncer again", command, cwd=folder) as bouncer:
        await bouncer.until_accepts("127.0.0.1", port)
        async with await IrcClient.connect(Endpoint(port), Login("admin", "admin", secret)):
            assert not bouncer.output.matching(re.escape(secret)), "the password is printed once"
        assert await bouncer.terminate() == 0
        assert not bouncer.output.matching(FAULTS)


async def weechat_is_welcomed(folder: Path, typed: list[str]) -> None:
    """Type the lines into a WeeChat and see that the bouncer welcomes it."""
    settings = [f"/set logger.file.path {folder}/logs", "/set logger.file.flush_delay 0"]
    commands = [part for line in [*settings, *typed] for part in ("-r", line)]
    weechat: list[str | Path] = [
        need("weechat-headless"),
        "-d",
        folder / "weechat",
        "-P",
        "irc,logger",
        "-s",
        *commands,
    ]
    logs = folder / "logs"
    logs.mkdir()
    name = next(word for line in typed for word in shlex.split(line)[2:3])
    log = logs / f"irc.server.{name}.weechatlog"
    log.touch()
    async with (
        Program("WeeChat", weechat, cwd=folder),
        Program("WeeChat's log", ["tail", "-n", "+1", "-f", log], cwd=folder) as shown,
    ):
        await shown.output.expect("(?i)welcome")


async def test_the_demo_shows_a_replay_and_ends_well(folder: Path) -> None:
    """``demo --once`` needs nothing: its own server, bots and client."""
    async with Program("the demo", run_py("demo", "--once"), cwd=folder) as demo:
        assert await demo.ended(seconds=60) == 0, demo.output.report("the demo failed")
        assert demo.output.matching("(?i)replay|missed|reconnect")
        assert not demo.output.matching(FAULTS)


async def test_each_command_says_what_it_is_for(folder: Path) -> None:
    """``--help`` everywhere, with examples."""
    for words in (
        [],
        ["provision"],
        ["user"],
        ["user", "create"],
        ["demo"],
        ["check-config"],
        ["hash-password"],
        ["ctl"],
    ):
        async with Program(" ".join(words), run_py(*words, "--help"), cwd=folder) as command:
            assert await command.ended(seconds=30) == 0, command.output.report("no help")
            assert command.output.matching(r"run\.py .*\w")
