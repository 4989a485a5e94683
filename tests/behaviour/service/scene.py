"""A user actor on a bench, with a client that talks to the service; the test is the database and the registry."""

from collections import deque
from typing import Any

import msgspec

from actors import ActorProtocol, Ref
from actors.testing import Bench, BenchTurn
from soju_actors.irc.message import Message
from soju_actors.messages.downstream import CloseClient, Deliver
from soju_actors.messages.slots import Lines
from soju_actors.messages.user import Attach, ClientSaid, UpstreamSaid, UpstreamUp, UserArgs
from soju_actors.model.records import Channel, Network, NetworkId, User, UserId, UserSettings
from soju_actors.policy.server import ServerSettings
from soju_actors.ports.database import Saved, SettingsLoaded, WriteFailed
from soju_actors.user.actor import UserActor

REGISTRY: Ref[Any] = Ref("registry")
CLIENT: Ref[Any] = Ref("listener/1")
SERVICE = ":BouncerServ!BouncerServ@BouncerServ PRIVMSG alice :"
LIBERA = Network(NetworkId(1), UserId(1), "libera", "ircs://irc.libera.test")


class Scene:
    """Alice and her client; ``turn`` is the last turn, ``jobs`` are what services have not answered."""

    def __init__(
        self,
        *,
        admin: bool = False,
        networks: tuple[Network, ...] = (LIBERA,),
        channels: tuple[Channel, ...] = (),
        bound: str = "libera",
        settings: ServerSettings | None = None,
        **of_user: str | int,
    ) -> None:
        self.jobs: deque[tuple[str, Any]] = deque()
        user = msgspec.structs.replace(User(UserId(1), "alice", admin=admin), **of_user)
        none: Ref[Any] = Ref("none")
        args = UserArgs(user, settings or ServerSettings("bouncer.test"), none, REGISTRY, none)
        self.bench = Bench(UserActor, args, path="user/alice")
        self.turn = self.bench.tell(SettingsLoaded(UserSettings(user, networks, channels, (), {})))
        self.attach(CLIENT, bound)
        self.jobs.clear()  # the name of the client is stored

    def attach(self, ref: Ref[Any], network: str) -> None:
        """Attach a client."""
        attach = Attach("laptop", network, 0, "alice", frozenset(), None, "192.0.2.1:1", secure=True, admin=False)
        self.tell(attach, ref)

    def tell(self, msg: ActorProtocol, sender: Ref[Any] | None = None) -> BenchTurn:
        """Let the actor take a turn."""
        self.turn = self.bench.tell(msg, sender)
        self.jobs.extend((service, job) for service, job in self.turn.performed)
        return self.turn

    def up(self, *channels: str) -> "Scene":
        """Let libera accept the user, who is in these channels then."""
        upstream: Ref[Any] = Ref("user/alice/upstream-1")
        self.tell(UpstreamUp(1, "alice", frozenset(), {}), upstream)
        lines = [":irc.libera.test 001 alice :Welcome", ":irc.libera.test 422 alice :No MOTD"]
        for channel in channels:
            lines += [
                f":alice!a@h JOIN {channel}",
                f":irc.libera.test 353 alice = {channel} :alice bob",
                f":irc.libera.test 366 alice {channel} :End",
            ]
        self.tell(UpstreamSaid(1, tuple(lines)), upstream)
        while self.jobs:  # the casemapping is stored
            self.saved()
        return self

    def say(self, *texts: str) -> list[str]:
        """Say something to the service, in one read; return what it answers at once."""
        messages = [Message("PRIVMSG", ("BouncerServ", text)) for text in texts]
        self.tell(ClientSaid(tuple(messages)), CLIENT)
        return self.answers()

    def saved(self, number: int = 0) -> list[str]:
        """Let the oldest job of the writer be done; return what the service answers."""
        job = self.job("writer")
        self.tell(Saved(job.request, number))
        return self.answers()

    def refused(self, reason: str) -> list[str]:
        """Let the oldest job of the writer fail; return what the service answers."""
        job = self.job("writer")
        self.tell(WriteFailed(reason, transient=False, request=job.request))
        return self.answers()

    def job(self, service: str) -> Any:  # noqa: ANN401 - each service has its own jobs
        """Take the oldest job that a service has been given."""
        given = next(pair for pair in self.jobs if pair[0] == service)
        self.jobs.remove(given)
        return given[1]

    def lines(self, to: Ref[Any] = CLIENT) -> list[str]:
        """Return the lines that a client is shown in the last turn."""
        slots = [slot for ref, msg in self.turn.sent if ref == to and isinstance(msg, Deliver) for slot in msg.slots]
        return [line for slot in slots if isinstance(slot, Lines) for line in slot.lines]

    def answers(self) -> list[str]:
        """Return what the service says to the client in the last turn."""
        return [line.removeprefix(SERVICE) for line in self.lines() if line.startswith(SERVICE)]

    def sent(self, kind: type) -> list[Any]:
        """Return the messages of one kind that were sent in the last turn."""
        return [msg for _, msg in self.turn.sent if isinstance(msg, kind)]

    @property
    def closed(self) -> list[Ref[Any]]:
        """The clients that were closed in the last turn."""
        return [ref for ref, msg in self.turn.sent if isinstance(msg, CloseClient)]

    @property
    def record(self) -> Network:
        """The settings of libera as they are used now."""
        record: Network = self.bench.actor.user.networks[1].record
        return record
