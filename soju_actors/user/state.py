"""What a user actor knows: the user, the networks, what is in them, and the clients."""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from actors import Ref, Turn
from soju_actors.history.hiding import Hidden
from soju_actors.irc.cap_table import ASKS_FOR_HISTORY
from soju_actors.irc.casemap import Casemapping, FoldedDict
from soju_actors.irc.errors import StandardReply
from soju_actors.irc.isupport import Isupport
from soju_actors.irc.message import Message
from soju_actors.irc.metadata import BLOCKED
from soju_actors.irc.modes import ChannelModes
from soju_actors.irc.multiline import Part
from soju_actors.irc.sasl.chunking import ChunkReader
from soju_actors.irc.sasl.server import PlainCredentials
from soju_actors.messages.registry import UserCounts
from soju_actors.messages.upstream import Forward
from soju_actors.messages.user import Attach
from soju_actors.model.entry import Entry
from soju_actors.model.lease import Mandate
from soju_actors.model.records import Channel, Flags, Network, StsPolicy, Target, User
from soju_actors.policy.monitoring import Monitor
from soju_actors.policy.server import ServerSettings
from soju_actors.ports.protocols import ToBuffer, ToDownstream, ToPacer, ToRegistry, ToStore, ToUpstream
from soju_actors.user.feed import Feed, Frame
from soju_actors.user.saving import Pending


class Link(Enum):
    """How a network stands."""

    DOWN = "disconnected"
    TRYING = "connecting"
    UP = "connected"


@dataclass(slots=True)
class Person:
    """Somebody who shares a channel with the user, or the user; None is what nobody has told yet."""

    nick: str
    username: str | None = None
    host: str | None = None
    account: str | None = None
    """``*`` for somebody who is not logged in."""
    realname: str | None = None
    away: bool | None = None
    server: str | None = None
    flags: str | None = None
    """The flags of WHO other than H, G and memberships."""


@dataclass(slots=True)
class Room:
    """A channel that the user is in upstream."""

    name: str
    modes: ChannelModes | None = None
    """None until the server has told them."""
    members: dict[str, str] = field(default_factory=dict)
    """Membership symbols by folded nick."""
    topic: str | None = None
    topic_by: str = ""
    topic_at: str = ""
    created_at: str = ""
    complete: bool = False
    """The server has told all members."""
    asked: bool = False
    """It was asked for the members again."""
    active: float = 0.0
    """When something was last said that keeps it from detaching by itself."""


CLEARED = "*playback"
"""The client name whose cursors tell up to where targets were cleared for playback."""


@dataclass(slots=True)
class Handle:
    """What the dispatcher knows of one channel buffer."""

    key: int
    ref: Ref[ToBuffer]
    target: str
    end: int
    """The number that the next message gets."""
    durable: int
    shown: bool = True
    """Clients get its messages: its channel is not detached, nor about to be shown again."""
    plain: bool = True
    """Nothing but showing them follows from its messages, which is so for nearly all."""
    fresh: list[Entry] = field(default_factory=list)
    """Messages of this turn."""
    redacted: tuple[str, ...] = ()
    """Ids of messages that were redacted in this turn."""
    multiline: bool = False
    """Some of the messages of this turn are of several lines."""

    def obey(self, channel: Channel | None) -> None:
        """Note whether there are rules for its messages."""
        self.plain = self.shown and (channel is None or not channel.detach_after)


@dataclass(slots=True)
class Exchange:
    """What a client says to log in to its server with SASL, as far as it has."""

    mechanism: str
    chunks: ChunkReader


@dataclass(slots=True)
class Multiline:
    """A message of several lines that a server has begun to send."""

    opening: Message
    asker: int
    """The serial of the client whose message it is, where the server's label tells."""
    command: str = ""
    parts: list[Part] = field(default_factory=list)
    size: int = 0


@dataclass(slots=True)
class OpenBatch:
    """A message of several lines that a client has begun to send."""

    name: str
    target: str
    tags: str
    since: float
    frame: Frame | None
    """The answer to the label that it was begun with."""
    command: str = ""
    parts: list[Part] = field(default_factory=list)
    error: StandardReply | None = None
    """What is wrong with it; the rest of it is passed over."""


