"""A small IRC server: enough of one for a bouncer, two bots and a curious client."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from time import time

from soju_actors.irc.errors import ParseError
from soju_actors.irc.framing import LineReader, encode_lines
from soju_actors.irc.message import Message, parse_message
from soju_actors.irc.numerics import Numeric
from soju_actors.irc.server_time import format_time

NAME = "demo.server"
CAPS = ("echo-message", "labeled-response", "message-tags", "server-time")


@dataclass(eq=False)
class Session:
    """One connection."""

    writer: asyncio.StreamWriter
    nick: str = ""
    user: str = ""
    caps: set[str] = field(default_factory=set)
    negotiating: bool = False
    registered: bool = False
    label: str = ""

    @property
    def source(self) -> str:
        """How others see it."""
        return f"{self.nick}!{self.user}@demo"

    def send(self, message: Message) -> None:
        """Send a message with the tags that the connection knows; one that has ended gets none."""
        if self.writer.is_closing():
            return
        if self.label:
            message = message.with_tags({**message.tag_map(), "label": self.label})
        self.writer.write(encode_lines([str(message if self.caps & set(CAPS) else message.without_tags())]))

    def reply(self, numeric: Numeric, *params: str) -> None:
        """Send a numeric."""
        self.send(Message(numeric, (self.nick or "*", *params), NAME))


class Server:
    """Channels, and who is in them."""

    def __init__(self) -> None:
        self.sessions: set[Session] = set()
        self.channels: dict[str, set[Session]] = {}
        self._ids = count(1)
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._commands: dict[str, Callable[[Session, tuple[str, ...]], None]] = {
            "CAP": self._cap,
            "NICK": self._nick,
            "USER": self._user,
            "JOIN": self._join,
            "PART": self._part,
            "PRIVMSG": self._privmsg,
            "MODE": self._mode,
            "PING": self._ping,
            "AWAY": self._away,
        }

    async def start(self) -> int:
        """Listen on this machine; return the port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def stop(self) -> None:
        """Close everything."""
        if self._server is not None:
            self._server.close()
        for session in self.sessions:
            session.writer.close()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def say(self, channel: str, source: str, text: str) -> None:
        """Say something in a channel, as somebody who need not be there."""
        tags = f"time={format_time(time())};msgid=demo-{next(self._ids)}"
        message = Message("PRIVMSG", (channel, text), source, tags)
        for member in self.channels.get(channel, ()):
            member.send(message)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = Session(writer)
        self.sessions.add(session)
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        lines = LineReader()
        try:
            while data := await reader.read(4096):
                for line in lines.receive(data):
                    self._handle(session, parse_message(line))
                await writer.drain()
        except (OSError, ParseError):
            pass
        finally:
            self._leave(session)
            writer.close()

    def _handle(self, session: Session, message: Message) -> None:
        command = self._commands.get(message.command)
        session.label = message.tag("label") or ""
        if command is not None and message.params:
            command(session, message.params)
        elif message.command not in ("PASS", "PONG", "QUIT", "AWAY"):
            session.reply(Numeric.ERR_UNKNOWNCOMMAND, message.command, "Unknown command")
        elif session.label:
            session.send(Message("ACK", (), NAME))
        session.label = ""

    def _cap(self, session: Session, params: tuple[str, ...]) -> None:
        subcommand, *rest = params
        if subcommand == "LS":
            session.negotiating = True
            session.send(Message("CAP", ("*", "LS", " ".join(CAPS)), NAME))
        elif subcommand == "REQ" and rest:
            wanted = set(rest[0].split())
            verdict = "ACK" if wanted <= set(CAPS) else "NAK"
            session.caps |= wanted if verdict == "ACK" else set()
            session.send(Message("CAP", ("*", verdict, rest[0]), NAME))
        elif subcommand == "END":
            session.negotiating = False
            self._register(session)

    def _nick(self, session: Session, params: tuple[str, ...]) -> None:
        nick = params[0]
        if any(other.nick == nick for other in self.sessions if other is not session):
            session.reply(Numeric.ERR_NICKNAMEINUSE, nick, "Nickname is already in use")
            return
        if session.registered:
            for other in {session} | self._around(session):
                other.send(Message("NICK", (nick,), session.source))
        session.nick = nick
        self._register(session)

    def _user(self, session: Session, params: tuple[str, ...]) -> None:
        session.user = params[0]
        self._register(session)

    def _register(self, session: Session) -> None:
        if session.registered or session.negotiating or not (session.nick and session.user):
            return
        session.registered = True
        session.reply(Numeric.RPL_WELCOME, f"Welcome to the demo, {session.nick}")
        session.reply(Numeric.RPL_MYINFO, NAME, "demo-1", "i", "nt")
        session.reply(Numeric.RPL_ISUPPORT, "CASEMAPPING=ascii", "CHANTYPES=#", "NETWORK=Demo", "are supported")
        session.reply(Numeric.ERR_NOMOTD, "No MOTD")

    def _join(self, session: Session, params: tuple[str, ...]) -> None:
        for name in params[0].split(","):
            members = self.channels.setdefault(name, set())
            members.add(session)
            for member in members:
                member.send(Message("JOIN", (name,), session.source))
            session.reply(Numeric.RPL_TOPIC, name, "What bouncers are for")
            session.reply(Numeric.RPL_NAMREPLY, "=", name, " ".join(sorted(member.nick for member in members)))
            session.reply(Numeric.RPL_ENDOFNAMES, name, "End of /NAMES list")

    def _part(self, session: Session, params: tuple[str, ...]) -> None:
        for name in params[0].split(","):
            for member in self.channels.get(name, set()):
                member.send(Message("PART", (name,), session.source))
            self.channels.get(name, set()).discard(session)

    def _privmsg(self, session: Session, params: tuple[str, ...]) -> None:
        target, text = params[0], params[-1]
        tags = f"time={format_time(time())};msgid=demo-{next(self._ids)}"
        message = Message("PRIVMSG", (target, text), session.source, tags)
        others = self.channels.get(target) or {other for other in self.sessions if other.nick == target}
        for other in others - {session}:
            other.send(message)
        if "echo-message" in session.caps:
            session.send(message)

    def _mode(self, session: Session, params: tuple[str, ...]) -> None:
        if params[0] in self.channels:
            session.reply(Numeric.RPL_CHANNELMODEIS, params[0], "+nt")

    def _ping(self, session: Session, params: tuple[str, ...]) -> None:
        session.send(Message("PONG", (NAME, params[0]), NAME))

    def _away(self, session: Session, params: tuple[str, ...]) -> None:
        session.reply(Numeric.RPL_NOWAWAY if params[0] else Numeric.RPL_UNAWAY, "Noted")

    def _around(self, session: Session) -> set[Session]:
        return set().union(*(members for members in self.channels.values() if session in members))

    def _leave(self, session: Session) -> None:
        for other in self._around(session) - {session}:
            other.send(Message("QUIT", ("Gone",), session.source))
        for members in self.channels.values():
            members.discard(session)
        self.sessions.discard(session)
