"""Actors that move to another node, with what waits for them and without what they would lose.

    here                                           there
    freeze at the end of a turn, write down
      ── Install ─────────────────────────────────→  make the actors, paused
      ←───────────────────────────── Installed ──
    all that they sent is delivered; confirm
      ── what waits for them, Go ─────────────────→  run
      ←─────────────────────── Moved, to all nodes ──
    all nodes change their way to the actors, as switching has it
      ── Switched ────────────────────────────────→  they may move again
      ←───────────────────────────────── Settled ──
    nothing comes here for them any more

Until Go is sent, anything that goes wrong lets them go on here; from then on they are
there, and the move has come to its end when Go is known to have arrived.
If the connection breaks for good just then, a third node is asked who has them
(:mod:`~actors.cluster.doubting`). A group moves together: an actor and its children, except
those that own links or were placed for themselves, which stay and are its children on
another node then.
"""

from typing import TYPE_CHECKING

from actors.cell import Cell
from actors.cluster.arriving import Arrivals
from actors.cluster.doubting import Doubts
from actors.cluster.group import Done, MoveError
from actors.cluster.held import Held
from actors.cluster.leaving import Departures, States
from actors.cluster.parcel import Parcel
from actors.cluster.session import Session
from actors.cluster.wire import Settled

if TYPE_CHECKING:
    from actors.cluster.cluster import Cluster
    from actors.kernel import Sender

__all__ = ["Done", "MoveError", "Moving", "States"]


class Moving:
    """The moves of one node, away from it and to it."""

    def __init__(self, cluster: "Cluster", states: States) -> None:
        self.doubts = Doubts(cluster)
        self.departures = Departures(cluster, states)
        self.arrivals = Arrivals(cluster, states)
        cluster.for_node[Settled] = self._settled

    def move(self, path: str, node: str, done: Done = lambda _: None) -> None:
        """Begin to move an actor and its group to another node.

        Raises:
            MoveError: it cannot move now, or not there.
        """
        self.departures.move(path, node, done)

    def hold(self, parcel: Parcel) -> bool:
        """Keep what is for an actor that is leaving, or has just come; return whether it is."""
        return self.departures.hold(parcel) or self.arrivals.hold(parcel)

    @property
    def quiet(self) -> bool:
        """Whether nothing has to be held."""
        return self.departures.quiet and self.arrivals.quiet

    @property
    def queues(self) -> list[Held]:
        """Return what waits for those that have come."""
        return [arriving.held for arriving in self.arrivals.groups]

    def arrived(self, path: str) -> Cell | None:
        """Return the cell of an actor that runs here, but is not yet found by the actors of this node."""
        return self.arrivals.arrived(path)

    def unsettled(self, path: str) -> bool:
        """Whether an actor has come, and some node may still send to where it was."""
        return self.arrivals.unsettled(path)

    def changes_place(self, path: str) -> bool:
        """Whether an actor is about to leave, or to run here."""
        return self.departures.leaves(path) or self.arrivals.expects(path)

    def has_left(self, path: str) -> bool:
        """Whether an actor was here lately, so that its messages are sent on wherever they come from."""
        above = path
        while above:
            if above in self.departures.left:
                return True
            above = above.rpartition("/")[0]
        return False

    def gone_to(self, node: str) -> list[str]:
        """Return what has moved to a node from here, as far as some node may not know it, and this one does."""
        unsure = self.doubts.paths(node)
        return [path for path, at in self.departures.left.items() if at == node and path not in unsure]

    def go_on(self) -> None:
        """Look again whether those that leave can: less may be held here than was."""
        self.departures.go_on()

    def lost(self, node: str) -> None:
        """A node is lost, and the other half of its moves."""
        self.departures.lost(node)
        self.arrivals.lost(node)

    def _settled(self, session: Session, _: "Sender", msg: Settled) -> None:
        if self.departures.left.get(msg.path) == session.peer:
            del self.departures.left[msg.path]
