"""Messages between the registry of a node and whoever knows the other nodes."""

import msgspec

from actors.measure.meter import ActorRow, EdgeRow
from soju_actors.model.records import UserId
from soju_actors.ports.protocols import ToNodes, ToRegistry


class LoadSeen(msgspec.Struct, frozen=True):
    """What a node has said of its load."""

    users: int
    """So many run there."""
    actors: int
    sockets: int
    busy: float
    """The share of the time, 0 to 1, in which the thread of its actors is at work."""
    messages: float
    """Its actors handle so many in a second."""
    at: float = 0.0
    """When this was heard, on the monotonic clock of who has heard it."""
    bytes: float | None = None
    """So many go to other nodes and come from them in a second; None, here and below: it is not known."""
    waiting: int | None = None
    """Messages that wait in mailboxes."""
    memory: int | None = None
    """Bytes that the process has in memory."""


class NodeSeen(msgspec.Struct, frozen=True):
    """A node as it has introduced itself."""

    name: str
    zone: str
    role: str
    capabilities: dict[str, bool | int | float | str | None]
    draining: bool = False
    """It is to be emptied."""
    load: LoadSeen | None = None
    """None: it has said nothing of it yet."""
    apart: str = ""
    """Why it may not act as one of the nodes: no other lets it in, or has answered yet. Each knows it of itself."""


class Answered(msgspec.Struct, frozen=True):
    """What somebody outside has said of where a user is to run."""

    node: str
    at: float
    """When, on the monotonic clock of who has heard it."""


class NodesSeen(msgspec.Struct, ToRegistry, frozen=True, tag="cluster.nodes-seen"):
    """The nodes that are connected with this one, itself among them."""

    nodes: tuple[NodeSeen, ...]
    answers: dict[str, Answered] = {}
    """Where somebody outside says that users are to run, by path."""


class AskPlaces(msgspec.Struct, ToNodes, frozen=True, tag="cluster.ask-places"):
    """Users are free: have the program outside asked where they are to run. Answer: ``PlacesAsked``."""

    paths: tuple[str, ...]


class PlacesAsked(msgspec.Struct, ToRegistry, frozen=True, tag="cluster.places-asked"):
    """The answer, after ``NodesSeen`` with what the program has said; it may have said nothing."""

    paths: tuple[str, ...]


class WantFree(msgspec.Struct, ToRegistry, frozen=True, tag="cluster.want-free"):
    """Alarm: whoever is still free may be claimed by anybody."""


class WatchLeases(msgspec.Struct, ToRegistry, frozen=True, tag="cluster.watch-leases"):
    """Alarm: watch the keeper of leases, which has started again."""


class ConfirmMove(msgspec.Struct, ToRegistry, frozen=True, tag="cluster.confirm-move"):
    """A user's actors are frozen, to go on on another node: give that the lease. Answer: ``MoveConfirmed``."""

    path: str
    node: str
    request: int


class MoveConfirmed(msgspec.Struct, ToNodes, frozen=True, tag="cluster.move-confirmed"):
    """The other node has the lease, or, for the reason, this one still does."""

    request: int
    reason: str = ""


class ActorsLate(msgspec.Struct, ToRegistry, frozen=True, tag="cluster.actors-late"):
    """Alarm: the lease of a user was given to this node, and the user's actors have not come."""

    user_id: UserId


class AskComing(msgspec.Struct, ToNodes, frozen=True, tag="cluster.ask-coming"):
    """Are a user's actors here, or on their way? Answer: ``Coming``."""

    user_id: UserId
    path: str


class Coming(msgspec.Struct, ToRegistry, frozen=True, tag="cluster.coming"):
    """The answer. If they are not, they do not come any more: who let them go has died, or cannot be reached."""

    user_id: UserId
    coming: bool


class ActUntil(msgspec.Struct, ToNodes, frozen=True, tag="cluster.act-until"):
    """No actor of this node's users takes a turn after that time, on the monotonic clock, unless it is put off."""

    time: float
    leases: int = 0
    """So many users it has."""
    ends: float = 0.0
    """When its session ends unless that is renewed, on the same clock."""


class RunCluster(msgspec.Struct, ToNodes, ToRegistry, frozen=True, tag="cluster.run"):
    """Carry out a command about the cluster. The sender gets ``AdminDone``.

    There are ``status``, ``move PATH NODE``, ``drain NODE``, ``undrain NODE``, ``explain PATH``, and
    ``record FILE SECONDS``.
    """

    command: str
    words: tuple[str, ...]
    request: int = 0


class Draining(msgspec.Struct, ToNodes, frozen=True, tag="cluster.draining"):
    """To the other nodes: the sender's is to be emptied, or is not any more."""

    node: str
    on: bool


class MoveUsers(msgspec.Struct, ToNodes, frozen=True, tag="cluster.move-users"):
    """To the node where users run: move them, by path, to these nodes, since the strategy wants that."""

    moves: tuple[tuple[str, str], ...]


class LoadTold(msgspec.Struct, ToNodes, frozen=True, tag="cluster.load-told"):
    """To the other nodes, about once a second: what the sender's has to do."""

    node: str
    load: LoadSeen


class Measure(msgspec.Struct, ToNodes, frozen=True, tag="cluster.measure"):
    """Measure for so many seconds who talks to whom on the receiver's node; ``Measured`` goes to ``node``."""

    node: str
    seconds: float
    request: int


class Measured(msgspec.Struct, ToNodes, frozen=True, tag="cluster.measured"):
    """The answer."""

    request: int
    node: str
    edges: tuple[EdgeRow, ...]
    actors: tuple[ActorRow, ...] = ()


class AskUsers(msgspec.Struct, ToNodes, frozen=True, tag="cluster.ask-users"):
    """Which users run on the receiver's node? ``UsersThere`` goes to the one that is named."""

    node: str
    request: int


class Talk(msgspec.Struct, frozen=True):
    """What a user has to say to connections on a node, and they to it."""

    user: str
    """The path."""
    node: str
    messages: float
    """In a second."""
    servers: bool = False
    """The connections are those to servers, and not to clients."""


class UsersThere(msgspec.Struct, ToNodes, frozen=True, tag="cluster.users-there"):
    """The answer: how much runs there."""

    request: int
    node: str
    actors: int
    users: tuple[str, ...]
    connections: int
    settled: tuple[float, ...] = ()
    """For so many seconds each of the users has run there."""
    leases: int = 0
    """The node has those of so many users."""
    session: float = 0.0
    """Seconds until these end, unless they are renewed; 0: it has no session."""
    handled: tuple[float, ...] = ()
    """So many messages in a second each of the users has had to do; empty: that is not measured."""
    talk: tuple[Talk, ...] = ()
    """What was said on this node, by any users."""
