"""Nodes that are lost.

What a lost node ran has ended, but what it let go just before runs on another node, and
that may not be known here yet. So nobody is told of an end, and what is for its actors
waits, until every other node has lost it too: by then each has said what has come to it
from there, or still hears it, so that only the connection from here is broken. What was
sent to the lost node and may not have been delivered goes to those that are elsewhere
now; they know what has reached them by where its travel began.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from actors.clock import Timer
from actors.cluster.held import Held
from actors.cluster.parcel import Parcel
from actors.cluster.session import Session, Unsure
from actors.cluster.whereabouts import node_of
from actors.cluster.wire import NODE, Hears, Lost
from actors.turn import DROP, Undelivered

if TYPE_CHECKING:
    from actors.cluster.cluster import Cluster
    from actors.kernel import Sender

WAIT_MOST = 12
"""Beats for which the others are waited for."""
FORMER = "{} as it was"
"""The place of what ran on a node that has begun anew; no node has such a name."""


@dataclass(slots=True)
class Loss:
    """A node that is lost, as long as others may not know it."""

    waiting: set[str]
    """Nodes that have said nothing of it."""
    incarnation: int
    timer: Timer | None = None
    held: Held = field(default_factory=Held)
    """What is for actors that were there."""


class Losses:
    """The nodes that one node has lost."""

    def __init__(self, cluster: "Cluster") -> None:
        self.count = 0
        """So many have begun."""
        self._cluster = cluster
        self._losses: dict[str, Loss] = {}
        self._said: dict[str, set[str]] = {}
        """Who has lost a node that is not lost here."""
        self._asked: dict[str, dict[str, float]] = {}
        """Who wants to know whether a node that is not lost here is heard, and since when."""
        cluster.for_node[Lost] = self._lost
        cluster.for_node[Hears] = self._hears

    def begin(self, session: Session) -> None:
        """A session is lost: send what was under way to where it has to go, and wait for the others."""
        cluster, peer = self._cluster, session.peer
        self.count += 1
        cluster.moving.doubts.lost(session)
        waiting = set(cluster.sessions) - self._said.pop(peer, set())
        self._asked.pop(peer, None)
        loss = self._losses[peer] = Loss(waiting, session.incarnation)
        cluster.tell_all(Lost(peer, cluster.moving.gone_to(peer), session.incarnation))
        switches = cluster.switching.over(peer)
        for unsure in session.lose():
            self._redo(session, unsure)
        cluster.switching.end(switches)
        session.release()
        cluster.moving.lost(peer)
        for other in list(self._losses):
            self.heard_of(other, peer)
        if peer in self._losses and loss.waiting:
            loss.timer = cluster.kernel.clock.later(WAIT_MOST * cluster.heartbeat, self.conclude, peer)
        else:
            self.conclude(peer)

    def _redo(self, session: Session, unsure: Unsure) -> None:
        """Send what may not have been delivered to where its actor is, if that is not with the lost node."""
        to, sender, msg, wanted_back, began = unsure.envelope
        if to == NODE:
            return
        undelivered = Undelivered.RETURN if wanted_back else DROP
        began = began or (self._cluster.name, session.numbers[0], unsure.number)
        parcel = Parcel(sender, to, msg, undelivered, unsure.origin, began)
        if self._cluster.is_here(to.path):
            self._cluster.arrive(parcel)
        else:
            self._cluster.redo(parcel)

    def hold(self, parcel: Parcel) -> bool:
        """Keep a message for an actor of a lost node that may be elsewhere; return whether it is one."""
        path = parcel.to.path
        loss = self._losses.get(self._cluster.whereabouts.find(path) or "") if self._losses else None
        if loss is None or node_of(path):
            return False
        loss.held.keep(parcel, self._cluster.kernel)
        return True

    @property
    def queues(self) -> Iterable[Held]:
        """Return all that waits."""
        return [loss.held for loss in self._losses.values()]

    @property
    def open(self) -> bool:
        """Whether it is unsure what has become of the actors of some node."""
        return bool(self._losses)

    def look(self) -> None:
        """It was said where some actors are: what waits for them goes there."""
        for loss in self._losses.values():
            self._cluster.redo_all(loss.held.take())

    # What other nodes say.

    def _lost(self, session: Session, _: "Sender", msg: Lost) -> None:
        cluster, node = self._cluster, msg.node
        now = cluster.sessions.get(node)
        is_another = now is not None and now.incarnation != msg.incarnation
        place = FORMER.format(node) if is_another else node
        for path in msg.had:
            if cluster.whereabouts.find(path) == session.peer:
                cluster.whereabouts.is_at(path, place, cluster.whereabouts.number(path))
        if is_another:
            self._end(place)
        if node in cluster.sessions:
            if not is_another:
                self._said.setdefault(node, set()).add(session.peer)
            self._asked.setdefault(node, {})[session.peer] = cluster.kernel.clock.now()
        elif node in self._losses:
            self.heard_of(node, session.peer)
        elif node != cluster.name:
            self._end(node)

    def answer(self) -> None:
        """Tell those that have lost a node if it is still heard here."""
        for node, asked in list(self._asked.items()):
            session = self._cluster.sessions.get(node)
            for peer, since in list(asked.items()):
                if session is not None and session.heard > since:
                    self._cluster.tell(peer, Hears(node))
                    self._said.get(node, set()).discard(peer)
                    del asked[peer]

    def _hears(self, session: Session, _: "Sender", msg: Hears) -> None:
        if not self._cluster.moving.doubts.ask(msg.node, session.peer):
            self.hears(msg.node, session)

    def hears(self, node: str, by: Session) -> None:
        """Only the connection from here is broken: the other node has back what it has sent to there over here."""
        loss = self._losses.get(node)
        if loss is not None:
            for parcel in loss.held.take():
                if parcel.origin is None or parcel.origin.session is not by:
                    loss.held.keep(parcel, self._cluster.kernel)
                else:
                    sender, to, msg, undelivered, origin, _ = parcel
                    self._cluster.send(by, sender, to, msg, undelivered, origin, parcel.first_travel)
            self.heard_of(node, by.peer)

    def heard_of(self, node: str, by: str) -> None:
        """A node has said all that it knows of a lost one."""
        loss = self._losses.get(node)
        if loss is not None:
            loss.waiting.discard(by)
            if not loss.waiting:
                self.conclude(node)

    # The end.

    def conclude(self, node: str) -> None:
        """What is not known to be elsewhere has ended with its node."""
        loss = self._losses.pop(node, None)
        if loss is None:
            return
        if loss.timer is not None:
            loss.timer.cancel()
        if ended := self._cluster.moving.doubts.give_up(node):
            self._cluster.tell_all(Lost(node, ended, loss.incarnation))
        self._end(node)
        self._cluster.redo_all(loss.held)
        self._cluster.moving.go_on()

    def _end(self, node: str) -> None:
        cluster = self._cluster
        children, guests = cluster.family.bound_to(node)
        watched = cluster.watches.on(node)
        switches = cluster.switching.to(node)
        cluster.whereabouts.is_lost(node)
        cluster.switching.end(switches)
        told = f"node {node} is lost"
        cluster.watches.lost(watched, told)
        cluster.family.lost(children, guests, told)
