"""The stages on which dialogs are played: the inline engine, the node engine, a daemon."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from actors import Endpoint
from actors.bases.node import NodeBase
from soju_actors.adapters.database import open_database
from soju_actors.irc.framing import BODY_LIMIT
from soju_actors.irc.message import parse_message
from soju_actors.messages.listener import Entrance
from soju_actors.ports.console import ListeningAt
from tests.support.daemon import Daemon, NetworkFile, UserFile
from tests.support.databases import empty_database
from tests.support.dialog import CLOSED, Stage
from tests.support.fakeserver import FakeServer
from tests.support.world import RECEIPT, InlineClient, Setting, World, login_lines, services_of

PATIENCE = 20.0
"""Real seconds after which a line that should come is taken not to."""
T = TypeVar("T")


class AnyStage(Stage, ABC):
    """What tests do with a stage besides playing dialogs on it."""

    servers: dict[str, FakeServer]

    def attach(self, peer: str, name: str = "", caps: str = "") -> None:
        """Log in and pass over all that follows from it."""
        self.log_in(peer, name, caps)
        self.forget()

    def log_in(self, peer: str, name: str = "", caps: str = "") -> None:
        """Log in as a client of alice's, on the first network if the name does not say; pass over the numerics."""
        for line in login_lines(name or f"alice/{next(iter(self.servers))}@{peer}", caps):
            self.say(peer, line)
        while (line := self.next_line(peer) or CLOSED) and " 422 " not in line and " 376 " not in line:
            if line == CLOSED:
                raise AssertionError(f"{peer} is not let in")

    def listed(self, peer: str, question: str) -> list[str]:
        """Ask ``CAP LS`` or ``CAP LIST``; return the words of the answer."""
        self.say(peer, question)
        return self.words(peer)

    def words(self, peer: str) -> list[str]:
        """Take the answer to ``CAP LS`` or ``CAP LIST``; return its words, of all its lines."""
        words: list[str] = []
        more: list[str] = ["*"]
        while more:
            line = self.next_line(peer)
            assert line is not None, "the list has no end"
            assert len(line) <= BODY_LIMIT - 2
            _, subcommand, *more, text = parse_message(line).params
            assert subcommand in ("LS", "LIST")
            words += text.split()
        return words

    def script(self) -> None:
        """Let the servers do from now on only what the dialog says."""
        self.forget()
        for server in self.servers.values():
            server.obliging = False

    def heard(self, peer: str) -> list[str]:
        """Take all that was said to a peer."""
        lines = list(self.unheard().get(peer, ()))
        for _ in lines:
            self.next_line(peer)
        return lines

    def forget(self) -> None:
        """Pass over what was said and not taken."""
        for peer, lines in self.unheard().items():
            for _ in lines:
                self.next_line(peer)

    def close(self) -> None:
        """End it."""


