"""Senders whom the user has blocked: who is shown what they say (rows MET-03, RCP-11).

All of it is stored. Clients that follow the key ``soju.im/blocked`` are shown it all the same: they hide it by
themselves.
"""

from soju_actors.history.hiding import Hidden
from soju_actors.irc.metadata import BLOCKED
from soju_actors.user.said import Said
from soju_actors.user.state import NetworkState


def note_blocked(network: NetworkState) -> None:
    """Note who is blocked now."""
    nicks = frozenset(network.fold(name) for name, flags in network.flags.items() if flags.blocked)
    network.blocked = Hidden(nicks, network.casemapping) if nicks else None


def is_blocked(network: NetworkState, nick: str) -> bool:
    """Whether what somebody else says is hidden from some clients."""
    return network.blocked is not None and network.blocked.hides(nick) and not network.is_me(nick)


def record_blocked(said: Said, target: str) -> None:
    """Store what a blocked sender says."""
    said.record_blocked(target, frozenset(c.serial for c in said.network.clients if BLOCKED not in c.subs))


def show_blocked(said: Said, needs: str = "") -> None:
    """Show what is not stored of a blocked sender to the clients that hide it by themselves."""
    for client in said.network.clients:
        if BLOCKED in client.subs and (not needs or needs in client.caps):
            said.network.feed.line_to(client, said.line())
