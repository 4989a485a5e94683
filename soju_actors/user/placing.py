"""Upstreams come to be where their networks ask for, on nodes that come and go."""

from typing import Any

from actors import Ref, Turn
from soju_actors.messages.user import UpstreamDown
from soju_actors.user.connecting import down
from soju_actors.user.networks import place_again, start
from soju_actors.user.state import NetworkState, UserState


def misplaced(user: UserState, network: NetworkState, msg: UpstreamDown, turn: Turn) -> None:
    """The node of an upstream is not what its network asks for: wait for another, unless that has come meanwhile."""
    if not network.upstream.path:
        return
    if network.placed != user.nodes_seen:
        place_again(network, turn)
        return
    network.misplaced = True
    down(user, network, msg, turn)


def nodes_changed(user: UserState, turn: Turn) -> None:
    """Try again what waits for a node."""
    user.nodes_seen += 1
    for network in user.networks.values():
        if network.misplaced and network.upstream.path:
            place_again(network, turn)


def restarted(user: UserState, child: Ref[Any], turn: Turn) -> bool:
    """Stop a child that was to end, and has been started again since its node was lost; return whether it is one."""
    if _left_by(user, child) is None:
        return False
    turn.stop(child)
    return True


def gone(user: UserState, child: Ref[Any], turn: Turn) -> bool:
    """Begin with the next upstream of a network whose last one was to end, and has; return whether it was one."""
    network = _left_by(user, child)
    if network is None:
        return False
    network.leaving = ""
    start(user, network, turn)
    return True


def _left_by(user: UserState, child: Ref[Any]) -> NetworkState | None:
    return next((network for network in user.networks.values() if network.leaving == child.path), None)
