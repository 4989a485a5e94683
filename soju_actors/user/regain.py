"""The nick that the user wants, when somebody else had it at registration (rows NCK-01 to NCK-05)."""

import msgspec

from actors import Turn
from soju_actors.irc.message import Message
from soju_actors.ports.protocols import ToUser
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
    network.wanted = ""
    turn.cancel(_alarm(network))
    wanted = nick_for(user, network.record)
    if network.is_me(wanted):
        return
    network.wanted = wanted
    if network.isupport.monitor != 0:
        network.send(turn, Message("MONITOR", ("+", wanted)))
    else:
        network.regain_delay = FIRST
        turn.after(_alarm(network), turn.rng.uniform(0, JITTER), RegainNick(network.id))


def attempt(user: UserState, network: NetworkState, turn: Turn) -> None:
    """Ask for the wanted nick; without MONITOR again later."""
    if not (network.up and network.wanted):
        return
    if network.wanted != nick_for(user, network.record):  # the user wants another one now
        stop(network, turn)
        return
    network.regaining = True
    network.send(turn, Message("NICK", (network.wanted,)))
    if network.isupport.monitor == 0:
        turn.after(_alarm(network), network.regain_delay + turn.rng.uniform(0, JITTER), RegainNick(network.id))
        network.regain_delay = min(2 * network.regain_delay, LAST)


def stop(network: NetworkState, turn: Turn) -> None:
    """End the search: the nick is there, or no longer wanted."""
    if network.wanted and network.up and network.isupport.monitor != 0:
        network.send(turn, Message("MONITOR", ("-", network.wanted)))
    network.wanted = ""
    network.regaining = False
    turn.cancel(_alarm(network))


def _alarm(network: NetworkState) -> str:
    return f"regain-{network.id}"
