"""A registry in a cluster: which users run on its node, and which on others.

All registries know all users. For whom a node acts, the keeper of leases says; which free
users it claims, the placement strategy.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from actors import ChildArrived, ChildGone, ChildLeft, Ref, Turn
from soju_actors.messages.cluster import (
    ActorsLate,
    Answered,
    AskComing,
    AskPlaces,
    Coming,
    ConfirmMove,
    MoveConfirmed,
    NodeSeen,
    NodesSeen,
    PlacesAsked,
    RunCluster,
    WantFree,
)
from soju_actors.messages.leases import GiveUser, LeasesHeld, LeasesLost, LeasesSeen, ReleaseUsers, UserGiven, WantUsers
from soju_actors.messages.registry import AdminDone, ClusterPart, LoginFailedThere, Refresh, StartAgain, UsesNoted
from soju_actors.messages.user import LeaseLapsed, NodesChanged, UserChanged, UserDeleted
from soju_actors.model.lease import Lease
from soju_actors.model.records import User, UserId
from soju_actors.ports.protocols import ToNodes, ToRegistry, ToUser
from soju_actors.registry import admin
from soju_actors.registry.state import NOTHING, Known, RegistryState

log = logging.getLogger(__name__)

NODES: Ref[ToNodes] = Ref("nodes")

LEFT_FREE = 2.0
"""Seconds after which anybody may claim a user whom nobody else has claimed."""

LATE = 3.0
"""Seconds after which the actors of a user should have come whose lease was given to this node."""

Start = Callable[[User, Turn], None]


@dataclass(slots=True)
class Holding:
    """What a registry knows of a cluster."""

    part: ClusterPart
    nodes: dict[str, NodeSeen] = field(default_factory=dict)
    """Those that are connected, by name."""
    answers: dict[str, Answered] = field(default_factory=dict)
    """Where somebody outside says that users are to run, by path."""
    asked: dict[str, bool] = field(default_factory=dict)
    """The paths of free users for whom the program outside is asked; true: it has been."""
    able: frozenset[str] = frozenset()
    """Those that can act for users: they have a session."""
    places: dict[UserId, str] = field(default_factory=dict)
    """The nodes that others' users run on."""
    held: dict[UserId, Lease] = field(default_factory=dict)
    """The users that this node may act for."""
    acting: set[UserId] = field(default_factory=set)
    """Those whose actors are here."""
    ending: set[UserId] = field(default_factory=set)
    """Those whose actors were stopped here and have not ended yet."""
    unknown: set[UserId] = field(default_factory=set)
    """Those that this node may act for, and has not heard of yet."""
    come: set[Ref[Any]] = field(default_factory=set)
    """Actors that have come: what was changed while they were on their way, nobody has told them."""

    @property
    def takes_users(self) -> bool:
        """Whether users may come here: the node is not to be emptied, and some node can have their connections."""
        own = self.nodes.get(self.part.node)
        if own is None or own.draining or own.apart:
            return False
        return any(node.role != "core" for node in self.nodes.values())

    @property
    def apart(self) -> bool:
        """Whether the other nodes do not let this one in: it must act for nobody."""
        own = self.nodes.get(self.part.node)
        return own is not None and bool(own.apart)


def want(state: RegistryState, holding: Holding, turn: Turn, *, anybody: bool = False) -> None:
    """Claim the free users that are to run on this node, or any."""
    if holding.part.leases is None or not state.loaded or not holding.takes_users:
        return
    free = [
        known
        for known in state.users.values()
        if known.user.id not in holding.held and not holding.places.get(known.user.id)
    ]
    if not anybody:
        free = _asked_for(holding, free, turn) if holding.part.asks else free
    wanted = tuple(known.user.id for known in free) if anybody else tuple(_to_be_here(holding, free, turn))
    if wanted:
        turn.send(holding.part.leases, WantUsers(wanted))


def _asked_for(holding: Holding, free: list[Known], turn: Turn) -> list[Known]:
    """Those for whom the program outside has been asked; have it asked for the others, once nodes may take any."""
    if not holding.able:
        return []
    paths = [known.ref.path for known in free]
    new = tuple(path for path in paths if path not in holding.asked)
    holding.asked = {path: holding.asked.get(path, False) for path in paths}
    if new:
        turn.send(NODES, AskPlaces(new))
    return [known for known in free if holding.asked[known.ref.path]]


def places_asked(state: RegistryState, holding: Holding, msg: PlacesAsked, turn: Turn) -> None:
    """Claim the free users for whom the program outside has been asked, and that are to run here."""
    holding.asked |= dict.fromkeys(holding.asked.keys() & set(msg.paths), True)
    want(state, holding, turn)


