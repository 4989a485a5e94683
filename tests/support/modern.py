"""More of people's IRC clients: catgirl, Limnoria, a client made of irc-framework, and The Lounge."""

import json
from contextlib import suppress
from pathlib import Path

from bcrypt import gensalt, hashpw

from tests.support.clients import SERVER, ChatClient, in_terminal, type_keys
from tests.support.installed import INSTALLED, NODE, SCRIPTS, need_installed, node
from tests.support.ports import free_port
from tests.support.process import Program
from tests.support.programs import need


class Catgirl(ChatClient):
    """Catgirl in a terminal of tmux: it speaks TLS alone, and logs what it hears."""

    tls = True
    caps = frozenset({"extended-join", "invite-notify", "server-time", "setname", "userhost-in-names"})

    @property
    def log(self) -> Path:
        """What it has heard, raw: its logs of channels have the day in their names."""
        return self.folder / "debug.log"

    @property
    def server_log(self) -> Path:
        """The same."""
        return self.log

    def command(self) -> list[str | Path]:
        """All settings are arguments."""
        login = f"-n {self.login.nick} -u {self.login.username} -w {self.login.password}"
        server = f"-h 127.0.0.1 -p {self.port} -t {self.trust}"
        return in_terminal(self.folder, f"{need('catgirl')} -v {server} {login} 2>>{self.log}")

    async def say(self, line: str) -> None:
        """Type into the channel whatever window is in front."""
        await type_keys(self.program, f"/msg {self.channel} {line}")

    async def join(self) -> None:
        """Join; its window comes to the front."""
        await type_keys(self.program, f"/join {self.channel}")

    async def quit(self) -> None:
        """Quit catgirl; with it the only session of tmux ends."""
        await type_keys(self.program, "/quit bye")
        await self.program.ended()


class IrcFramework(ChatClient):
    """A small client made of irc-framework, as Kiwi IRC and The Lounge are."""

    caps = frozenset({"server-time", "batch", "message-tags", "echo-message"})
    wanted: tuple[str, ...] = ()
    """Capabilities that it requests beside those of irc-framework itself."""

    @property
    def log(self) -> Path:
        """What it shows of the channel."""
        return self.folder / "channel.log"

    @property
    def server_log(self) -> Path:
        """All other lines that it has heard."""
        return self.folder / "server.log"

    def command(self) -> list[str | Path]:
        """All settings are one argument."""
        settings = {
            "host": "127.0.0.1",
            "port": self.port,
            "nick": self.login.nick,
            "username": self.login.username,
            "password": self.login.password,
            "channel": self.channel,
            "caps": self.wanted,
            "log": str(self.log),
            "server_log": str(self.server_log),
        }
        return [*node("irc-framework"), SCRIPTS / "chat.js", json.dumps(settings)]

    def environment(self) -> dict[str, str]:
        """Where its modules are."""
        return super().environment() | NODE

    async def say(self, line: str) -> None:
        """Type into the channel."""
        await self.program.enter(line)

    async def join(self) -> None:
        """Join by a command."""
        await self.program.enter(f"/JOIN {self.channel}")

    async def quit(self) -> None:
        """Say QUIT; the script ends with the connection."""
        await self.program.enter("/quit")
        await self.program.ended()


LOUNGE = """
module.exports = {{
    public: false, host: "127.0.0.1", bind: "127.0.0.1", port: {port}, messageStorage: [], prefetch: false,
    theme: "default", transports: ["websocket"], leaveMessage: "bye", identd: {{ enable: false }},
    fileUpload: {{ enable: false }}, webirc: null, ldap: {{ enable: false }}, maxHistory: 1000,
    storagePolicy: {{ enabled: false }}, defaults: {{}}, lockNetwork: false, https: {{ enable: false }},
    debug: {{ ircFramework: false, raw: false }},
}};
"""
"""What is left out is not read from anywhere else."""
LOUNGE_PROGRAM = INSTALLED / "node_modules/thelounge/index.js"