class InlineStage(AnyStage):
    """The whole bouncer in one thread and virtual time."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.servers = world.servers
        self.clients: dict[str, InlineClient] = {}
        self._ended: set[str] = set()

    def say(self, peer: str, line: str) -> None:
        """Let a peer say a line, or leave."""
        server = self.servers.get(peer)
        if server is not None:
            _say(server, line)
            self.world.run()
        elif line == CLOSED:
            self.clients.pop(peer).close()
        else:
            self._client(peer).send(line)

    def next_line(self, peer: str) -> str | None:
        """Take the next line that the bouncer says to a peer."""
        lines = self._lines(peer)
        return lines.pop(0) if lines else None

    def unheard(self) -> Mapping[str, Sequence[str]]:
        """Return what nobody has taken."""
        return {peer: list(self._lines(peer)) for peer in (*self.servers, *self.clients)}

    def show(self, peer: str, fingerprint: str) -> None:
        """Let a client connect that shows a certificate with this fingerprint."""
        self.clients[peer] = self.world.connect(fingerprint)
        self._ended.discard(peer)

    def _lines(self, peer: str) -> list[str]:
        if peer in self.servers:
            return self.servers[peer].heard
        client = self._client(peer)
        client.collect()
        if client.peer.closed and peer not in self._ended:
            self._ended.add(peer)
            client.lines.append(CLOSED)
        return client.lines

    def _client(self, peer: str) -> InlineClient:
        if peer not in self.clients:
            self.clients[peer] = self.world.connect()
            self._ended.discard(peer)
        return self.clients[peer]


class Connection(asyncio.Protocol):
    """The outside's end of a real connection."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self.closed = False
        self._changed = changed
        self._received = b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport
        self._changed()

    def data_received(self, data: bytes) -> None:
        """Keep what came."""
        self._received += data
        self._changed()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note the end."""
        del exc
        self.closed = True
        self._changed()

    def send(self, data: bytes) -> None:
        """Send bytes."""
        assert self._transport is not None
        self._transport.write(data)

    def take(self) -> bytes:
        """Return what has come since the last look."""
        data, self._received = self._received, b""
        return data

    def close(self) -> None:
        """Close the connection."""
        assert self._transport is not None
        self._transport.close()


class SocketClient:
    """A client of the bouncer, line by line; it answers receipts and leaves them out."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.lines: list[str] = []
        self.pongs: list[str] = []
        """Tokens of the answers to the stage's own PINGs."""
        self.connected = True
        self._rest = ""

    def send(self, line: str) -> None:
        """Send a line."""
        self.connection.send(f"{line}\r\n".encode("utf-8", "surrogateescape"))

    def collect(self) -> None:
        """Take in what has come."""
        *lines, self._rest = (self._rest + self.connection.take().decode("utf-8", "surrogateescape")).split("\r\n")
        for line in lines:
            if line.startswith(RECEIPT):
                self.send(f"PONG {line[5:]}")
            elif " PONG " in line and ROUND in line:
                self.pongs.append(line.rpartition(" ")[2].lstrip(":"))
            else:
                self.lines.append(line)
        if self.connection.closed and self.connected:
            self.connected = False
            self.lines.append(CLOSED)


ROUND = "stage-round-"


class SocketStage(AnyStage):
    """A bouncer behind real sockets, with servers on 127.0.0.1."""

    def __init__(self, setting: Setting, folder: Path) -> None:
        self.loop = asyncio.new_event_loop()
        self.servers = setting.new_servers()
        self.clients: dict[str, SocketClient] = {}
        self._dialed: dict[str, list[Connection]] = {name: [] for name in self.servers}
        self._changed = asyncio.Event()
        self._rounds = 0
        self._listening = [self._run(self._serve(name)) for name in self.servers]
        ports = [server.sockets[0].getsockname()[1] for server in self._listening]
        self.port = self._begin(setting, folder, dict(zip(self.servers, ports, strict=True)))
        first = next(iter(self.servers.values()))
        self._run(self._until(lambda: first.joined.issuperset(setting.channels)))
        self._run(self._until(lambda: all(server.welcomed for server in self.servers.values())))

    @abstractmethod
    def _begin(self, setting: Setting, folder: Path, ports: Mapping[str, int]) -> int:
        """Start the bouncer, given the servers' ports; return its own."""

    def say(self, peer: str, line: str) -> None:
        """Let a peer say a line, or leave."""
        server = self.servers.get(peer)
        if server is not None:
            _say(server, line)
        elif line == CLOSED:
            self.clients.pop(peer).connection.close()
        else:
            self._client(peer).send(line)

    def next_line(self, peer: str) -> str | None:
        """Take the next line that the bouncer says to a peer."""
        lines = self.servers[peer].heard if peer in self.servers else self._client(peer).lines
        try:
            self._run(self._until(lambda: bool(lines)))
        except TimeoutError:
            return None
        return lines.pop(0)

    def unheard(self) -> Mapping[str, Sequence[str]]:
        """Return what nobody has taken, when all peers have been round and nobody had news."""
        heard = -1
        while heard != (heard := sum(len(lines) for lines in self._lines().values())):
            self._run(self._round())
        return self._lines()

    def _lines(self) -> dict[str, list[str]]:
        heard = {name: list(server.heard) for name, server in self.servers.items()}
        return heard | {name: list(client.lines) for name, client in self.clients.items()}

    def close(self) -> None:
        """End the bouncer and the peers."""
        self._end()
        for server in self._listening:
            server.close()
        for client in self.clients.values():
            client.connection.close()
        self._run(self.loop.shutdown_default_executor())
        self.loop.close()

    @abstractmethod
    def _end(self) -> None:
        """End the bouncer."""

    def _client(self, peer: str) -> SocketClient:
        if peer not in self.clients:
            connecting = self.loop.create_connection(lambda: Connection(self._look), "127.0.0.1", self.port)
            _, connection = self._run(connecting)
            self.clients[peer] = SocketClient(connection)
        return self.clients[peer]

    async def _serve(self, name: str) -> asyncio.Server:
        def accept() -> Connection:
            connection = Connection(self._look)
            self._dialed[name].append(connection)
            return connection

        return await self.loop.create_server(accept, "127.0.0.1", 0)

    def _look(self) -> None:
        """Take in what has come, and wake who waits for it."""
        for name, server in self.servers.items():
            server.serve(self._dialed[name])
        for client in self.clients.values():
            client.collect()
        self._changed.set()

    async def _round(self) -> None:
        """Ask everybody in turn: who answers has handled all that was there before."""
        self._rounds += 1
        token = f"{ROUND}{self._rounds}"
        for server in self.servers.values():
            if server.connected:
                server.say(f"PING {token}")
                await self._until(partial(_answered, server, token))
        for client in self.clients.values():
            if client.connected:
                client.send(f"PING {token}")
                await self._until(partial(_answered, client, token))

    async def _until(self, condition: Callable[[], bool]) -> None:
        """Wait for something to be so.

        Raises:
            TimeoutError: it was not in time.
        """
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    def _run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(coroutine)