def _to_be_here(holding: Holding, free: list[Known], turn: Turn) -> Iterator[UserId]:
    from soju_actors.registry.placing import nodes_for, view_of  # noqa: PLC0415 - only in a cluster

    able = {name: node for name, node in holding.nodes.items() if name in holding.able}
    view = view_of(able, turn.now, answers=holding.answers)
    for known, node in nodes_for(free, view, holding.part.strategy):
        if node == holding.part.node:
            yield known.user.id


def nodes_seen(state: RegistryState, holding: Holding, msg: NodesSeen, turn: Turn) -> None:
    """Note which nodes there are, and what they have to do; that alone is no reason to claim anybody.

    Networks of users may wait for a node.
    """
    before, holding.nodes = holding.nodes, {node.name: node for node in msg.nodes}
    if holding.apart:
        for user in tuple(holding.held):
            give_up(state, holding, user, turn)
    said, holding.answers = _named(holding.answers), msg.answers
    if said != _named(msg.answers) or _without_loads(before) != _without_loads(holding.nodes):
        want(state, holding, turn)
        turn.after("free users", LEFT_FREE, WantFree())
        for known in state.users.values():
            if known.user.id in holding.acting:
                turn.send(known.ref, NodesChanged())


def _named(answers: dict[str, Answered]) -> dict[str, str]:
    return {path: answer.node for path, answer in answers.items()}


def _without_loads(nodes: dict[str, NodeSeen]) -> list[NodeSeen]:
    return [replace(node, load=None) for node in nodes.values()]


def give_up(state: RegistryState, holding: Holding, user: UserId, turn: Turn) -> None:
    """Let others act for a user, once its actors have ended."""
    known = state.with_id(user)
    if known is not None and user in holding.acting:
        known.counts = NOTHING
        holding.acting.discard(user)
        holding.ending.add(user)
        stop(known.ref, turn)
    elif user not in holding.ending:
        release(holding, user, turn)


def seen(state: RegistryState, holding: Holding, msg: LeasesSeen, turn: Turn) -> None:
    """Note who acts for whom."""
    holding.places = dict(msg.places) if msg.whole else holding.places | msg.places
    holding.able = frozenset(msg.nodes)
    want(state, holding, turn)
    turn.after("free users", LEFT_FREE, WantFree())


def hold(state: RegistryState, holding: Holding, msg: LeasesHeld, start: Start, turn: Turn) -> None:
    """Act for users: with new actors, unless theirs come, or have come, from another node."""
    for lease in msg.leases:
        holding.held[lease.user_id] = lease
        holding.places.pop(lease.user_id, None)
        known = state.with_id(lease.user_id)
        if known is None:
            holding.unknown.add(lease.user_id)
        elif holding.apart:
            give_up(state, holding, lease.user_id, turn)
        elif may_start(holding, lease.user_id):
            if lease.epoch == lease.claim:
                start(known.user, turn)
            else:
                await_actors(known.user, turn)


def lose(state: RegistryState, holding: Holding, msg: LeasesLost, turn: Turn) -> None:
    """End the actors of users that this node must not act for any more."""
    for lease in msg.leases:
        if holding.held.get(lease.user_id, lease).epoch <= lease.epoch:
            holding.held.pop(lease.user_id, None)
            known = state.with_id(lease.user_id)
            if known is not None and lease.user_id in holding.acting:
                known.counts = NOTHING
                holding.acting.discard(lease.user_id)
                holding.ending.add(lease.user_id)
                turn.send(known.ref, LeaseLapsed())
                stop(known.ref, turn)


def stop(user: Ref[ToUser], turn: Turn) -> None:
    """End a user's actor, if it has not ended by itself, so that the word of it is still on its way."""
    with suppress(ValueError):
        turn.stop(user)


def ended(state: RegistryState, holding: Holding, msg: ChildGone, turn: Turn) -> None:
    """A user's actor has ended: by our word, or by itself since its writes were refused or the node was late."""
    known = _of(state, msg.child)
    if known is None:
        return
    user = known.user
    asked = user.id in holding.ending
    holding.ending.discard(user.id)
    holding.acting.discard(user.id)
    if user.id not in holding.held:
        return
    if holding.apart:
        release(holding, user.id, turn)
    elif not msg.gave_up:
        turn.after(f"start {user.name}", 0.0 if asked else LEFT_FREE, StartAgain(user.name))


