"""People's IRC clients, driven as a person would: WeeChat, irssi and ii."""

import os
from abc import ABC, abstractmethod
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.ircclient import Login
from tests.support.process import Program
from tests.support.programs import need
from tests.support.transcript import Transcript

SERVER = "bouncer"
"""What the clients call the connection."""

IRSSI = """
servers = (
  {{ address = "127.0.0.1"; port = "{client.port}"; chatnet = "bouncer"; autoconnect = "yes"; {credentials} }}
);
chatnets = {{ bouncer = {{ type = "IRC"; nick = "{login.nick}"; {credentials} }}; }};
settings = {{
  core = {{ real_name = "{login.nick}"; user_name = "{login.username}"; nick = "{login.nick}"; }};
  "irc/core" = {{ cmd_queue_speed = "10ms"; cmds_max_at_once = "100"; }};
  "fe-common/core" = {{ autolog = "yes"; autolog_path = "{client.folder}/logs/$0.log"; autolog_level = "ALL"; }};
}};
logs = {{ "{client.folder}/all.log" = {{ auto_open = "yes"; level = "ALL"; }}; }};
"""
"""Irssi reads the password of a server from ``servers`` and those of SASL from ``chatnets``."""


class ChatClient(ABC):
    """A client program with its folder, which stays when the program ends and starts again.

    What a person would see in a channel is in its transcript, over all starts.
    """

    tls = False
    """Whether it speaks nothing but TLS."""
    caps: frozenset[str] = frozenset()
    """Capabilities that it is to have enabled, at least."""

    def __init__(self, folder: Path, port: int, login: Login, channel: str, trust: Path | None = None) -> None:
        self.folder = folder
        self.port = port
        self.login = login
        self.channel = channel
        self.trust = trust
        """The certificate of the bouncer, where it speaks TLS."""
        self._stack = AsyncExitStack()
        self._program: Program | None = None

    @property
    @abstractmethod
    def log(self) -> Path:
        """The file in which the program writes what it shows of the channel."""

    @property
    @abstractmethod
    def server_log(self) -> Path:
        """The file in which it writes what it shows of the connection."""

    @abstractmethod
    def command(self) -> list[str | Path]:
        """Write the configuration; return the command that runs the program."""

    @abstractmethod
    async def say(self, line: str) -> None:
        """Type a line into the channel: a text or, with a slash, a command."""

    @abstractmethod
    async def join(self) -> None:
        """Join the channel by hand."""

    @abstractmethod
    async def quit(self) -> None:
        """Leave the bouncer and end the program."""

    @property
    def shown(self) -> Transcript:
        """What has been shown of the channel so far."""
        return self._shown.output

    @property
    def status(self) -> Transcript:
        """What has been shown of the connection so far."""
        return self._status.output

    @property
    def program(self) -> Program:
        """The program as it was last started."""
        if self._program is None:
            raise RuntimeError("the client has not been started")
        return self._program

    async def _follow(self, path: Path) -> Program:
        follower = Program(path.name, ["tail", "-n", "+1", "-f", path], cwd=self.folder)
        return await self._stack.enter_async_context(follower)

    def environment(self) -> dict[str, str]:
        """Variables for the program."""
        return {"HOME": str(self.folder), "TERM": "screen", "LC_ALL": "C.UTF-8", "PASSWORD": self.login.password}

    welcome = r"(?i)\bmotd\b|message of the day"
    """What ends the welcome of any server, in the words that clients show."""

    async def start(self) -> None:
        """Start the program, which connects by itself, and wait until the server has welcomed it."""
        since = self.status.here
        self._program = Program(type(self).__name__, self.command(), cwd=self.folder, env=self.environment())
        await self._program.start()
        self._stack.push_async_exit(self._program)
        await self.status.expect(self.welcome, since=since)

    async def __aenter__(self) -> Self:
        for path in (self.log, self.server_log):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        async with self._stack:
            self._shown, self._status = await self._follow(self.log), await self._follow(self.server_log)
            await self.start()
            self._stack = self._stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.__aexit__(kind, error, trace)


def write_fifo(path: Path, line: str) -> None:
    """Write a line to a named pipe that a program reads; nobody reading is an error at once."""
    fifo = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    try:
        os.write(fifo, f"{line}\n".encode())
    finally:
        os.close(fifo)


_terminals = count(1)


def in_terminal(folder: Path, command: str) -> list[str | Path]:
    """Return a command that runs another one in a terminal of tmux, and takes tmux's commands on its input."""
    socket = folder / f"tmux-{next(_terminals)}"  # a server that is about to end must not be found by the next start
    tmux: list[str | Path] = [need("tmux"), "-S", socket, "-f", "/dev/null", "-C"]
    return [
        *tmux,
        "new-session",
        "-x",
        "200",
        "-y",
        "50",
        f"exec {command}",
        ";",
        "set-option",
        "destroy-unattached",
        "on",
    ]


async def type_keys(terminal: Program, line: str) -> None:
    """Type a line and Enter into a terminal of tmux."""
    await terminal.enter(f"send-keys -H {line.encode().hex(' ')} 0d")


