"""The listener actor."""

import logging
from collections import Counter

from actors import (
    Accepted,
    Actor,
    ChildGone,
    ChildSpec,
    Closed,
    Link,
    Listening,
    OpenFailed,
    Ref,
    Restart,
    Turn,
    on,
)
from soju_actors.messages.control import ControlArgs
from soju_actors.messages.downstream import DownstreamArgs
from soju_actors.messages.listener import Entrance, ListenAgain, ListenerArgs, LoggedIn, Reload
from soju_actors.ports.console import ListenFailed, ListeningAt
from soju_actors.ports.protocols import ToListener

log = logging.getLogger(__name__)

MAILBOX = 1_000_000
"""Messages that may wait for a client's actor: as many pages as it has buffers, whatever their number."""
AGAIN = 5.0
"""Seconds after which listening is tried again where it failed."""


class ListenerActor(Actor[ToListener]):
    """Listens everywhere the configuration says, and makes an actor of each connection.

    It counts connections, by address and before login, and turns away what is too much.
    """

    __slots__ = ("addresses", "args", "connections", "entrances", "failed", "links", "settings", "strangers")

    def __init__(self, args: ListenerArgs) -> None:
        self.args = args
        self.settings = args.settings
        self.entrances: dict[Link, Entrance] = {}
        self.links: dict[str, Link] = {}
        """By the entrance's name."""
        self.failed: set[str] = set()
        """Names of entrances where listening has failed since the start."""
        self.connections = 0
        self.addresses: dict[str, str] = {}
        """The address of each connection, by path."""
        self.strangers: set[str] = set()
        """Connections that have not logged in."""

    def started(self, turn: Turn) -> None:
        """Listen."""
        for entrance in self.args.entrances:
            self._open(entrance, turn)

    @on(Reload)
    def reload(self, msg: Reload, turn: Turn) -> None:
        """Listen where the configuration says now."""
        self.settings = msg.settings
        wanted = {entrance.name: entrance for entrance in msg.entrances}
        for name, link in list(self.links.items()):
            if wanted.get(name) != self.entrances[link]:
                log.info("no longer listening on %s", name)
                turn.close(link)
                del self.entrances[link], self.links[name]
        for name in self.failed - wanted.keys():
            turn.cancel(f"listen {name}")
        for name, entrance in wanted.items():
            if name not in self.links:
                turn.cancel(f"listen {name}")
                self._open(entrance, turn)

    @on(Listening)
    def listening(self, msg: Listening, turn: Turn) -> None:
        """Tell the operator."""
        entrance = self.entrances.get(msg.link)
        if entrance is not None:
            log.info("listening on %s (%s)", entrance.name, msg.address)
            turn.perform("console", ListeningAt(entrance.name, msg.address))

    @on(OpenFailed)
    def open_failed(self, msg: OpenFailed, turn: Turn) -> None:
        """Tell the operator that nobody can come in here."""
        entrance = self.entrances.pop(msg.link, None)
        if entrance is not None:
            del self.links[entrance.name]
            log.error("cannot listen on %s: %s", entrance.name, msg.reason)
            turn.perform("console", ListenFailed(entrance.name, msg.reason))
            self.failed.add(entrance.name)
            turn.after(f"listen {entrance.name}", AGAIN, ListenAgain(entrance))

    @on(ListenAgain)
    def listen_again(self, msg: ListenAgain, turn: Turn) -> None:
        """Try again, unless somebody has in the meantime."""
        if msg.entrance.name not in self.links:
            self._open(msg.entrance, turn)

    @on(Closed)
    def closed(self, msg: Closed, turn: Turn) -> None:
        """Listen again where listening has ended by itself."""
        entrance = self.entrances.pop(msg.link, None)
        if entrance is not None:
            log.error("listening on %s ended: %s", entrance.name, msg.reason)
            self._open(entrance, turn)

    @on(Accepted)
    def accepted(self, msg: Accepted, turn: Turn) -> None:
        """Make an actor of a connection, unless there are too many."""
        entrance = self.entrances.get(msg.listener)
        address = _address(msg.remote)
        if entrance is None:
            turn.abort(msg.link)
            return
        reason = "" if entrance.control else self._too_many(address)
        if reason:
            turn.write(msg.link, f"ERROR :{reason}\r\n".encode())
            turn.close(msg.link)
            return
        self.connections += 1
        name = str(self.connections)
        if entrance.control:
            args = ControlArgs(registry=self.args.registry, link=msg.link)
            spec = ChildSpec(name, "soju_actors.control.actor:ControlActor", args, Restart.TEMPORARY)
        else:
            client = DownstreamArgs(
                registry=self.args.registry,
                listener=turn.me,
                link=msg.link,
                remote=msg.remote,
                secure=entrance.endpoint.tls is not None or bool(entrance.endpoint.path),
                settings=self.settings,
                fingerprint=msg.peer_fingerprint,
                sts=entrance.sts,
            )
            spec = ChildSpec(
                name, "soju_actors.downstream.actor:DownstreamActor", client, Restart.TEMPORARY, mailbox=MAILBOX
            )
        child: Ref[ToListener] = turn.spawn(spec)
        turn.give(msg.link, child)
        if not entrance.control:
            self.addresses[child.path] = address
            self.strangers.add(child.path)

    @on(LoggedIn)
    def logged_in(self, msg: LoggedIn, turn: Turn) -> None:  # noqa: ARG002 - a handler's shape
        """Count one stranger less."""
        if turn.sender is not None:
            self.strangers.discard(turn.sender.path)

    @on(ChildGone)
    def child_gone(self, msg: ChildGone, turn: Turn) -> None:  # noqa: ARG002 - a handler's shape
        """Forget a connection."""
        self.addresses.pop(msg.child.path, None)
        self.strangers.discard(msg.child.path)

    def _open(self, entrance: Entrance, turn: Turn) -> None:
        link = turn.listen(entrance.endpoint)
        self.entrances[link] = entrance
        self.links[entrance.name] = link

    def _too_many(self, address: str) -> str:
        """Return why one more connection is too many, or nothing."""
        if len(self.strangers) >= self.settings.connections_before_login:
            return "Too many connections are logging in, try again later"
        most = self.settings.connections_per_address
        if len(self.addresses) >= most and Counter(self.addresses.values())[address] >= most:
            return f"There are {most} connections from your address already"
        return ""


def _address(remote: str) -> str:
    """Return the host of ``host:port``; connections over a Unix socket are one host."""
    return remote.rpartition(":")[0]
