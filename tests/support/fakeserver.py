"""An IRC server for one user, played by rules: it registers, lets join, and echoes; the rest a test says."""

from dataclasses import dataclass, field
from typing import Protocol

NAME = "irc.libera.test"


class Wire(Protocol):
    """The server's end of a connection."""

    closed: bool

    def send(self, data: bytes) -> None:
        """Send bytes."""

    def take(self) -> bytes:
        """Return what has come since the last look."""


@dataclass
class FakeServer:
    """Answers what every server answers, and keeps the rest in ``heard``."""

    caps: str
    isupport: str = "CASEMAPPING=rfc1459 CHANTYPES=# PREFIX=(ov)@+ CHANMODES=b,k,l,imnpst NETWORK=Libera"
    members: str = "@bob carol"
    heard: list[str] = field(default_factory=list)
    """What the bouncer has sent beyond registration, JOIN and their follow-ups."""
    nick: str = "alice"
    quiet: bool = False
    """It answers nothing."""
    _enabled: set[str] = field(default_factory=set)
    _wire: Wire | None = None
    _buffer: str = ""
    _accepted: int = 0

    def serve(self, accepted: list[Wire]) -> bool:
        """Answer what has come on the newest connection; return whether there was anything."""
        busy = len(accepted) > self._accepted
        if busy:
            self._accepted = len(accepted)
            self._wire, self._buffer = accepted[-1], ""
            self._enabled.clear()
        if self._wire is None:
            return False
        text = self._wire.take().decode("utf-8", "surrogateescape")
        self._buffer += text
        *lines, self._buffer = self._buffer.split("\r\n")
        for line in lines:
            if not self.quiet:
                self._answer(line)
        return busy or bool(text)

    def say(self, *lines: str) -> None:
        """Send the bouncer lines."""
        assert self._wire is not None, "the bouncer is not connected"
        self._wire.send("".join(f"{line}\r\n" for line in lines).encode("utf-8", "surrogateescape"))

    @property
    def wire(self) -> Wire:
        """The newest connection."""
        assert self._wire is not None, "the bouncer has not connected"
        return self._wire

    def _answer(self, line: str) -> None:
        tags, _, rest = line.partition(" ") if line.startswith("@") else ("", "", line)
        words = rest.split(" ")
        match words[0], words[1:]:
            case "CAP", ["LS", *_]:
                self.say(f":{NAME} CAP * LS :{self.caps}")
            case "CAP", ["REQ", *caps]:
                names = [cap.lstrip(":") for cap in caps]
                self._enabled.update(names)
                self.say(f":{NAME} CAP * ACK :{' '.join(names)}")
            case "NICK", [nick] if not self.heard or nick != self.nick:
                self.nick = nick
            case "USER", _:
                if not self.caps:
                    self._welcome()
            case "CAP", ["END"]:
                self._welcome()
            case "JOIN", [names, *_]:
                for name in names.split(","):
                    self._join(name)
            case "MODE", [name] if name.startswith("#"):
                self.say(f":{NAME} 324 {self.nick} {name} +nt", f":{NAME} 329 {self.nick} {name} 1700000000")
            case "PRIVMSG" | "NOTICE", _ if "echo-message" in self._enabled:
                self.heard.append(rest)
                self.say(f"{tags} :{self.nick}!a@host {rest}".strip())
            case "AWAY" | "PONG" | "PASS" | "QUIT", _:
                pass
            case "PING", [token]:
                self.say(f":{NAME} PONG {NAME} {token}")
            case _:
                self.heard.append(rest)

    def _welcome(self) -> None:
        self.say(
            f":{NAME} 001 {self.nick} :Welcome",
            f":{NAME} 004 {self.nick} {NAME} test-1 i nt",
            f":{NAME} 005 {self.nick} {self.isupport} :are supported by this server",
            f":{NAME} 376 {self.nick} :End of MOTD",
        )

    def _join(self, name: str) -> None:
        extended = " * :Alice" if "extended-join" in self._enabled else ""
        self.say(
            f":{self.nick}!a@host JOIN {name}{extended}",
            f":{NAME} 332 {self.nick} {name} :About {name}",
            f":{NAME} 333 {self.nick} {name} bob!b@host 1700000000",
            f":{NAME} 353 {self.nick} = {name} :{self.nick} {self.members}",
            f":{NAME} 366 {self.nick} {name} :End of /NAMES list.",
        )