def may_start(holding: Holding, user: UserId) -> bool:
    """Whether a user's actors are to run here and do not."""
    runs = user in holding.acting or user in holding.ending
    return user in holding.held and not runs and not holding.apart


def release(holding: Holding, user: UserId, turn: Turn) -> None:
    """A user has gone, and its actors with it."""
    holding.acting.discard(user)
    if holding.held.pop(user, None) is not None and holding.part.leases is not None:
        turn.send(holding.part.leases, ReleaseUsers((user,)))


def tell_others(holding: Holding, msg: Refresh | UsesNoted | LoginFailedThere, turn: Turn) -> None:
    """Let the other registries know that something of the users is stored, or who has failed to log in."""
    for name in holding.nodes:
        if name != holding.part.node:
            turn.send(Ref[ToRegistry](f"registry@{name}"), msg)


# --- moves


def confirm(state: RegistryState, holding: Holding, msg: ConfirmMove, turn: Turn) -> None:
    """Give another node the lease of a user whose actors are frozen."""
    known = next((known for known in state.users.values() if known.ref.path == msg.path), None)
    if known is None or holding.part.leases is None or known.user.id not in holding.held:
        turn.send(NODES, MoveConfirmed(msg.request, f"this node does not act for {msg.path}"))
        return
    turn.send(holding.part.leases, GiveUser(known.user.id, msg.node, msg.request))


def given(holding: Holding, msg: UserGiven, turn: Turn) -> None:
    """Let the actors go, or go on here."""
    if not msg.reason:
        holding.held.pop(msg.user_id, None)
    turn.send(NODES, MoveConfirmed(msg.request, msg.reason))


def await_actors(user: User, turn: Turn) -> None:
    """A lease was given to this node: look later whether the user's actors have come."""
    turn.after(f"late {user.name}", LATE, ActorsLate(user.id))


def late(state: RegistryState, holding: Holding, msg: ActorsLate, turn: Turn) -> None:
    """A user's actors should be here: ask if they are on their way."""
    known = state.with_id(msg.user_id)
    if known is not None and may_start(holding, msg.user_id):
        turn.send(NODES, AskComing(msg.user_id, known.ref.path))


def coming(state: RegistryState, holding: Holding, msg: Coming, start: Start, turn: Turn) -> None:
    """Wait for a user's actors, or have others from what is stored: theirs have died on their way."""
    known = state.with_id(msg.user_id)
    if known is None or not may_start(holding, msg.user_id):
        return
    if msg.coming:
        await_actors(known.user, turn)
    else:
        log.warning("the actors of user %r have not come: others begin from what is stored", known.user.name)
        start(known.user, turn)


def left(state: RegistryState, holding: Holding, msg: ChildLeft) -> None:
    """A user's actors have gone to another node."""
    known = _of(state, msg.child)
    holding.come.discard(msg.child)
    if known is not None:
        holding.acting.discard(known.user.id)
        known.counts = NOTHING


def arrived(state: RegistryState, holding: Holding, msg: ChildArrived) -> None:
    """A user's actors have come from another node."""
    holding.come.add(msg.child)
    known = _of(state, msg.child)
    if known is not None:
        holding.acting.add(known.user.id)


def settle(state: RegistryState, holding: Holding, start: Start, turn: Turn) -> None:
    """All users have been read: act for those that are new here, and not for those that are gone.

    Actors that have come are told what is stored of their users now.
    """
    come, holding.come = holding.come, set()
    for child in come:
        known = _of(state, child)
        if known is None:
            turn.send(child, UserDeleted())
            stop(child, turn)
        else:
            holding.acting.add(known.user.id)
            turn.send(known.ref, UserChanged(known.user))
    unknown, holding.unknown = holding.unknown, set()
    for user_id in unknown & holding.held.keys():
        if state.with_id(user_id) is None:
            release(holding, user_id, turn)
        else:
            hold(state, holding, LeasesHeld((holding.held[user_id],)), start, turn)


def _of(state: RegistryState, child: Ref[Any]) -> Known | None:
    return next((known for known in state.users.values() if known.ref == child), None)


# --- commands


def run(state: RegistryState, msg: RunCluster, turn: Turn) -> None:
    """Pass a command to who knows the nodes, with the path of the user that it names."""
    words = msg.words
    if msg.command in {"move", "explain"}:
        known = state.users.get(words[0])
        if known is None:
            admin.answer(turn, AdminDone(msg.request, error=f"There is no user {words[0]!r}"))
            return
        words = (known.ref.path, *words[1:])
    request = admin.ask(state, turn.sender, msg.request, "cluster")
    turn.send(NODES, RunCluster(msg.command, words, request))
