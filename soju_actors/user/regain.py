"""The nick that the user wants, when somebody else had it at registration (rows NCK-01 to NCK-05)."""

import msgspec

from actors import Turn
from soju_actors.irc.message import Message
from soju_actors.policy.monitoring import OWN
from soju_actors.ports.protocols import ToUser
from soju_actors.user import monitoring
from soju_actors.user.identity import nick_for
from soju_actors.user.state import NetworkState, UserState

FIRST = 15.0
LAST = 600.0
"""Seconds between attempts: doubled from the first to the last."""
JITTER = 10.0


class RegainNick(msgspec.Struct, ToUser, frozen=True, tag="user.regain-nick"):
    """Alarm: try for the wanted nick again."""

    network: int


def begin(user: UserState, network: NetworkState, turn: Turn) -> None:
    """Look for the wanted nick to become free, if the server gave another: by MONITOR if it has that, else by trying.

    A rename that the user or the server's services make later is not undone (row NCK-04).
    """
    stop(user, network, turn)
    wanted = nick_for(user, network.record)
    if network.is_me(wanted):
        return
    network.wanted = wanted
    if network.monitor.watch(wanted, OWN) is not None:
        monitoring.touch(user, network)
    by_time(network, turn)


def by_time(network: NetworkState, turn: Turn) -> None:
    """Begin to try for the wanted nick now and then, unless the server is going to say when it is free."""
    network.regain_delay = FIRST
    turn.after(_alarm(network), turn.rng.uniform(0, JITTER), RegainNick(network.id))


def try_again(user: UserState, network: NetworkState, turn: Turn) -> None:
    """Ask for the wanted nick, and again later and later; not where the server says when it is free (row NCK-02)."""
    watched = network.monitor.find(network.wanted)
    if not (network.up and network.wanted) or (watched is not None and watched.asked):
        return
    attempt(user, network, turn)
    if network.wanted:
        turn.after(_alarm(network), network.regain_delay + turn.rng.uniform(0, JITTER), RegainNick(network.id))
        network.regain_delay = min(2 * network.regain_delay, LAST)


def attempt(user: UserState, network: NetworkState, turn: Turn) -> None:
    """Ask for the wanted nick."""
    if not (network.up and network.wanted):
        return
    if network.wanted != nick_for(user, network.record):  # the user wants another one now
        stop(user, network, turn)
        return
    network.regaining = True
    network.send(turn, Message("NICK", (network.wanted,)))


def stop(user: UserState, network: NetworkState, turn: Turn) -> None:
    """End the search: the nick is there, or no longer wanted."""
    if network.wanted and network.monitor.unwatch(network.wanted, OWN):
        monitoring.touch(user, network)
    network.wanted = ""
    network.regaining = False
    turn.cancel(_alarm(network))


def _alarm(network: NetworkState) -> str:
    return f"regain-{network.id}"