@dataclass(slots=True)
class Client:
    """A downstream connection as its user actor sees it."""

    serial: int
    ref: Ref[ToDownstream]
    name: str
    nick: str
    caps: frozenset[str]
    network: int
    """The id of the network it is bound to, 0 for none."""
    admin: bool
    remote: str
    since: float
    secure: bool = False
    batch: OpenBatch | None = None
    away: str | None = None
    """The text with which its user went away, None while the user is there."""
    away_at: int = 0
    """Counts when that was, among the clients of its network."""
    realname: str = ""
    """What it takes for the user's realname."""
    subs: frozenset[str] = frozenset()
    """Keys of metadata that it follows."""
    isupport: Mapping[str, str | None] = field(default_factory=dict)
    """What it was told that can be done; clients that were told the same share this."""
    fingerprint: str = ""
    """Of the certificate that it has shown."""
    credential: str = ""
    """What it has logged in with, empty for the user's own password."""
    generation: int = 0
    """Of its login."""
    impostor: bool = False
    """An admin acts as the user (row PRE-03)."""
    exchange: Exchange | None = None
    """Its login to the server, while it says it."""

    @property
    def keeps_cursor(self) -> bool:
        """Whether the bouncer remembers for it what it has read (rows RCP-02, RCP-10)."""
        return ASKS_FOR_HISTORY.isdisjoint(self.caps)


@dataclass(slots=True, eq=False)
class Ask:
    """A command of a client that its server has to answer."""

    number: int
    client: int
    """The serial of the client."""
    message: Message
    kind: str
    since: float
    """When it was sent, or when the last part of its answer came, by the clock of the turns."""
    sent: bool = True
    """It does not wait for its turn in a queue."""
    frame: Frame | None = None
    """The answer with a label that this is a part of, until that part is complete."""


class Origin(NamedTuple):
    """What a label of ours says: whose command it was, and the number of the command."""

    client: int
    number: int


@dataclass(slots=True)
class Asks:
    """Commands that a network's server has not answered yet."""

    numbers: int = 0
    """The number of the last one."""
    labelled: dict[int, Ask] = field(default_factory=dict)
    """Those whose answers have labels, by number."""
    plain: dict[int, Ask] = field(default_factory=dict)
    """All others, by number."""
    queues: dict[str, deque[Ask]] = field(default_factory=dict)
    """Those that are asked one after the other, by queue; the first of each is under way (row RTE-02)."""
    fence: int = 0
    """The number of the last one of which only what follows it tells that it is answered; 0 if that was sent."""
    late: list[Ask] = field(default_factory=list)
    """Those that were given up; their answers may still come."""
    watched: bool = False
    """An alarm is set for the oldest of them."""

    def __bool__(self) -> bool:
        """Whether an answer without a label may be to one of them."""
        return bool(self.plain or self.late)


class Split(NamedTuple):
    """A netsplit or netjoin that is under way."""

    name: str
    """Of the batch as clients see it."""
    serial: int
    """That of the newest client that knows of it."""


