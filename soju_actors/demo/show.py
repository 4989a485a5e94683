"""What the demo does, step by step."""

import asyncio
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

from soju_actors.demo.client import Client, ClientError
from soju_actors.demo.server import Server
from soju_actors.irc.message import Message

CHANNEL = "#demo"
PASSWORD = "demo"  # noqa: S105 - of an account that lives as long as the demo
PREFERRED_PORT = 6667
SLOW, QUICK = 3.0, 0.3
"""Seconds between two lines of the bots, to be read and to be done with."""
MISSED = 3
"""Lines that the client of ``--once`` misses."""
PROGRAM = Path(__file__).resolve().parents[2] / "run.py"
TALK = (
    "did you hear? there is a bouncer that remembers everything",
    "and if it is killed in the middle of a sentence?",
    "what somebody was shown is in its history, they say",
    "I shall believe it when I have seen it",
    "then attach a client, leave, and come back",
    "look, somebody may just be doing that",
)


class DemoError(Exception):
    """Something did not go as it should."""


def tell(text: str = "") -> None:
    """Say something to the person who looks on."""
    print(text, flush=True)  # noqa: T201 - this is what the command is for


async def show(*, once: bool) -> int:
    """Run the demo; return the exit code.

    Raises:
        DemoError: something did not go as it should.
    """
    server = Server()
    server_port = await server.start()
    bots = asyncio.create_task(_chat(server_port, QUICK if once else SLOW))
    try:
        with tempfile.TemporaryDirectory(prefix="soju-actors-demo-") as folder:
            port = _free_port()
            async with _bouncer(Path(folder), port, server_port):
                if once:
                    return await _once(port)
                await _explain(port)
    except ClientError as error:
        raise DemoError(str(error)) from None
    finally:
        bots.cancel()
        await server.stop()
    return 0


async def _chat(port: int, pause: float) -> None:
    """Let two bots talk to each other."""
    bots = []
    for nick in ("ada", "bert"):
        bot = await Client.connect(port)
        bot.say(f"NICK {nick}", f"USER {nick} 0 * :a bot", f"JOIN {CHANNEL}")
        bots.append(bot)
    for number in count():
        await asyncio.sleep(pause)
        bots[number % 2].say(f"PRIVMSG {CHANNEL} :[{number + 1}] {TALK[number % len(TALK)]}")


@asynccontextmanager
async def _bouncer(folder: Path, port: int, server_port: int) -> AsyncIterator[None]:
    """Run a bouncer with one account on a port of this machine."""
    config, users = folder / "bouncer.toml", folder / "users.toml"
    config.write_text(
        f'hostname = "bouncer.demo"\ndata_dir = "data"\n\n[[listen]]\nuri = "irc+insecure://127.0.0.1:{port}"\n'
        '\n[log]\nlevel = "error"\n'
    )
    users.write_text(
        f'[[user]]\nname = "demo"\npassword = "{PASSWORD}"\n\n[[user.network]]\nname = "demo"\n'
        f'addr = "irc+insecure://127.0.0.1:{server_port}"\nnick = "you"\nchannels = ["{CHANNEL}"]\n'
    )
    if await (await _start("provision", str(users), "--config", str(config))).wait():
        raise DemoError("the account could not be made")
    daemon = await _start("--config", str(config))
    try:
        await _listening(port, daemon)
        yield
    finally:
        if daemon.returncode is None:
            daemon.terminate()
        await daemon.wait()


async def _start(*words: str) -> asyncio.subprocess.Process:
    command = [sys.executable, str(PROGRAM), "--no-bootstrap", *words]
    return await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL)


async def _listening(port: int, daemon: asyncio.subprocess.Process) -> None:
    """Wait until the bouncer accepts connections."""
    for _ in range(600):
        if daemon.returncode is not None:
            raise DemoError(f"the bouncer ended with exit code {daemon.returncode}")
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return
    raise DemoError("the bouncer did not start")


async def _explain(port: int) -> None:
    tell("A small IRC server, two bots and the bouncer are running. Attach any IRC client:")
    tell()
    tell(f"    server 127.0.0.1, port {port}, no TLS, user name demo/demo, password {PASSWORD}")
    tell(f"    irssi    /connect 127.0.0.1 {port} demo/demo:{PASSWORD}")
    tell(f"    WeeChat  /server add demo 127.0.0.1/{port} -notls -username=demo/demo -password={PASSWORD}")
    tell("             /connect demo")
    tell()
    tell(f"You are in {CHANNEL} already. Leave, wait, come back: you get what you missed. Ctrl-C ends the demo.")
    await asyncio.Event().wait()


async def _once(port: int) -> int:
    """Attach, leave, miss something, come back; return 0 if exactly that was shown."""
    tell("A client attaches:")
    client = await _attach(port)
    heard = await client.until(lambda message: _number(message) > 0)
    last = _number(heard[-1])
    client.say(f"PRIVMSG {CHANNEL} :I shall be back")
    client.say("PING :received")  # what was shown before it is acknowledged when its answer comes
    heard = await client.until(lambda message: message.command == "PONG")
    last = max([last, *map(_number, heard)])
    await client.close()
    tell("It leaves, while the bots go on talking ...")
    watcher = await Client.connect(port)
    watcher.say(f"PASS {PASSWORD}", "NICK you", "USER demo/demo@watcher 0 * :watcher")
    await watcher.until(lambda message: _number(message) >= last + MISSED)
    await watcher.close()
    tell("It comes back, and gets what it missed:")
    client = await _attach(port)
    heard = await client.until(lambda message: _number(message) > last + MISSED)
    await client.close()
    numbers = [number for message in heard if (number := _number(message))]
    expected = list(range(last + 1, last + 1 + len(numbers)))
    tell()
    if numbers != expected:
        tell(f"The replay is wrong: lines {numbers} came, {expected} were missed.")
        return 1
    tell(f"The lines {numbers[0]} to {numbers[-1]} were missed, and replayed once each, in order.")
    return 0


async def _attach(port: int) -> Client:
    client = await Client.connect(port, lambda line: tell(f"    {line}"))
    client.say(f"PASS {PASSWORD}", "CAP REQ :server-time message-tags batch", "NICK you")
    client.say("USER demo/demo@laptop 0 * :you", "CAP END")
    await client.until(lambda message: message.command == "366")
    return client


def _number(message: Message) -> int:
    """Return the number of a bot's line, 0 if it is none."""
    text = message.params[-1] if message.command == "PRIVMSG" else ""
    start, _, _ = text.partition("]")
    return int(start[1:]) if start[:1] == "[" and start[1:].isdigit() else 0


def _free_port() -> int:
    """Return the usual port if it is free, else any that is."""
    for port in (PREFERRED_PORT, 0):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            number: int = probe.getsockname()[1]
            return number
    raise DemoError("no port is free")
