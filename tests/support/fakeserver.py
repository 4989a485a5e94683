"""An IRC server for one user: it registers by itself; the rest it does by rules, or as the test says."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from tests.support.dialog import CLOSED

MODERN = (
    "server-time message-tags batch echo-message labeled-response multi-prefix away-notify "
    "account-notify account-tag extended-join chghost setname invite-notify"
)
"""The capabilities of a server that has nearly all of them."""
FENCE = "soju-actors.fence-"
"""Begins the token of a PING that tells the bouncer what is answered: its place is in the dialog."""
ISUPPORT = "CASEMAPPING=rfc1459 CHANTYPES=# PREFIX=(ov)@+ CHANMODES=b,k,l,imnpst NETWORK=Libera"


class Wire(Protocol):
    """The server's end of a connection."""

    @property
    def closed(self) -> bool:
        """Whether it is over."""

    def send(self, data: bytes) -> None:
        """Send bytes."""

    def close(self) -> None:
        """Close the connection."""

    def take(self) -> bytes:
        """Return what has come since the last look."""


@dataclass
class FakeServer:
    """Answers registration, CAP and PING; while it is obliging also JOIN, MODE, NICK and PRIVMSG."""

    caps: str = MODERN
    """What it offers; without any it does not know CAP."""
    isupport: str = ISUPPORT
    members: str = "@bob carol"
    """Who is in each channel beside the user, as in a reply to NAMES."""
    name: str = "irc.libera.test"
    nick: str = "alice"
    heard: list[str] = field(default_factory=list)
    """What the bouncer has said beyond what was answered by rule."""
    obliging: bool = True
    quiet: bool = False
    """It answers nothing."""
    welcomed: bool = False
    """It has accepted the user on this connection."""
    joined: set[str] = field(default_factory=set)
    """Channels that the user was let in to by rule, and has asked for the modes of."""
    pongs: list[str] = field(default_factory=list)
    """Tokens of the PONGs that have come."""
    _enabled: set[str] = field(default_factory=set)
    _wire: Wire | None = None
    _buffer: str = ""
    _accepted: int = 0

    def serve(self, accepted: Sequence[Wire]) -> bool:
        """Answer what has come on the newest connection; return whether there was anything."""
        busy = self._read()
        if len(accepted) > self._accepted:
            self._accepted = len(accepted)
            self._wire, self._buffer, self.welcomed = accepted[-1], "", False
            self._enabled.clear()
            self._read()
            return True
        return busy

    def _read(self) -> bool:
        if self._wire is None:
            return False
        text = self._wire.take().decode("utf-8", "surrogateescape")
        self._buffer += text
        *lines, self._buffer = self._buffer.split("\r\n")
        for line in lines:
            self._hear(line)
        if self._wire.closed:
            self._wire = None
            self.heard.append(CLOSED)
        return bool(text)

    def say(self, *lines: str) -> None:
        """Send the bouncer lines."""
        self.wire.send("".join(f"{line}\r\n" for line in lines).encode("utf-8", "surrogateescape"))

    def close(self) -> None:
        """Close the connection, as a server does that is restarted."""
        wire, self._wire = self.wire, None
        wire.close()

    @property
    def wire(self) -> Wire:
        """The newest connection."""
        assert self._wire is not None, "the bouncer has not connected"
        return self._wire

    @property
    def connected(self) -> bool:
        """Whether the bouncer is connected and welcomed."""
        return self._wire is not None and self.welcomed

    def hello(self) -> None:
        """Accept the user."""
        self.welcomed = True
        self.say(
            f":{self.name} 001 {self.nick} :Welcome",
            f":{self.name} 004 {self.nick} {self.name} test-1 i nt",
            f":{self.name} 005 {self.nick} {self.isupport} :are supported by this server",
            f":{self.name} 376 {self.nick} :End of MOTD",
        )

    def _hear(self, line: str) -> None:
        tags, _, rest = line.partition(" ") if line.startswith("@") else ("", "", line)
        words = rest.split(" ")
        if self.quiet or not (self._register(words) or (self.obliging and self._oblige(tags, rest, words))):
            self.heard.append(line)

    def _register(self, words: list[str]) -> bool:
        """Answer what belongs to the connection itself."""
        match words:
            case ["CAP", subcommand, *caps]:
                self._cap(subcommand, [cap.lstrip(":") for cap in caps])
            case ["NICK", nick] if not self.welcomed:
                self.nick = nick
            case ["USER", *_]:
                if not self.caps:
                    self.hello()
            case ["PING", token] if self.obliging or not token.startswith(FENCE):
                self.say(f":{self.name} PONG {self.name} {token}")
            case ["PONG", *tokens]:
                self.pongs += [token.lstrip(":") for token in tokens]
            case ["PASS", _]:
                pass
            case _:
                return False
        return True

    def _cap(self, subcommand: str, caps: list[str]) -> None:
        if not self.caps:
            self.say(f":{self.name} 421 * CAP :Unknown command")
        elif subcommand == "LS":
            self.say(f":{self.name} CAP * LS :{self.caps}")
        elif subcommand == "REQ":
            self._enabled.update(caps)
            self.say(f":{self.name} CAP * ACK :{' '.join(caps)}")
        elif subcommand == "END":
            self.hello()

    def _oblige(self, tags: str, rest: str, words: list[str]) -> bool:
        """Do what a server does for its users; return whether that was all of it."""
        match words:
            case ["JOIN", names, *_]:
                for name in names.split(","):
                    self._join(name)
            case ["MODE", name] if name.startswith("#"):
                self.joined.add(name)
                self.say(f":{self.name} 324 {self.nick} {name} +nt", f":{self.name} 329 {self.nick} {name} 1700000000")
            case ["NICK", nick]:
                self.say(f":{self.nick}!a@host NICK {nick}")
                self.nick = nick
            case ["AWAY" | "QUIT", *_]:
                pass
            case ["PRIVMSG" | "NOTICE", *_] if "echo-message" in self._enabled:
                self.say(f"{tags} :{self.nick}!a@host {rest}".strip())
                return False
            case _:
                return False
        return True

    def _join(self, name: str) -> None:
        extended = " * :Alice" if "extended-join" in self._enabled else ""
        self.say(
            f":{self.nick}!a@host JOIN {name}{extended}",
            f":{self.name} 332 {self.nick} {name} :About {name}",
            f":{self.name} 333 {self.nick} {name} bob!b@host 1700000000",
            f":{self.name} 353 {self.nick} = {name} :{self.nick} {self.members}",
            f":{self.name} 366 {self.nick} {name} :End of /NAMES list.",
        )
