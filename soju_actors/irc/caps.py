"""Capability negotiation on both sides, without IO.

Spec: https://ircv3.net/specs/extensions/capability-negotiation
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from soju_actors.irc.cap_table import INFORMATIONAL, wanted_of
from soju_actors.irc.errors import invalid_cap_command, need_more_params
from soju_actors.irc.lists import packed
from soju_actors.irc.message import Message

VALUES = 302
"""The version from which on a client knows values, several lines, and cap-notify."""
MOST_AVAILABLE = 500
"""Capabilities of a server that are kept; no server has a fifth of it."""
_LIST_BYTES = 400
"""What fits a line beside the names of server and client."""
_REQUEST_BYTES = 480


@dataclass(slots=True)
class CapNegotiation:
    """What one client has been offered and has enabled.

    While :attr:`open` is true, registration waits for ``CAP END``.
    """

    offered: dict[str, str]
    """With their values, empty for none."""
    server: str = ""
    nick: str = "*"
    """The client's, as the replies name it (row CAPM-05)."""
    tentative: set[str] = field(default_factory=set)
    """Offered caps that may be withdrawn: not listed to a client that could not be told (row CAPD-24)."""
    enabled: set[str] = field(default_factory=set)
    version: int = 301
    open: bool = False

    def receive(self, params: tuple[str, ...]) -> list[Message]:
        """Take the parameters of a client's CAP; return the replies.

        Raises:
            ReplyError: 410 or 461 (row CAPM-03).
        """
        if not params:
            raise need_more_params("CAP")
        subcommand, *rest = params
        argument = " ".join(rest).strip(" ")
        match subcommand.upper():
            case "LS":
                return self._list_offered(argument)
            case "LIST":
                return self._lines("LIST", sorted(self.enabled))
            case "REQ" if rest:
                return self._request(argument)
            case "END":
                self.open = False
                return []
        raise invalid_cap_command(subcommand)

    def offer(self, caps: Mapping[str, str]) -> list[Message]:
        """Offer capabilities for certain; return CAP NEW for what that changes, if the client wants to know."""
        unseen = self.tentative if self.version < VALUES else set()
        new = {name: value for name, value in caps.items() if self.offered.get(name) != value or name in unseen}
        self.tentative.difference_update(caps)
        self.offered.update(caps)
        return self._notify("NEW", self._with_values(new))

    def withdraw(self, names: Iterable[str]) -> list[Message]:
        """Offer and enable capabilities no more; return CAP DEL for it, if the client wants to know (row CAPM-04)."""
        gone = sorted(name for name in names if name in self.offered)
        notices = self._notify("DEL", gone)
        for name in gone:
            del self.offered[name]
        self.enabled.difference_update(gone)
        self.tentative.difference_update(gone)
        return notices

    def _list_offered(self, version: str) -> list[Message]:
        self.open = True
        if version.isascii() and version.isdigit():
            self.version = max(self.version, int(version[:4]))
        if self.version >= VALUES:
            self.enabled.add("cap-notify")
        told = "cap-notify" in self.enabled
        return self._lines(
            "LS", self._with_values({n: v for n, v in self.offered.items() if told or n not in self.tentative})
        )

    def _request(self, wanted: str) -> list[Message]:
        """Enable all of the wanted caps or none of them (row CAPM-02)."""
        self.open = True
        names = wanted.lower().split()
        enable = {name for name in names if not name.startswith("-")}
        disable = {name[1:] for name in names if name.startswith("-")}
        refused = set(INFORMATIONAL)
        sticky = {"cap-notify"} if self.version >= VALUES else set()
        if not (enable | disable) <= self.offered.keys() or (enable | disable) & refused or disable & sticky:
            return [self._message("NAK", packed(wanted.split(), _LIST_BYTES)[0])]
        self.enabled = (self.enabled | enable) - disable
        return [self._message("ACK", line) for line in packed(wanted.split(), _LIST_BYTES) or [""]]

    def _with_values(self, caps: Mapping[str, str]) -> list[str]:
        valued = self.version >= VALUES
        return sorted(f"{name}={value}" if value and valued else name for name, value in caps.items())

    def _lines(self, subcommand: str, words: Iterable[str]) -> list[Message]:
        """Return the reply, in several lines if need be; only clients of 302 know the mark of those to come."""
        lines = packed(words, _LIST_BYTES) or [""]
        more = ("*",) if self.version >= VALUES else ()
        return [
            *(self._message(subcommand, *more, line) for line in lines[:-1]),
            self._message(subcommand, lines[-1]),
        ]

    def _notify(self, subcommand: str, words: Iterable[str]) -> list[Message]:
        if "cap-notify" not in self.enabled:
            return []
        return [self._message(subcommand, line) for line in packed(words, _LIST_BYTES)]

    def _message(self, subcommand: str, *params: str) -> Message:
        return Message("CAP", (self.nick, subcommand, *params), self.server)


