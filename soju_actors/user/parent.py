"""The part of a user actor that is about its children, and the nodes that they are on."""

from abc import abstractmethod

from actors import ChildGone, ChildRestarted, Ref, Turn, on
from soju_actors.messages.user import NodesChanged
from soju_actors.user import connecting, placing
from soju_actors.user.networks import reconnect
from soju_actors.user.state import UserState


class Parent:
    """What a user actor does when upstreams and buffers end, and when nodes come and go."""

    __slots__ = ()

    user: UserState

    @abstractmethod
    def _deliver(self, turn: Turn) -> None:
        """Show the clients what this turn has for them."""

    @on(ChildRestarted)
    def child_restarted(self, msg: ChildRestarted, turn: Turn) -> None:
        """Note that an upstream has failed: it begins with the settings of its start, and is given those of now."""
        if placing.restarted(self.user, msg.child, turn):
            return
        network = connecting.failed(self.user, msg.child.path, turn)
        if network is not None:
            self._deliver(turn)
            reconnect(self.user, network, turn)

    @on(ChildGone)
    def child_gone(self, msg: ChildGone, turn: Turn) -> None:
        """Go on where an upstream was to end; do the same as above where one will not be back.

        Raises:
            RuntimeError: a buffer has failed. What it had not stored is lost with it and its
                numbers are in use here, so this actor begins anew, from what is stored.
        """
        if placing.gone(self.user, msg.child, turn) or not msg.gave_up:
            return
        network = connecting.failed(self.user, msg.child.path, turn)
        if network is None:
            raise RuntimeError(f"{msg.child.path} has failed: {msg.reason}")
        network.upstream = Ref("")
        self._deliver(turn)

    @on(NodesChanged)
    def nodes_changed(self, msg: NodesChanged, turn: Turn) -> None:  # noqa: ARG002 - a handler's shape
        """Connect what has waited for a node."""
        placing.nodes_changed(self.user, turn)
