"""Users that move by themselves, since the strategy wants them elsewhere.

Of the nodes that are connected, the one whose name comes first decides, now and then and on what all have told it at
that moment: so nobody is moved twice, and pairs of nodes can swap. Each node carries out the moves of its own users.
If the one that decides is lost, the next one does; two that both do, in a cluster that is cut, move only what is on
their side.
"""

import logging
from collections import defaultdict
from collections.abc import Mapping

from msgspec.structs import replace

from actors.placement import Group, Limits, Peer, Plan, Side, Spec, Traffic, View, make_plan
from soju_actors.messages.cluster import MoveUsers, UsersThere
from soju_actors.nodes.here import Here
from soju_actors.nodes.roster import Roster
from soju_actors.nodes.surveys import Surveys
from soju_actors.registry.placing import strategy_of
from soju_actors.registry.state import USERS

log = logging.getLogger(__name__)

USER = "soju_actors.user.actor:UserActor"
CONNECTIONS = "connections@"


class Rebalancing:
    """Asks the strategy every so many seconds what is to move."""

    def __init__(  # noqa: PLR0917 - whom it asks, and what is configured
        self, here: Here, roster: Roster, surveys: Surveys, period: float, strategy: str, limits: Limits
    ) -> None:
        self._here = here
        self._roster = roster
        self._surveys = surveys
        self._period = period
        self._strategy = strategy
        self._limits = limits

    def begin(self) -> None:
        """Ask from now on."""
        self._here.later(self._period, self._look)

    def _look(self) -> None:
        self.begin()
        if self._here.name == min(self._roster.known()):
            self._surveys.users(self._plan)

    def _plan(self, there: dict[str, UsersThere]) -> None:
        nodes = self._roster.known()
        silent = sorted(nodes.keys() - there.keys())
        if silent:
            log.info("no user is moved now: of node %s it is not known what runs there", silent[0])
            return
        view = with_groups(self._roster.view(nodes), there)
        users = tuple(group.unit for group in view.groups if not group.spec.sockets)
        self._roster.consult(users, view, lambda: self._decide(self._roster.with_answers(view)))

    def _decide(self, view: View) -> None:
        strategy, chance = strategy_of(self._strategy), self._here.chance()
        self._here.in_thread(lambda: make_plan(strategy, view, self._limits, chance), self._follow)

    def _follow(self, plan: Plan) -> None:
        if plan.failure:
            log.warning("the placement strategy is wrong: %s", plan.failure)
        by_source: dict[str, list[tuple[str, str]]] = {}
        for move in plan.moves:
            log.info("%s is to move from node %s to node %s: %s", move.unit, move.source, move.target, move.why)
            by_source.setdefault(move.source, []).append((move.unit, move.target))
        for node, moves in by_source.items():
            self._here.tell(node, MoveUsers(tuple(moves)))


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
    fixed = (Group(Spec(name, weight=0.0, sockets=True), name.removeprefix(CONNECTIONS)) for name in connections)
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
