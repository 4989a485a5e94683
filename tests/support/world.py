"""The whole bouncer on the inline engine: servers and clients are played by the test."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from actors import ChildSpec, Endpoint, Ref
from actors.bases.inline import InlineSystem, Peer
from soju_actors.adapters.database import Database, open_database
from soju_actors.messages.listener import Entrance, ListenerArgs
from soju_actors.messages.pacer import PacerArgs
from soju_actors.messages.registry import RegistryArgs
from soju_actors.messages.store import StoreArgs
from soju_actors.model.records import Channel, Network, NetworkId, User, UserId
from soju_actors.policy.downstream import DownstreamSettings
from soju_actors.policy.server import ServerSettings
from soju_actors.ports.database import SaveChannel, SaveNetwork, SaveUser
from soju_actors.ports.passwords import CheckPassword, HashPassword, PasswordChecked, PasswordHashed
from tests.support.fakeserver import FakeServer

HOSTNAME = "bouncer.test"
LISTEN = Endpoint(host="bouncer.test", port=6667)
CONTROL = Endpoint(path="/control.sock")
Delay = Callable[[str, str, Random], float]


class PlainHasher:
    """Checks passwords without the work: a hash is the password behind ``plain:``."""

    def perform(self, job: object) -> PasswordChecked | PasswordHashed | None:
        """Check or make a hash."""
        match job:
            case CheckPassword(password, password_hash, request):
                return PasswordChecked(fits=password_hash == f"plain:{password}", request=request)
            case HashPassword(password, request):
                return PasswordHashed(f"plain:{password}", request)
        return None

    def close(self) -> None:
        """Nothing is held."""


class Quiet:
    """A console that nobody looks at."""

    def perform(self, job: object) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Nothing is held."""


@dataclass
class InlineClient:
    """A client of the bouncer, line by line."""

    peer: Peer
    world: "World"
    lines: list[str] = field(default_factory=list)
    answers_pings: bool = True

    def send(self, *lines: str) -> None:
        """Send lines and let the bouncer do what follows from them."""
        self.peer.send("".join(f"{line}\r\n" for line in lines).encode("utf-8", "surrogateescape"))
        self.world.run()

    def received(self) -> list[str]:
        """Return the lines that have come since the last look, receipts answered and left out."""
        self.collect()
        lines, self.lines = self.lines, []
        return lines

    def collect(self) -> bool:
        """Take in what has come; return whether that included a PING that was answered."""
        text = self.peer.take().decode("utf-8", "surrogateescape")
        pinged = False
        for line in text.split("\r\n"):
            if line.startswith("PING :soju-actors-receipt-"):
                if self.answers_pings:
                    self.peer.send(f"PONG {line[5:]}\r\n".encode())
                    pinged = True
            elif line:
                self.lines.append(line)
        return pinged

    def close(self) -> None:
        """Close the connection."""
        self.peer.close()
        self.world.run()


class World:
    """One bouncer with one user ``alice`` (password ``secret``), and the network ``libera``."""

    def __init__(
        self,
        *,
        channels: tuple[str, ...] = ("#soju",),
        caps: str = "server-time message-tags batch echo-message labeled-response multi-prefix away-notify "
        "account-notify account-tag extended-join chghost setname invite-notify",
        seed: int = 0,
        delay: Delay | None = None,
        ring: int = 1024,
        database: Database | None = None,
        settings: DownstreamSettings | None = None,
    ) -> None:
        self.database = database or open_database("sqlite://", Path("/nonexistent"))
        if database is None:
            self.database.prepare()
            self._declare(channels)
        self.server = FakeServer(caps)
        services = {
            "writer": self.database.writer(),
            "reader": self.database.reader(),
            "checkpointer": self.database.checkpointer(),
            "hasher": PlainHasher(),
            "console": Quiet(),
        }
        self.system = InlineSystem(seed=seed, delay=delay, services=services)
        self.listening = self.system.serve(Endpoint(host="irc.libera.test", port=6667))
        self.clients: list[InlineClient] = []
        self._start(settings or DownstreamSettings(HOSTNAME), ring)
        self.run()

    def _declare(self, channels: tuple[str, ...]) -> None:
        (user,) = self.database.change(SaveUser(User(UserId(0), "alice", "plain:secret", admin=True)))
        record = Network(NetworkId(0), UserId(user), "libera", "irc+insecure://irc.libera.test", nick="alice")
        (network,) = self.database.change(SaveNetwork(record))
        self.database.change(*[SaveChannel(Channel(NetworkId(network), name)) for name in channels])

    def _start(self, settings: DownstreamSettings, ring: int) -> None:
        store, pacer, registry = Ref("store"), Ref("pacer"), Ref("registry")
        entrances = (Entrance("clients", LISTEN), Entrance("control", CONTROL, control=True))
        server = ServerSettings(HOSTNAME, ring=ring)
        for name, behaviour, args in (
            ("store", "soju_actors.store.actor:StoreActor", StoreArgs()),
            ("pacer", "soju_actors.pacer.actor:PacerActor", PacerArgs()),
            ("registry", "soju_actors.registry.actor:RegistryActor", RegistryArgs(store, pacer, server, b"key")),
            ("listener", "soju_actors.listener.actor:ListenerActor", ListenerArgs(registry, entrances, settings)),
        ):
            self.system.spawn(ChildSpec(name, behaviour, args))

    def run(self) -> None:
        """Let everything happen that is due: the bouncer, the server's own answers, receipts."""
        busy = True
        while busy:
            self.system.run()
            busy = self.server.serve(self.listening.accepted)
            for client in self.clients:
                busy |= client.collect()

    def advance(self, seconds: float) -> None:
        """Let virtual time pass."""
        self.system.advance(seconds)
        self.run()

    def connect(self) -> InlineClient:
        """Open a connection to the bouncer."""
        client = InlineClient(self.system.connect(LISTEN), self)
        self.clients.append(client)
        self.run()
        return client

    def attach(self, name: str = "alice/libera@laptop", caps: str = "", *, pings: bool = True) -> InlineClient:
        """Connect and log in; what the welcome says is left to be read."""
        client = self.connect()
        client.answers_pings = pings
        if caps:
            client.send("CAP LS 302", f"CAP REQ :{caps}")
        client.send("PASS secret", "NICK alice", f"USER {name} 0 * :Alice")
        if caps:
            client.send("CAP END")
        return client
