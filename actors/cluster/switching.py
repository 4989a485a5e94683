"""Order, where the way to an actor changes.

What was sent to an actor on its old way may still be under way when its new place is
known. So what is sent then waits: a :class:`~actors.cluster.wire.Flush` goes the old way, behind all
that went before, and when it has come to where the actor is, what has waited takes the
new way. An actor does not move again until all nodes have changed their way to it, so
there are never more ways than two.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from actors.cluster.held import Held
from actors.cluster.parcel import Parcel
from actors.cluster.wire import Flush, Flushed
from actors.ref import Ref

if TYPE_CHECKING:
    from actors.cluster.cluster import Cluster


@dataclass(slots=True)
class Switch:
    """A way that is changing."""

    number: int
    over: str
    """The node over which the old way leads."""
    sent: int
    """The number of the last envelope that went the old way."""
    then: Callable[[], None]
    held: Held = field(default_factory=Held)


class Switching:
    """The ways of one node that are changing."""

    def __init__(self, cluster: "Cluster") -> None:
        self._cluster = cluster
        self._switches: dict[str, Switch] = {}
        """By the path of the actor; what is for those below it waits, too."""

    def begin(self, path: str, over: str, then: Callable[[], None] = lambda: None) -> None:
        """The way to an actor led over a node so far, and is another now; call when it is in use."""
        cluster = self._cluster
        session = cluster.sessions.get(over)
        if path in self._switches or session is None:
            then()
            return
        number = next(cluster.numbers)
        cluster.send(session, None, Ref(path), Flush(cluster.name, number))
        self._switches[path] = Switch(number, over, session.given, then)

    def hold(self, parcel: Parcel) -> bool:
        """Keep a message that has to wait for its way; return whether it has to."""
        above = parcel.to.path if self._switches else ""
        while above:
            switch = self._switches.get(above)
            if switch is not None:
                if parcel.began is not None and parcel.origin is not None and parcel.origin.session.peer == switch.over:
                    return False  # it was on the old way, which is broken, before all that is held
                switch.held.keep(parcel, self._cluster.kernel)
                return True
            above = above.rpartition("/")[0]
        return False

    @property
    def quiet(self) -> bool:
        """Whether no way is changing."""
        return not self._switches

    @property
    def queues(self) -> Iterable[Held]:
        """Return all that waits."""
        return [switch.held for switch in self._switches.values()]

    def flushed(self, msg: Flushed) -> None:
        """All that went the old way has arrived."""
        switch = self._switches.get(msg.path)
        if switch is not None and switch.number == msg.number:
            session = self._cluster.sessions.get(switch.over)
            if session is not None:
                session.is_known(msg.path, switch.sent)
            self.end([self._switches.pop(msg.path)])

    def over(self, node: str) -> list[Switch]:
        """A node is lost: return the ways that led over it, which :meth:`end` is to end."""
        found = [path for path, switch in self._switches.items() if switch.over == node]
        return [self._switches.pop(path) for path in found]

    def to(self, node: str) -> list[Switch]:
        """Return, likewise, the ways that were to lead there: whoever would have answered is lost, too."""
        find = self._cluster.whereabouts.find
        return [self._switches.pop(path) for path in list(self._switches) if find(path) == node]

    def end(self, switches: list[Switch]) -> None:
        """Let what has waited take the new ways."""
        for switch in switches:
            self._cluster.redo_all(switch.held)
            switch.then()
        if switches:
            self._cluster.moving.go_on()