class WeeChat(ChatClient):
    """WeeChat without a screen: its logger shows, its FIFO is typed into."""

    caps = frozenset(
        {"server-time", "message-tags", "cap-notify", "multi-prefix", "away-notify", "account-notify", "chghost"}
        | {"extended-join", "setname", "invite-notify", "userhost-in-names"}
    )

    @property
    def log(self) -> Path:
        """The logger's file of the channel's buffer."""
        return self.folder / f"logs/irc.{SERVER}.{self.channel}.weechatlog"

    @property
    def server_log(self) -> Path:
        """The logger's file of the server's buffer."""
        return self.folder / f"logs/irc.server.{SERVER}.weechatlog"

    def command(self) -> list[str | Path]:
        """All settings are commands of the first moments."""
        server = f"irc.server.{SERVER}"
        settings = {
            "logger.file.path": f"{self.folder}/logs",
            "logger.file.flush_delay": "0",
            "logger.file.info_lines": "off",
            "fifo.file.path": f"{self.folder}/fifo",
            f"{server}.username": self.login.username,
            f"{server}.anti_flood_prio_high": "0",
            f"{server}.autoreconnect_delay": "1",
        }
        if self.login.sasl:
            settings |= {f"{server}.sasl_username": self.login.username, f"{server}.sasl_password": self.login.password}
        else:
            settings[f"{server}.password"] = self.login.password
        words = [
            f"/server add {SERVER} 127.0.0.1/{self.port} -temp -nicks={self.login.nick}",
            *(f"/set {name} {value}" for name, value in settings.items()),
            "/fifo enable",
            f"/connect {SERVER}",
        ]
        program: list[str | Path] = [
            need("weechat-headless"),
            "-d",
            self.folder / "home",
            "-P",
            "irc,logger,fifo",
            "-s",
        ]
        return [*program, *(part for word in words for part in ("-r", word))]

    async def say(self, line: str) -> None:
        """Type into the channel's buffer."""
        write_fifo(self.folder / "fifo", f"irc.{SERVER}.{self.channel} *{line}")

    async def join(self) -> None:
        """Join from the server's buffer."""
        write_fifo(self.folder / "fifo", f"irc.server.{SERVER} */join {self.channel}")

    async def quit(self) -> None:
        """Quit WeeChat, which says QUIT."""
        write_fifo(self.folder / "fifo", "core.weechat */quit bye")
        await self.program.ended()


class Irssi(ChatClient):
    """Irssi in a terminal of tmux: its logs show, keys are sent to the terminal."""

    caps = frozenset(
        {"multi-prefix", "extended-join", "setname", "invite-notify", "away-notify", "chghost"}
        | {"account-notify", "server-time"}
    )

    @property
    def log(self) -> Path:
        """The automatic log of the channel."""
        return self.folder / f"logs/{self.channel}.log"

    @property
    def server_log(self) -> Path:
        """The log of everything."""
        return self.folder / "all.log"

    def command(self) -> list[str | Path]:
        """Write irssi's ``config``; a client of tmux in control mode stays in front and takes keys."""
        (self.folder / "config").write_text(
            IRSSI.format(client=self, login=self.login, credentials=self._credentials())
        )
        return in_terminal(self.folder, f"{need('irssi')} --home={self.folder} --config={self.folder}/config")

    def _credentials(self) -> str:
        login = self.login
        if not login.sasl:
            return f'password = "{login.password}";'
        return f'sasl_mechanism = "PLAIN"; sasl_username = "{login.username}"; sasl_password = "{login.password}";'

    async def say(self, line: str) -> None:
        """Type into the channel whatever window is in front."""
        await type_keys(self.program, line if line.startswith("/") else f"/msg {self.channel} {line}")

    async def join(self) -> None:
        """Join; irssi opens a window for it."""
        await type_keys(self.program, f"/join {self.channel}")

    async def quit(self) -> None:
        """Quit irssi; with it the only session of tmux ends."""
        await type_keys(self.program, "/quit bye")
        await self.program.ended()


class Ii(ChatClient):
    """ii: a folder for each channel with a file that shows and a FIFO to type into."""

    @property
    def log(self) -> Path:
        """The ``out`` file of the channel."""
        return self.folder / "127.0.0.1" / self.channel / "out"

    @property
    def server_log(self) -> Path:
        """The ``out`` file of the server."""
        return self.folder / "127.0.0.1/out"

    def command(self) -> list[str | Path]:
        """All settings are arguments; the user name is the nick."""
        nick = self.login.username or self.login.nick
        return [need("ii"), "-s", "127.0.0.1", "-p", str(self.port), "-i", self.folder, "-n", nick, "-k", "PASSWORD"]

    async def say(self, line: str) -> None:
        """Type into the channel's FIFO."""
        write_fifo(self.log.parent / "in", line)

    async def join(self) -> None:
        """Join from the server's FIFO."""
        write_fifo(self.server_log.parent / "in", f"/j {self.channel}")

    async def quit(self) -> None:
        """Quit ii."""
        write_fifo(self.server_log.parent / "in", "/q bye")
        await self.program.ended()