class Doorman:
    """A console that tells where the bouncer listens: it does some time after its listener has started."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.port: asyncio.Future[int] = loop.create_future()
        self._loop = loop

    def perform(self, job: object) -> None:
        """Note the port."""
        if isinstance(job, ListeningAt):
            self._loop.call_soon_threadsafe(self.port.set_result, int(job.address.rpartition(":")[2]))

    def close(self) -> None:
        """Nothing is held."""


class NodeStage(SocketStage):
    """The engine of the daemon in this process; it runs only while the test waits for it."""

    def _begin(self, setting: Setting, folder: Path, ports: Mapping[str, int]) -> int:
        doorman = Doorman(self.loop)
        (folder / "soju.db").write_bytes(empty_database())
        self._database = open_database("sqlite:///soju.db", folder)
        setting.declare(self._database, {name: f"irc+insecure://127.0.0.1:{port}" for name, port in ports.items()})
        self._base = NodeBase()
        self._base.start(self.loop)
        for name, service in {**services_of(self._database), "console": doorman}.items():
            self._base.attach(name, service)
        for spec in setting.specs(Entrance("clients", Endpoint(host="127.0.0.1", port=0), sts=setting.sts)):
            self._base.spawn(spec)
        return self._run(asyncio.wait_for(doorman.port, PATIENCE))

    def _end(self) -> None:
        self._run(self._base.stop())
        self._database.close()


class DaemonStage(SocketStage):
    """The bouncer as people run it."""

    def _begin(self, setting: Setting, folder: Path, ports: Mapping[str, int]) -> int:
        networks = [
            NetworkFile(
                name,
                f"irc+insecure://127.0.0.1:{port}",
                "alice",
                () if at else setting.channels,
                dict(setting.of_network),
            )
            for at, (name, port) in enumerate(ports.items())
        ]
        self._daemon = Daemon(folder / "bouncer")
        self._run(self._daemon.__aenter__())
        self._run(self._daemon.provision(UserFile("alice", networks, "secret")))
        self._run(self._daemon.start())
        return self._daemon.port

    def _end(self) -> None:
        self._run(self._daemon.__aexit__(None, None, None))


def _answered(peer: FakeServer | SocketClient, token: str) -> bool:
    """Whether a peer has heard the answer to a PING, or never will."""
    return token in peer.pongs or not peer.connected


def _say(server: FakeServer, line: str) -> None:
    """Let a server say a line, or close the connection."""
    if line == CLOSED:
        server.close()
    else:
        server.say(line)
