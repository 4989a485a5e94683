"""Capability negotiation on both sides, without IO.

Spec: https://ircv3.net/specs/extensions/capability-negotiation
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from soju_actors.irc.cap_table import INFORMATIONAL, WITH_VALUE, in_order, wanted_of
from soju_actors.irc.errors import invalid_cap_command, need_more_params
from soju_actors.irc.lists import packed
from soju_actors.irc.message import Message

VALUES = 302
"""The version from which on a client knows values, several lines, and cap-notify."""
MOST_AVAILABLE = 500
"""Capabilities of a server that are kept; no server has a fifth of it."""
_LINE_BYTES = 510
_LEAST_BYTES = 100
"""A list has at least so many in a line, however long the names of server and client are."""
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
    """The highest that the client has named."""
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
                return self._lines("LIST", in_order(self.enabled), several=self.version >= VALUES)
            case "REQ" if rest:
                return self._request(argument)
            case "END":
                self.open = False
                return []
        raise invalid_cap_command(subcommand)

    def offer(self, caps: Mapping[str, str]) -> list[Message]:
        """Offer capabilities for certain; return CAP NEW for what that changes, if the client wants to know."""
        valued = self.version >= VALUES
        new = [name for name, value in caps.items() if self._is_news(name, value)]
        self.tentative.difference_update(caps)
        self.offered.update(caps)
        return self._notify("NEW", self._with_values(new, valued=valued))

    def withdraw(self, names: Iterable[str]) -> list[Message]:
        """Offer and enable capabilities no more; return CAP DEL for it (row CAPM-04).

        A client that cannot be told goes on as before, with what it has enabled: it would
        misunderstand what it gets otherwise.
        """
        gone = in_order(name for name in names if name in self.offered)
        for name in gone:
            del self.offered[name]
        self.tentative.difference_update(gone)
        notices = self._notify("DEL", gone)
        if self._notifies:
            self.enabled.difference_update(gone)
        return notices

    @property
    def _notifies(self) -> bool:
        """Whether the client hears of changes."""
        return "cap-notify" in self.enabled

    def _is_news(self, name: str, value: str) -> bool:
        """Whether a client can see that a capability is offered with this value from now on."""
        if self.version < VALUES:
            return name not in WITH_VALUE and (name not in self.offered or name in self.tentative)
        return self.offered.get(name) != value

    def _list_offered(self, argument: str) -> list[Message]:
        """Answer as the version of this request asks, and remember the highest one.

        Spec: https://ircv3.net/specs/extensions/capability-negotiation#cap-ls-version
        """
        self.open = True
        version = int(argument[:4]) if argument.isascii() and argument.isdigit() else 0
        self.version = max(self.version, version)
        if self.version >= VALUES:
            self.enabled.add("cap-notify")
        valued = version >= VALUES
        hidden = set() if self._notifies else self.tentative
        names = [name for name in self.offered if name not in hidden and (valued or name not in WITH_VALUE)]
        return self._lines("LS", self._with_values(names, valued=valued), several=valued)

    def _request(self, wanted: str) -> list[Message]:
        """Enable all of the wanted caps or none of them (row CAPM-02)."""
        self.open = True
        names = wanted.lower().split()
        enable = {name for name in names if not name.startswith("-")}
        disable = {name[1:] for name in names if name.startswith("-")}
        known = enable <= self.offered.keys() and disable <= self.offered.keys() | self.enabled
        sticky = INFORMATIONAL | ({"cap-notify"} if self.version >= VALUES else set())
        if not known or enable & INFORMATIONAL or disable & sticky:
            return [self._message("NAK", self._packed("NAK", wanted.split())[0])]
        self.enabled = (self.enabled | enable) - disable
        return [self._message("ACK", line) for line in self._packed("ACK", wanted.split())]

    def _with_values(self, names: Iterable[str], *, valued: bool) -> list[str]:
        values = self.offered
        return [f"{name}={values[name]}" if valued and values[name] else name for name in in_order(names)]

    def _lines(self, subcommand: str, words: Iterable[str], *, several: bool) -> list[Message]:
        """Return the reply, in several lines if need be; a client of 301 takes one, which has the useful caps."""
        lines = self._packed(subcommand, words)
        if not several:
            return [self._message(subcommand, lines[0])]
        *more, last = lines
        return [*(self._message(subcommand, "*", line) for line in more), self._message(subcommand, last)]

    def _notify(self, subcommand: str, words: list[str]) -> list[Message]:
        if not (words and self._notifies):
            return []
        return [self._message(subcommand, line) for line in self._packed(subcommand, words)]

    def _packed(self, subcommand: str, words: Iterable[str]) -> list[str]:
        """Return words in as few lines as they fit, at least one."""
        room = _LINE_BYTES - len(f"{self._message(subcommand, '*', ':')}".encode(errors="surrogateescape"))
        return packed(words, max(room, _LEAST_BYTES)) or [""]

    def _message(self, subcommand: str, *params: str) -> Message:
        return Message("CAP", (self.nick, subcommand, *params), self.server)


def announced(message: Message, name: str) -> str | None:
    """Return the value with which a server's CAP LS or CAP NEW offers a capability; None if it does not."""
    if len(message.params) < 3 or message.params[1].upper() not in ("LS", "NEW"):  # noqa: PLR2004 - client, subcommand
        return None
    words = (word.partition("=") for word in message.params[-1].split())
    return next((value for cap, _, value in words if cap == name), None)


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