@dataclass(slots=True)
class CapClient:
    """What a server offers, and what of it is enabled for us.

    Servers need not know CAP: then nothing is ever settled, and 001 comes
    all the same.
    """

    available: dict[str, str] = field(default_factory=dict)
    enabled: set[str] = field(default_factory=set)
    listed: bool = False
    """The server has told all that it offers."""
    _pending: deque[set[str]] = field(default_factory=deque)
    """Requests without an answer, in order; a name that is to be disabled begins with ``-``."""
    _refused: set[str] = field(default_factory=set)

    @property
    def settled(self) -> bool:
        """Whether the server has told what it offers and answered all requests."""
        return self.listed and not self._pending

    def start(self) -> list[Message]:
        """Return the question that begins it."""
        return [Message("CAP", ("LS", str(VALUES)))]

    def receive(self, message: Message) -> list[Message]:
        """Take a CAP message of the server; return further requests."""
        _, subcommand, *more = (*message.params, "", "")[: max(2, len(message.params))]
        words = more.pop().split() if more else []
        match subcommand.upper():
            case "LS":
                self._add(words)
                self.listed = self.listed or not more  # a further parameter, ``*``, says that more lines come
                return self._request(wanted_of(self.available)) if self.listed else []
            case "NEW":
                self._add(words)
                self._refused.clear()
                return self._request(wanted_of(self.available))
            case "DEL":
                self.enabled.difference_update(words)
                for name in words:
                    self.available.pop(name, None)
            case "ACK":
                self._acknowledged(words)
            case "NAK":
                return [*self._retried(words), *self._without_stray_echoes()]
        return self._without_stray_echoes()

    def _add(self, words: Iterable[str]) -> None:
        for name, _, value in (word.partition("=") for word in words):
            if name in self.available or len(self.available) < MOST_AVAILABLE:
                self.available[name] = value

    def _acknowledged(self, words: Iterable[str]) -> None:
        for word in words:
            name = word.lstrip("~=")  # marks of versions before 302
            if name.startswith("-"):
                self.enabled.discard(name[1:])
            else:
                self.enabled.add(name)
            for request in self._pending:
                request.discard(name)
        self._pending = deque(request for request in self._pending if request)

    def _retried(self, words: list[str]) -> list[Message]:
        """Ask for each name of a refused request alone: one of them was at fault."""
        refused = next((request for request in self._pending if request & {*words}), None)
        if refused is None:  # the reply names only the beginning of a long request
            if not self._pending:
                return []
            refused = self._pending[0]
        self._pending.remove(refused)
        if len(refused) == 1:
            self._refused |= refused
            return []
        return [message for name in sorted(refused) for message in self._request([name])]

    def _without_stray_echoes(self) -> list[Message]:
        """Ask for no echoes when there are no labels to know them by (row CAPU-02)."""
        stray = "echo-message" in self.enabled and "labeled-response" not in self.enabled
        return self._request(["-echo-message"]) if stray and self.settled else []

    def _request(self, names: Iterable[str]) -> list[Message]:
        """Request what is neither enabled, nor requested, nor refused, in lines that fit."""
        known = self.enabled.union(self._refused, *self._pending)
        lines = packed((name for name in names if name not in known), _REQUEST_BYTES)
        self._pending.extend(set(line.split(" ")) for line in lines)
        return [Message("CAP", ("REQ", line)) for line in lines]
