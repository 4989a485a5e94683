"""Users that move by themselves, since the strategy wants them elsewhere.

Of the nodes that are connected, the one whose name comes first decides, now and then and on what all have told it at
that moment: so nobody is moved twice, and pairs of nodes can swap. Each node carries out the moves of its own users.
If the one that decides is lost, the next one does; two that both do, in a cluster that is cut, move only what is on
their side.
"""

import logging
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Protocol

from msgspec.structs import replace

from actors.placement import Group, Limits, Peer, Plan, Side, Spec, Traffic, View, make_plan
from soju_actors.draining import AT_ONCE
from soju_actors.messages.cluster import MoveUsers, NodeSeen, UsersThere
from soju_actors.registry.placing import strategy_of
from soju_actors.registry.state import USERS

log = logging.getLogger(__name__)

USER = "soju_actors.user.actor:UserActor"
CONNECTIONS = "connections@"
Done = Callable[[str], None]


class Balanced(Protocol):
    """The node."""

    name: str

    def known(self) -> dict[str, NodeSeen]:
        """Return the nodes that are connected, this one among them."""

    def view(self, nodes: Mapping[str, NodeSeen]) -> View:
        """Return what is known of them."""

    def survey(self, done: Callable[[dict[str, UsersThere]], None]) -> None:
        """Ask all what runs there."""

    def in_thread(self, call: Callable[[], Any], done: Callable[[Any], None]) -> None:
        """Have something calculated in another thread."""

    def tell(self, node: str, msg: MoveUsers) -> None:
        """Tell a node something."""

    def move_to(self, path: str, node: str, done: Done) -> None:
        """Move a user that runs here."""

    def later(self, delay: float, call: Callable[[], None]) -> None:
        """Call something in so many seconds."""

    def chance(self) -> Any:  # noqa: ANN401 - a Random
        """Return the chance of this node."""


class Rebalancing:
    """Asks the strategy every so many seconds what is to move."""

    def __init__(self, nodes: Balanced, period: float, strategy: str, limits: Limits | None = None) -> None:
        self._nodes = nodes
        self._period = period
        self._strategy = strategy
        self._limits = limits or Limits()

    def begin(self) -> None:
        """Ask from now on."""
        self._nodes.later(self._period, self._look)

    def _look(self) -> None:
        self.begin()
        if self._nodes.name == min(self._nodes.known()):
            self._nodes.survey(self._plan)

    def _plan(self, there: dict[str, UsersThere]) -> None:
        nodes = self._nodes.known()
        silent = sorted(nodes.keys() - there.keys())
        if silent:
            log.info("no user is moved now: of node %s it is not known what runs there", silent[0])
            return
        view = with_groups(self._nodes.view(nodes), there)
        strategy, chance = strategy_of(self._strategy), self._nodes.chance()
        self._nodes.in_thread(lambda: make_plan(strategy, view, self._limits, chance), self._follow)

    def _follow(self, plan: Plan) -> None:
        if plan.failure:
            log.warning("the placement strategy is wrong: %s", plan.failure)
        by_source: dict[str, list[tuple[str, str]]] = {}
        for move in plan.moves:
            log.info("%s is to move from node %s to node %s: %s", move.unit, move.source, move.target, move.why)
            by_source.setdefault(move.source, []).append((move.unit, move.target))
        for node, moves in by_source.items():
            self._nodes.tell(node, MoveUsers(tuple(moves)))


def with_groups(view: View, there: Mapping[str, UsersThere]) -> View:
    """The view with what runs where, and what users have to say to connections.

    A user that two nodes tell of is on its way, and left out. The connections of a node are a group, which stays.
    """
    peers: dict[str, dict[tuple[str, Side], float]] = defaultdict(lambda: defaultdict(float))
    for told in there.values():
        for talk in told.talk:
            if talk.node in view.node:
                peers[talk.user][talk.node, Side.SERVER if talk.servers else Side.CLIENT] += talk.messages
    users = _users(there, peers)
    pairs: dict[tuple[str, str], float] = defaultdict(float)
    for user in users:
        for peer in user.spec.peers:
            pairs[user.spec.path, f"{CONNECTIONS}{peer.node}"] += peer.weight
    connections = sorted({name for _, name in pairs})
    fixed = (Group(Spec(name, sockets=True), name.removeprefix(CONNECTIONS)) for name in connections)
    traffic = tuple(Traffic(*pair, messages=messages) for pair, messages in pairs.items())
    return replace(view, groups=(*users, *fixed), traffic=traffic)


def _users(there: Mapping[str, UsersThere], peers: Mapping[str, Mapping[tuple[str, Side], float]]) -> list[Group]:
    found: dict[str, Group | None] = {}
    for node, told in there.items():
        handled = told.handled or (0.0,) * len(told.users)
        for user, settled, messages in zip(told.users, told.settled, handled, strict=False):
            path = f"{USERS}{user}"
            whom = tuple(Peer(side, at, weight=weight) for (at, side), weight in peers.get(path, {}).items())
            found[path] = None if path in found else Group(Spec(path, USER, peers=whom), node, settled, messages)
    return [group for _, group in sorted(found.items()) if group is not None]


class Carrying:
    """Users of this node that are to move, some at a time; one that cannot is left for the next plan."""

    def __init__(self, nodes: Balanced) -> None:
        self._nodes = nodes
        self._waiting: deque[tuple[str, str]] = deque()
        self._under_way: set[str] = set()

    def add(self, moves: tuple[tuple[str, str], ...]) -> None:
        """Move these too."""
        known = self._under_way | {path for path, _ in self._waiting}
        self._waiting += [move for move in moves if move[0] not in known]
        self._go_on()

    def _go_on(self) -> None:
        while self._waiting and len(self._under_way) < AT_ONCE:
            path, node = self._waiting.popleft()
            self._under_way.add(path)
            self._nodes.move_to(path, node, partial(self._ended, path, node))

    def _ended(self, path: str, node: str, reason: str) -> None:
        self._under_way.discard(path)
        if reason:
            log.info("%s does not move to node %s: %s", path, node, reason)
        self._go_on()