@dataclass(slots=True)
class NetworkState:
    """One network: its settings, its connection, and who and what is there."""

    record: Network
    upstream: Ref[ToUpstream]
    feed: Feed
    link: Link = Link.DOWN
    nick: str = ""
    caps: frozenset[str] = frozenset()
    available: dict[str, str] = field(default_factory=dict)
    isupport: Isupport = field(default_factory=Isupport)
    casemapping: Casemapping = Casemapping.RFC1459
    """How names are compared: what the server told, now or the last time."""
    server: str = ""
    modes: str = ""
    """The user's own modes."""
    account: str = ""
    account_before: str = ""
    """That of the last connection, until the server has welcomed the user again."""
    host: str = ""
    """``username@host`` of the user as the server shows it."""
    welcomed: bool = False
    """The first end of the message of the day has been seen, on this connection or the last."""
    away: str | None = None
    """The text with which the server has been told that the user is away; None: that the user is here."""
    aways: int = 0
    """How often a client has gone away or come back."""
    left_away: str = ""
    """With which text a client that has left since went away."""
    wanted: str = ""
    """The nick that somebody else had at registration."""
    regaining: bool = False
    """An attempt to get it is under way."""
    regain_delay: float = 0.0
    since: float = 0.0
    """When the link came to be as it is."""
    retry_at: float | None = None
    """When the next attempt begins; None if there is none to come."""
    error: str = ""
    """Why the last attempt failed."""
    told: str = ""
    """The last error that clients were told."""
    leaving: str = ""
    """The path of its last upstream, which was stopped and has not ended: the next one begins then."""
    placed: int = 0
    """``nodes_seen`` of the user when its upstream was given a node."""
    misplaced: bool = False
    """There was no node as it asks for: it waits until others are there."""
    rooms: FoldedDict[Room] = field(default_factory=FoldedDict)
    people: FoldedDict[Person] = field(default_factory=FoldedDict)
    saved: FoldedDict[Channel] = field(default_factory=FoldedDict)
    handles: FoldedDict[Handle] = field(default_factory=FoldedDict)
    asleep: FoldedDict[Target] = field(default_factory=FoldedDict)
    """Stored targets for which no buffer runs yet."""
    markers: FoldedDict[int] = field(default_factory=FoldedDict)
    """Up to where the user has read targets: times in ms (row RMK-01)."""
    flags: FoldedDict[Flags] = field(default_factory=FoldedDict)
    """What the user has noted of targets, where that is anything (row MET-01)."""
    blocked: Hidden | None = None
    """Whom the user has blocked; None for nobody."""
    spelled: dict[str, Handle] = field(default_factory=dict)
    """Handles by names as servers have written them: the first look-up of the hot path."""
    multilines: dict[str, Multiline] = field(default_factory=dict)
    """Messages of several lines that the server is sending, by the names of their batches."""
    cleared: dict[str, int] = field(default_factory=dict)
    """The numbers up to which targets, as they are stored, were cleared for playback."""
    names: set[str] = field(default_factory=set)
    """Client names that have ever been attached (row RCP-06)."""
    clients: list[Client] = field(default_factory=list)
    monitor: Monitor = field(default_factory=Monitor)
    asks: Asks = field(default_factory=Asks)
    logins: dict[int, PlainCredentials] = field(default_factory=dict)
    """Of clients, that the server has not judged yet, by the number of their command."""
    unverified: tuple[str, str] = ("", "")
    """Name and password of an account that a client has made, and that is to be verified."""
    batches: dict[str, Origin | None] = field(default_factory=dict)
    """Open batches of the server, with what the label of the outermost one says."""
    splits: dict[str, Split] = field(default_factory=dict)
    """Those of the open batches that clients are shown."""
    uncommitted: int = 0
    """Messages that are not durable yet."""
    owed: int = 0
    """Batches of the upstream whose credit is held back until they are."""
    tokens: Mapping[str, str | None] = field(default_factory=dict)
    """What its clients were last told that can be done."""
    announced: dict[str, str] | None = None
    """What clients that follow the networks know of this one; None while nobody does."""

    @property
    def id(self) -> int:
        """The network's id."""
        return self.record.id

    @property
    def up(self) -> bool:
        """Whether the server has accepted the user."""
        return self.link is Link.UP

    def is_me(self, nick: str) -> bool:
        """Whether this is the user's own nick."""
        return nick == self.nick or self.casemapping.fold(nick) == self.casemapping.fold(self.nick)

    def fold(self, name: str) -> str:
        """Return a name as the network compares it."""
        return self.casemapping.fold(name)

    def hides(self, channel: str) -> bool:
        """Whether clients are not shown what happens in a channel (row DET-01)."""
        handle = self.handles.get(channel)
        if handle is not None:
            return not handle.shown
        saved = self.saved.get(channel)
        return saved is not None and saved.detached

    def blocked_for(self, client: Client) -> Hidden | None:
        """Return whose messages a client is not shown (row MET-03); None if it is shown all."""
        return None if BLOCKED in client.subs else self.blocked

    def stored_name(self, target: str) -> str:
        """Return the name under which a target's history is stored."""
        handle = self.handles.get(target)
        if handle is not None:
            return handle.target
        stored = self.asleep.get(target)
        return stored.name if stored is not None else self.fold(target)

    def stored_end(self, target: str) -> int:
        """Return the number that a target's next message gets."""
        known = self.handles.get(target) or self.asleep.get(target)
        return 0 if known is None else known.end

    def stored_targets(self) -> Iterator[tuple[str, int]]:
        """Yield the names under which history is stored, with the numbers that their next messages get."""
        for handle in self.handles.values():
            yield handle.target, handle.end
        for target in self.asleep.values():
            yield target.name, target.end

    def send(self, turn: Turn, *messages: Message) -> None:
        """Send the server messages of the bouncer's own."""
        turn.send(self.upstream, Forward(messages))

    def with_serial(self, serial: int) -> Client | None:
        """Return the client with this number, unless it has left."""
        return next((client for client in self.clients if client.serial == serial), None)


