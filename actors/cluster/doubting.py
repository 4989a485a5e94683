"""Moves of which their source does not know whether the other node has them.

If the connection breaks for good when Go is under way, the actors may run there, or nowhere.
When a third node still hears the other one, that is asked by way of it, and what it does not
have comes back: from then on it takes it no more. When nobody hears it, it may have died
together with them, and they are not run a second time.
"""

import logging
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from actors.cluster.group import Done
from actors.cluster.session import Session
from actors.cluster.wire import AskTaken, Ended, Install, Taken
from actors.ref import Ref
from actors.system import Down

if TYPE_CHECKING:
    from actors.cluster.cluster import Cluster
    from actors.kernel import Sender

log = logging.getLogger(__name__)

TAKEN_MOST = 1000
"""So many moves to here are remembered; they are asked about within seconds."""


@dataclass(slots=True)
class Gone:
    """A group that was let go, as long as it is not known to be there."""

    to: str
    session: Session
    install: Install
    """How it is made here again."""
    waits: list[bytes]
    returns: bool
    """Whether it may run here again; not if a lease was given away with it."""
    done: Done

    @property
    def path(self) -> str:
        """Return who is above the others."""
        return self.install.actors[0].path


class Doubts:
    """What one node is asked, and has to ask, about moves that may not have come to their end."""

    def __init__(self, cluster: "Cluster") -> None:
        self._cluster = cluster
        self._gone: dict[int, Gone] = {}
        """By the numbers of the moves."""
        self._taken: deque[tuple[str, int, int]] = deque(maxlen=TAKEN_MOST)
        """Moves to here: from which node, in which session, with which number."""
        self._lost: deque[tuple[str, int]] = deque(maxlen=TAKEN_MOST)
        """Sessions that have ended: with which node, and its number."""
        cluster.for_node[AskTaken] = self._ask_taken
        cluster.for_node[Taken] = self._answered

    # Where they come from.

    def note(self, gone: Gone) -> None:
        """A group was let go."""
        number = gone.install.move
        self._gone[number] = gone

        def delivered() -> None:
            if self._cluster.sessions.get(gone.to) is gone.session:
                self._gone.pop(number, None)
                gone.done("")

        gone.session.when_all_delivered(delivered)

    def _with(self, node: str) -> list[Gone]:
        return [gone for gone in self._gone.values() if gone.to == node]

    def paths(self, node: str) -> list[str]:
        """Return who may be on a node that is lost, or here."""
        return [gone.path for gone in self._with(node)]

    def ask(self, node: str, by_way_of: str) -> bool:
        """Ask a lost node what it has, by way of one that hears it; return whether there is anything to ask."""
        moves: dict[int, list[int]] = {}
        for gone in self._with(node):
            moves.setdefault(gone.session.numbers[0], []).append(gone.install.move)
        for session, numbers in moves.items():
            self._cluster.tell(by_way_of, AskTaken(node, self._cluster.name, session, numbers))
        return bool(moves)

    def give_up(self, node: str) -> list[str]:
        """Nobody can be asked: they have ended with that node; return them."""
        gone = self._with(node)
        for one in gone:
            del self._gone[one.install.move]
            one.done(f"node {node} is lost")
        return [one.path for one in gone]

    def _answered(self, session: Session, _: "Sender", msg: Taken) -> None:
        cluster = self._cluster
        if msg.by != cluster.name:
            cluster.tell(msg.by, msg)
            return
        for gone in self._with(msg.node):
            if gone.install.move in msg.moves and gone.session.numbers[0] == msg.session:
                del self._gone[gone.install.move]
                if gone.install.move in msg.taken:
                    gone.done("")
                else:
                    self._not_there(gone, known=msg.known)
        cluster.losses.look()
        cluster.losses.hears(msg.node, session)

    def _not_there(self, gone: Gone, *, known: bool) -> None:
        """Let a group go on here, or, if it must not, let all who watch it know that it has ended."""
        cluster = self._cluster
        if gone.returns and known:
            log.warning("%s goes on here: node %s does not have it", gone.path, gone.to)
            cluster.moving.arrivals.come_back(gone.install, gone.waits)
            gone.done(f"node {gone.to} has not got it")
            return
        self.has_ended(gone.install, gone.to)
        gone.done(f"node {gone.to} is lost")

    def has_ended(self, install: Install, node: str) -> None:
        """Let all other nodes know that a group has ended on its way to a lost one; this node knows what was there."""
        cluster = self._cluster
        log.warning("%s has ended on its way to node %s", install.actors[0].path, node)
        cluster.tell_all(Ended([install.actors[0].path]))
        for traveller in install.actors:
            for watcher in traveller.watchers:
                if not cluster.is_here(watcher):
                    down = Down(Ref(traveller.path), f"it has ended on its way to node {node}")
                    cluster.kernel.route(down.ref, Ref(watcher), down)

    # Where they go.

    def takes(self, session: Session, number: int) -> None:
        """A group runs here now."""
        self._taken.append((session.peer, session.numbers[1], number))

    def lost(self, session: Session) -> None:
        """A session has ended; it may be asked about."""
        self._lost.append((session.peer, session.numbers[1]))

    def _knows(self, peer: str, number: int) -> bool:
        """Whether a session was with this process, and not with one that has had the same name."""
        session = self._cluster.sessions.get(peer)
        return (session is not None and session.numbers[1] == number) or (peer, number) in self._lost

    def _ask_taken(self, session: Session, _: "Sender", msg: AskTaken) -> None:
        cluster = self._cluster
        if msg.node != cluster.name:
            cluster.tell(msg.node, msg)
            return
        taken = [number for number in msg.moves if (msg.by, msg.session, number) in self._taken]
        for number in set(msg.moves) - set(taken):
            cluster.moving.arrivals.refuse(msg.by, number)
        known = self._knows(msg.by, msg.session)
        cluster.tell(session.peer, Taken(msg.node, msg.by, msg.session, msg.moves, taken, known))
