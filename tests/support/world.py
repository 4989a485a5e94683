"""The whole bouncer on the inline engine: servers and clients are played by the test."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from actors import ChildSpec, Endpoint, Ref, Service
from actors.bases.inline import InlineSystem, Peer
from soju_actors.adapters.database import Database
from soju_actors.adapters.database.loading import secret_for_salts
from soju_actors.adapters.passwords import Answer, make_verifier, prove_scram
from soju_actors.irc.sasl.scram import salt_for
from soju_actors.messages.listener import Entrance, ListenerArgs
from soju_actors.messages.pacer import PacerArgs
from soju_actors.messages.registry import RegistryArgs
from soju_actors.messages.store import StoreArgs
from soju_actors.model.records import Channel, Network, NetworkId, User, UserId
from soju_actors.policy.downstream import DownstreamSettings
from soju_actors.policy.server import ServerSettings
from soju_actors.policy.upstream import UpstreamSettings
from soju_actors.ports.database import SaveChannel, SaveNetwork, SaveUser
from soju_actors.ports.passwords import (
    AppPasswordMade,
    CheckPassword,
    HashPassword,
    MakeAppPassword,
    MakeVerifier,
    PasswordChecked,
    PasswordHashed,
    ProveScram,
    VerifierMade,
)
from tests.support.databases import database_in_memory
from tests.support.fakeserver import ISUPPORT, MODERN, FakeServer

HOSTNAME = "bouncer.test"
LISTEN = Endpoint(host=HOSTNAME, port=6667)
CONTROL = Endpoint(path="/control.sock")
DOWNSTREAM = DownstreamSettings(HOSTNAME)
UPSTREAM = UpstreamSettings(rate_burst=1000)
RECEIPT = "PING :soju-actors-receipt-"
Delay = Callable[[str, str, Random], float]
Nodes = Callable[..., Any]
"""Makes what the bouncer runs on, of a seed, delays and services, where that is not one engine."""


class PlainHasher:
    """Checks passwords without the work: a hash is the password behind ``plain:``; verifiers are real."""

    def __init__(self) -> None:
        self._made = 0

    def perform(self, job: object) -> Answer | None:
        """Check or make a hash."""
        match job:
            case CheckPassword(password, password_hash, request):
                return PasswordChecked(fits=password_hash == f"plain:{password}", request=request)
            case HashPassword(password, request, salt, iterations):
                return PasswordHashed(f"plain:{password}", request, _verifier(password, salt, iterations))
            case MakeVerifier(password, salt, iterations, request):
                return VerifierMade(_verifier(password, salt, iterations), request)
            case MakeAppPassword(salt, iterations, request):
                self._made += 1
                password = f"made-up-{self._made}"
                return AppPasswordMade(password, _verifier(password, salt, iterations), request)
            case ProveScram():
                return prove_scram(job)
        return None

    def close(self) -> None:
        """Nothing is held."""


def _verifier(password: str, salt: bytes, iterations: int) -> str:
    return make_verifier(password, salt, iterations) if iterations else ""


class Quiet:
    """A console that nobody looks at."""

    def perform(self, job: object) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Nothing is held."""


@dataclass(frozen=True, slots=True)
class Setting:
    """The bouncer of a test: its user ``alice`` (password ``secret``, an admin), her networks, its limits."""

    channels: tuple[str, ...] = ("#soju",)
    """Those that are saved on the first network."""
    caps: str = MODERN
    """What the servers offer."""
    isupport: str = ISUPPORT
    members: str = "@bob carol"
    networks: tuple[str, ...] = ("libera",)
    users: tuple[User, ...] = ()
    """Further users, without networks."""
    scram: int = 0
    """Iterations of a verifier that alice has for SCRAM; 0: she has none."""
    ring: int = 1024
    settings: DownstreamSettings = DOWNSTREAM
    upstream: UpstreamSettings = UPSTREAM
    server: Mapping[str, Any] = field(default_factory=dict)
    """Further settings of the server."""
    of_network: Mapping[str, Any] = field(default_factory=dict)
    """Further settings of the networks."""
    sts: str = ""
    """What clients are told of TLS."""

    def new_servers(self) -> dict[str, FakeServer]:
        """Return a server for each network."""
        return {
            name: FakeServer(self.caps, self.isupport, self.members, name=f"irc.{name}.test") for name in self.networks
        }

    def declare(self, database: Database, addresses: Mapping[str, str]) -> None:
        """Store users, networks and channels."""
        with database.transaction(write=False) as session:
            scram = _verifier("secret", salt_for(secret_for_salts(session), "alice"), self.scram)
        alice = User(UserId(0), "alice", "plain:secret", admin=True, scram=scram)
        (user, *_) = database.change(SaveUser(alice), *map(SaveUser, self.users))
        for name in self.networks:
            record = Network(NetworkId(0), UserId(user), name, addresses[name], **{"nick": "alice", **self.of_network})
            (network,) = database.change(SaveNetwork(record))
            if name == self.networks[0]:
                database.change(*[SaveChannel(Channel(NetworkId(network), channel)) for channel in self.channels])

    def specs(self, *entrances: Entrance) -> list[ChildSpec]:
        """Return the actors that the bouncer begins with."""
        store, pacer, registry = Ref[Any]("store"), Ref[Any]("pacer"), Ref[Any]("registry")
        server = ServerSettings(HOSTNAME, ring=self.ring, upstream=self.upstream, **self.server)
        return [
            ChildSpec(name, f"soju_actors.{name}.actor:{name.capitalize()}Actor", args)
            for name, args in (
                ("store", StoreArgs()),
                ("pacer", PacerArgs()),
                ("registry", RegistryArgs(store, pacer, server, b"key")),
                ("listener", ListenerArgs(registry, entrances, self.settings)),
            )
        ]