class TheLounge(ChatClient):
    """The Lounge, which stays connected by itself; its page is played by a script of ours."""

    caps = frozenset({"server-time", "batch", "message-tags", "echo-message"})

    @property
    def log(self) -> Path:
        """What its page shows of the channel."""
        return self.folder / "channel.log"

    @property
    def server_log(self) -> Path:
        """What its page shows of the rest."""
        return self.folder / "server.log"

    async def start(self) -> None:
        """Start The Lounge, which connects by itself, and then its page; or let it connect again."""
        home = self.folder / "home"
        if home.exists():
            since = self.status.here
            await self.program.enter("/connect")
            await self.status.expect(self.welcome, since=since)
            return
        self._configure(home)
        server = [*node("thelounge", "socket.io-client"), "-r", SCRIPTS / "offline.js", LOUNGE_PROGRAM, "start"]
        environment = NODE | {"THELOUNGE_HOME": str(home), "HOME": str(self.folder)}
        self._server = Program("The Lounge", server, cwd=self.folder, env=environment)
        await self._server.start()
        self._stack.push_async_exit(self._server)
        await self._server.output.expect("Available at")
        await super().start()

    def _configure(self, home: Path) -> None:
        self._web_port = free_port()
        (home / "users").mkdir(parents=True)
        (home / "config.js").write_text(LOUNGE.format(port=self._web_port))
        login = self.login
        network = {
            "name": SERVER,
            "host": "127.0.0.1",
            "port": self.port,
            "tls": False,
            "rejectUnauthorized": False,
            "nick": login.nick,
            "username": login.username,
            "realname": login.nick,
            "password": login.password,
            "leaveMessage": "bye",
            "channels": [],
        }
        secret = hashpw(login.password.encode(), gensalt(4)).decode()
        user = {"password": secret, "log": False, "networks": [network]}
        (home / "users" / f"{login.nick}.json").write_text(json.dumps(user))

    def command(self) -> list[str | Path]:
        """All settings of the page are one argument."""
        settings = {
            "port": self._web_port,
            "user": self.login.nick,
            "password": self.login.password,
            "channel": self.channel,
            "log": str(self.log),
            "server_log": str(self.server_log),
        }
        return [*node("socket.io-client"), SCRIPTS / "lounge.js", json.dumps(settings)]

    def environment(self) -> dict[str, str]:
        """Where its modules are."""
        return super().environment() | NODE

    async def say(self, line: str) -> None:
        """Type into the channel's window."""
        await self.program.enter(line)

    async def join(self) -> None:
        """Join from the window of the connection."""
        await self.program.enter(f"/join {self.channel}")

    async def quit(self) -> None:
        """Leave the bouncer; The Lounge remembers what it has seen for as long as it runs."""
        await self.program.enter("/disconnect bye")
        await self.status.expect("(?i)disconnected")


LIMNORIA = """
supybot.nick: {login.nick}
supybot.ident: {login.nick}
supybot.networks: {server}
supybot.networks.{server}.servers: 127.0.0.1:{client.port}
supybot.networks.{server}.sasl.username: {login.username}
supybot.networks.{server}.sasl.password: {login.password}
supybot.networks.{server}.sasl.mechanisms: plain
supybot.networks.{server}.ssl: False
supybot.networks.{server}.channels: {client.channel}
supybot.plugins: ChannelLogger Format Misc Utilities
supybot.plugins.ChannelLogger: True
supybot.plugins.ChannelLogger.flushImmediately: True
supybot.plugins.ChannelLogger.enable: True
supybot.plugins.Format: True
supybot.plugins.Misc: True
supybot.plugins.Utilities: True
supybot.reply.whenAddressedBy.chars: @
supybot.protocols.irc.experimentalExtensions: True
supybot.protocols.irc.throttleTime: 0.0
supybot.reply.withNickPrefix: False
supybot.reply.mores.instant: 5
supybot.reply.requireChannelCommandsToBeSentInChannel: False
supybot.log.level: DEBUG
supybot.log.stdout: False
supybot.directories.conf: {client.folder}/conf
supybot.directories.data: {client.folder}/data
supybot.directories.log: {client.folder}/logs
supybot.directories.backup: {client.folder}/backup
"""


class Limnoria(ChatClient):
    """Limnoria, a bot: it joins by itself and says what somebody asks it to say (``@echo``)."""

    caps = frozenset(
        {"account-notify", "away-notify", "batch", "chghost", "extended-join", "invite-notify", "message-tags"}
        | {"multi-prefix", "server-time", "setname", "userhost-in-names", "labeled-response", "echo-message"}
        | {"draft/multiline"}
    )

    @property
    def log(self) -> Path:
        """The log of the channel that a plugin of it writes."""
        return self.folder / f"logs/ChannelLogger/{SERVER}/{self.channel}/{self.channel}.log"

    @property
    def server_log(self) -> Path:
        """All lines and much more."""
        return self.folder / "logs/messages.log"

    def command(self) -> list[str | Path]:
        """Write the configuration, once: the bot changes it."""
        conf = self.folder / "limnoria.conf"
        if not conf.exists():
            conf.write_text(LIMNORIA.format(login=self.login, server=SERVER, client=self))
        program = need_installed("venv/bin/limnoria", "limnoria (PyPI)")
        return [program, "--disable-multiprocessing", "--allow-root", conf]

    async def say(self, line: str) -> None:
        """Nobody types into a bot."""
        raise NotImplementedError

    async def join(self) -> None:
        """It has joined by itself."""

    async def quit(self) -> None:
        """End the bot, which says QUIT; a signal that comes in a callback is lost, for its handler raises."""
        with suppress(AssertionError):
            await self.program.terminate(seconds=5)
        await self.program.terminate()
