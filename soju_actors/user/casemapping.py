"""A server tells how it compares names: everything is keyed anew (row MSC-02)."""

from actors import Turn
from soju_actors.irc.casemap import Casemapping
from soju_actors.user import metadata, monitoring
from soju_actors.user.saving import change_now
from soju_actors.user.state import NetworkState, UserState


def change(user: UserState, network: NetworkState, new: Casemapping, turn: Turn) -> None:
    """Compare the names of a network in this way from now on, and remember it for the next start."""
    if network.record.casemapping != new:
        change_now(user, network, turn, casemapping=str(new))
    if network.casemapping is new:
        return
    network.casemapping = new
    network.spelled.clear()
    for named in (network.rooms, network.people, network.saved, network.handles, network.asleep):
        named.rekey(new)
    for target, time in network.markers.rekey(new):
        network.markers[target] = max(time, network.markers[target])
    metadata.rekey(network)
    network.monitor.rekey(new)
    monitoring.touch(user, network)
    for room in network.rooms.values():
        room.members = {new.fold(nick): symbols for nick, symbols in room.members.items()}