def services_of(database: Database) -> dict[str, Service]:
    """Return all that actors have jobs done by."""
    return {
        "writer": database.writer(),
        "reader": database.reader(),
        "checkpointer": database.checkpointer(),
        "hasher": PlainHasher(),
        "console": Quiet(),
    }


@dataclass(eq=False)
class InlineClient:
    """A client of the bouncer, line by line."""

    peer: Peer
    world: "World"
    lines: list[str] = field(default_factory=list)
    answers_pings: bool = True
    """Receipts are answered; in any case they are left out of the lines."""
    _rest: str = ""

    def send(self, *lines: str) -> None:
        """Send lines and let the bouncer do what follows from them."""
        self.peer.send("".join(f"{line}\r\n" for line in lines).encode("utf-8", "surrogateescape"))
        self.world.run()

    def received(self) -> list[str]:
        """Return the lines that have come since the last look, without receipts."""
        self.collect()
        lines, self.lines = self.lines, []
        return lines

    def collect(self) -> bool:
        """Take in what has come; return whether that included a receipt that was answered."""
        text = self._rest + self.peer.take().decode("utf-8", "surrogateescape")
        *lines, self._rest = text.split("\r\n")
        receipts = [line for line in lines if line.startswith(RECEIPT)]
        self.lines += [line for line in lines if not line.startswith(RECEIPT)]
        if not self.answers_pings or self.peer.closed:
            return False
        for line in receipts:
            self.peer.send(f"PONG {line[5:]}\r\n".encode())
        return bool(receipts)

    def close(self) -> None:
        """Close the connection."""
        self.peer.close()
        self.world.run()


class World:
    """One bouncer, with the servers of its user's networks.

    With a database it is a bouncer that begins again on that. Nothing has to be ended: a
    world that is left is one that was killed.
    """

    def __init__(
        self,
        setting: Setting | None = None,
        *,
        seed: int = 0,
        delay: Delay | None = None,
        database: Database | None = None,
        services: Mapping[str, Service] | None = None,
        nodes: Nodes | None = None,
    ) -> None:
        setting = setting or Setting()
        self.setting = setting
        self.database = database or database_in_memory()
        if database is None:
            addresses = {name: f"irc+insecure://irc.{name}.test" for name in setting.networks}
            setting.declare(self.database, addresses)
        self.servers = setting.new_servers()
        self.server = next(iter(self.servers.values()), FakeServer())
        """The first of them."""
        attached = {**services_of(self.database), **(services or {})}
        make = nodes or InlineSystem
        self.system: Any = make(seed=seed, delay=delay, services=attached)
        """An :class:`InlineSystem`, or several as if they were one."""
        self._dialed = {name: self.system.serve(Endpoint(host=f"irc.{name}.test", port=6667)) for name in self.servers}
        self.clients: list[InlineClient] = []
        entrances = (Entrance("clients", LISTEN, sts=setting.sts), Entrance("control", CONTROL, control=True))
        for spec in setting.specs(*entrances):
            self.system.spawn(spec)
        self.run()

    def run(self) -> None:
        """Let everything happen that is due: the bouncer, the servers' own answers, receipts."""
        busy = True
        while busy:
            self.system.run()
            busy = False
            for name, server in self.servers.items():
                busy |= server.serve(self._dialed[name].accepted)
            for client in self.clients:
                busy |= client.collect()

    def advance(self, seconds: float) -> None:
        """Let virtual time pass."""
        self.system.advance(seconds)
        self.run()

    def say(self, *lines: str) -> None:
        """Let the server say lines, and let the bouncer do what follows from them."""
        self.server.say(*lines)
        self.run()

    def connect(self, fingerprint: str = "", **where: str) -> InlineClient:
        """Open a connection to the bouncer, showing a certificate with this fingerprint."""
        client = InlineClient(self.system.connect(LISTEN, fingerprint=fingerprint, **where), self)
        self.clients.append(client)
        self.run()
        return client

    def attach(
        self, name: str = "alice/libera@laptop", caps: str = "", *, pings: bool = True, **where: str
    ) -> InlineClient:
        """Connect, to a node if that is said, and log in; what the welcome says is left to be read."""
        client = self.connect(**where)
        client.answers_pings = pings
        client.send(*login_lines(name, caps))
        return client


def login_lines(name: str, caps: str = "") -> list[str]:
    """Return what a client says to log in."""
    begin = ["CAP LS 302", f"CAP REQ :{caps}"] if caps else []
    return [*begin, "PASS secret", "NICK alice", f"USER {name} 0 * :Alice", *(["CAP END"] if caps else [])]