@dataclass(slots=True)
class Survey:
    """Clients that are asked for their lag, and who wants to know it."""

    whom: Pending
    serials: tuple[int, ...]
    detailed: bool = False
    """All about each of them is told."""
    lags: dict[int, float] = field(default_factory=dict)
    """Seconds by serial, of those that have answered."""


@dataclass(slots=True)
class UserState:
    """One user."""

    record: User
    settings: ServerSettings
    store: Ref[ToStore]
    registry: Ref[ToRegistry]
    pacer: Ref[ToPacer]
    mandate: Mandate | None = None
    lobby: Feed = field(default_factory=Feed)
    """For clients that are bound to no network."""
    tokens: Mapping[str, str | None] = field(default_factory=dict)
    """What these were last told that can be done."""
    networks: dict[int, NetworkState] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)
    """By path of the downstream actor."""
    handles: dict[int, tuple[NetworkState, Handle]] = field(default_factory=dict)
    """By key."""
    pending: dict[int, Pending] = field(default_factory=dict)
    """What waits for an answer of a service or of the registry, by request."""
    waiting: dict[str, Attach] = field(default_factory=dict)
    """Clients, by path, whose network is being added."""
    surveys: dict[int, Survey] = field(default_factory=dict)
    """Lists of clients on their way, by request."""
    nonce: int = 0
    """What tokens of confirmation are made with; 0 while none was."""
    requests: int = 0
    serials: int = 0
    nodes_seen: int = 0
    """How often other nodes were there than before."""
    touched: list[Handle] = field(default_factory=list)
    """Handles with messages of this turn."""
    unsynced: set[int] = field(default_factory=set)
    """Networks whose servers are to be told at the end of this turn what is monitored."""
    sts: dict[str, StsPolicy] = field(default_factory=dict)
    """By host: those that are to be connected to by TLS alone."""
    problem: str = ""
    """Why history cannot be stored now."""
    frame: Frame | None = None
    """The answer to a label of which what is shown now is a part."""

    def network_of(self, client: Client) -> NetworkState | None:
        """Return the network that a client is bound to."""
        return self.networks.get(client.network) if client.network else None

    def feed_of(self, client: Client) -> Feed:
        """Return where what a client gets is put in order."""
        network = self.network_of(client)
        return network.feed if network is not None else self.lobby

    def with_serial(self, serial: int) -> Client | None:
        """Return the client with this number, unless it has left."""
        return next((client for client in self.clients.values() if client.serial == serial), None)

    def find_network(self, name: str) -> NetworkState | None:
        """Return the network with this name or address (row USR-02)."""
        return next((n for n in self.networks.values() if name in (n.record.name, n.record.addr)), None)

    def unbound(self) -> Iterator[Client]:
        """Yield the clients that are bound to no network."""
        return (client for client in self.clients.values() if not client.network)

    def new_request(self) -> int:
        """Return a number for the next question to a service."""
        self.requests += 1
        return self.requests


def counts_of(user: UserState) -> UserCounts:
    """Return what the user has, for the admins (row SVC-24)."""
    networks = user.networks.values()
    return UserCounts(
        clients=len(user.clients),
        networks=len(networks),
        connected=sum(network.up for network in networks),
        channels=sum(len(network.saved) for network in networks),
    )
