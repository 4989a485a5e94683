"""The part of the registry that only a node of a cluster needs."""

from abc import abstractmethod

from actors import ChildArrived, ChildLeft, Down, Turn, on
from soju_actors.messages.cluster import (
    ActorsLate,
    Coming,
    ConfirmMove,
    NodesSeen,
    PlacesAsked,
    RunCluster,
    WantFree,
    WatchLeases,
)
from soju_actors.messages.leases import LeasesHeld, LeasesLost, LeasesSeen, UserGiven
from soju_actors.messages.registry import AdminDone, AskCounts, CountsDue, CountsThere, UsesNoted
from soju_actors.model.records import User
from soju_actors.registry import admin, counting, holding, noting
from soju_actors.registry.holding import Holding
from soju_actors.registry.state import RegistryState

KEEPER_AGAIN = 2.0
"""Seconds from the end of the keeper of leases to the next look for it."""


class Clustered:
    """What a registry in a cluster handles; a lone one says that there is no cluster."""

    __slots__ = ()

    state: RegistryState
    holding: Holding | None
    """In a cluster: which users run here."""
    counts: counting.Counts

    @abstractmethod
    def start_actor(self, user: User, turn: Turn) -> None:
        """Start the actor of a user."""

    @abstractmethod
    def load(self, turn: Turn) -> None:
        """Look at the users again."""

    @on(NodesSeen)
    def nodes_seen(self, msg: NodesSeen, turn: Turn) -> None:
        """Note which nodes there are."""
        if self.holding is not None:
            known = self.holding.nodes.keys()
            holding.nodes_seen(self.state, self.holding, msg, turn)
            if not self.holding.nodes.keys() <= known | {self.holding.part.node}:
                self.load(turn)  # nobody has told what was changed while they were apart

    @on(PlacesAsked)
    def places_asked(self, msg: PlacesAsked, turn: Turn) -> None:
        """Claim whom the program outside was asked about."""
        if self.holding is not None:
            holding.places_asked(self.state, self.holding, msg, turn)

    @on(LeasesSeen)
    def leases_seen(self, msg: LeasesSeen, turn: Turn) -> None:
        """Note who acts for whom."""
        if self.holding is not None:
            holding.seen(self.state, self.holding, msg, turn)

    @on(WantFree)
    def want_free(self, msg: WantFree, turn: Turn) -> None:  # noqa: ARG002 - a handler's shape
        """Claim whom nobody wants."""
        if self.holding is not None:
            holding.want(self.state, self.holding, turn, anybody=True)

    @on(Down)
    def down(self, msg: Down, turn: Turn) -> None:
        """End all that acts for users where the keeper of their leases has ended; or tell who waits for a user."""
        if msg.ref.unmarked != "leases":
            admin.has_ended(self.state, msg.ref, turn)
        elif self.holding is not None:
            holding.lose(self.state, self.holding, LeasesLost(tuple(self.holding.held.values())), turn)
            turn.after("leases", KEEPER_AGAIN, WatchLeases())

    @on(WatchLeases)
    def watch_leases(self, msg: WatchLeases, turn: Turn) -> None:  # noqa: ARG002 - a handler's shape
        """Know when the keeper of leases ends."""
        if self.holding is not None and self.holding.part.leases is not None:
            turn.watch(self.holding.part.leases)

    @on(LeasesHeld)
    def leases_held(self, msg: LeasesHeld, turn: Turn) -> None:
        """Act for users."""
        if self.holding is not None:
            holding.hold(self.state, self.holding, msg, self.start_actor, turn)
            if self.holding.unknown:
                self.load(turn)

    @on(LeasesLost)
    def leases_lost(self, msg: LeasesLost, turn: Turn) -> None:
        """Act for users no longer."""
        if self.holding is not None:
            holding.lose(self.state, self.holding, msg, turn)

    @on(ConfirmMove)
    def confirm_move(self, msg: ConfirmMove, turn: Turn) -> None:
        """Give a lease away."""
        if self.holding is not None:
            holding.confirm(self.state, self.holding, msg, turn)

    @on(UserGiven)
    def user_given(self, msg: UserGiven, turn: Turn) -> None:
        """Say whether a lease was given."""
        if self.holding is not None:
            holding.given(self.holding, msg, turn)

    @on(ChildLeft)
    def child_left(self, msg: ChildLeft, turn: Turn) -> None:  # noqa: ARG002 - a handler's shape
        """Note that a user's actors are on another node."""
        if self.holding is not None:
            holding.left(self.state, self.holding, msg)

    @on(ChildArrived)
    def child_arrived(self, msg: ChildArrived, turn: Turn) -> None:
        """Note that a user's actors are here."""
        if self.holding is not None:
            holding.arrived(self.state, self.holding, msg)
            self.load(turn)

    @on(ActorsLate)
    def actors_late(self, msg: ActorsLate, turn: Turn) -> None:
        """Ask where a user's actors are."""
        if self.holding is not None:
            holding.late(self.state, self.holding, msg, turn)

    @on(Coming)
    def coming(self, msg: Coming, turn: Turn) -> None:
        """Wait for a user's actors, or start them."""
        if self.holding is not None:
            holding.coming(self.state, self.holding, msg, self.start_actor, turn)

    @on(UsesNoted)
    def uses_noted(self, msg: UsesNoted, turn: Turn) -> None:  # noqa: ARG002 - a handler's shape
        """Know who was there on another node."""
        noting.uses_noted(self.state, msg.uses)

    @on(AskCounts)
    def ask_counts(self, msg: AskCounts, turn: Turn) -> None:
        """Tell another node what the users of this one have."""
        if self.holding is not None and turn.sender is not None:
            counts = counting.here(self.state, self.holding)
            turn.send(turn.sender, CountsThere(msg.request, self.holding.part.node, counts))

    @on(CountsThere)
    def counts_there(self, msg: CountsThere, turn: Turn) -> None:
        """Take what another node has counted."""
        if self.holding is not None:
            counting.add(self.state, self.holding, self.counts, msg, turn)

    @on(CountsDue)
    def counts_due(self, msg: CountsDue, turn: Turn) -> None:
        """Wait no longer."""
        if self.holding is not None:
            counting.end(self.state, self.holding, self.counts, msg.request, turn)

    @on(RunCluster)
    def run_cluster(self, msg: RunCluster, turn: Turn) -> None:
        """Pass a command about the cluster to who knows the nodes."""
        if self.holding is None:
            admin.answer(turn, AdminDone(msg.request, error="This node is alone: there is no cluster"))
        else:
            holding.run(self.state, msg, turn)
