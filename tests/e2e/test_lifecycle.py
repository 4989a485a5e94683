"""The commands of ``run.py`` as a newcomer uses them, each in an empty folder."""

import re
from pathlib import Path

from tests.support.clients import in_terminal, type_keys
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
        secret = (await bouncer.output.expect(r"^\s*password\s+\S{8,}$")).split()[-1]
        last = await bouncer.output.expect(r"^\s*irssi\s+/")
        typed = [
            match[1] for line in bouncer.output.lines if (match := re.search(r"(/(?:server|connect|set) .*)", line))
        ]
        of_irssi = [line for line in typed if line in last]
        await weechat_is_welcomed(folder / "weechat", [line for line in typed if line not in of_irssi])
        await irssi_is_welcomed(folder / "irssi", of_irssi)
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
    """Type the lines into a WeeChat that knows nothing and see that the bouncer welcomes it."""
    settings = [f"/set logger.file.path {folder}/logs", "/set logger.file.flush_delay 0"]
    commands = [part for line in [*settings, *typed] for part in ("-r", line)]
    weechat: list[str | Path] = [need("weechat-headless"), "-d", folder, "-P", "irc,logger", "-s", *commands]
    log = logged_at(folder / f"logs/irc.server.{typed[0].split()[2]}.weechatlog")
    async with Program("WeeChat", weechat, cwd=folder), Program("its log", follow(log), cwd=folder) as shown:
        await shown.output.expect("(?i)welcome")


async def irssi_is_welcomed(folder: Path, typed: list[str]) -> None:
    """Type the lines into an irssi that knows nothing and see that the bouncer welcomes it."""
    log = logged_at(folder / "all.log")
    (folder / "config").write_text(f'logs = {{ "{log}" = {{ auto_open = "yes"; level = "ALL"; }}; }};')
    irssi = in_terminal(folder, f"{need('irssi')} --home={folder} --config={folder}/config")
    async with Program("irssi", irssi, cwd=folder) as program, Program("its log", follow(log), cwd=folder) as shown:
        for line in typed:
            await type_keys(program, line)
        await shown.output.expect("(?i)welcome")


def logged_at(path: Path) -> Path:
    """Make an empty log, so that it can be followed."""
    path.parent.mkdir(parents=True)
    path.touch()
    return path


def follow(path: Path) -> list[str | Path]:
    """Return the command that prints a file as it grows."""
    return ["tail", "-n", "+1", "-f", path]


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
