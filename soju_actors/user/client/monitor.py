"""MONITOR: who is online (row CMD-23).

Spec: https://ircv3.net/specs/extensions/monitor
"""

from soju_actors.irc.errors import unknown_command
from soju_actors.irc.monitor import monitor_full, monitor_replies, parse_monitor
from soju_actors.irc.names import valid_nick
from soju_actors.irc.numerics import Numeric
from soju_actors.policy.monitoring import MOST, Watched
from soju_actors.user.call import Call
from soju_actors.user.client.table import CommandTable
from soju_actors.user.monitoring import full_lines, leave, touch, watch
from soju_actors.user.state import NetworkState

TABLE = CommandTable()


@TABLE.command("MONITOR")
def monitor(call: Call) -> None:
    """Change or tell what this client monitors; its list is kept while the server is away.

    Where the server has no MONITOR, or has never been there to say so, it is an unknown command.
    """
    network = call.bound
    if network is None or network.isupport.monitor == 0:
        raise unknown_command("MONITOR")
    action, targets = parse_monitor(call.params)
    match action:
        case "+":
            _add(call, network, targets)
        case "-":
            _remove(call, network, targets)
        case "C":
            leave(call.user, network, call.client)
        case "L":
            _list(call, network)
        case "S":
            _tell(call, network.monitor.of(call.client.serial))


def _add(call: Call, network: NetworkState, nicks: tuple[str, ...]) -> None:
    """Monitor nicks; what is known of them is told at once, the rest when the server has told it."""
    known, full, left = network.monitor, [], []
    new: list[Watched] = []
    for nick in filter(valid_nick, nicks):
        if known.counts.get(call.client.serial, 0) >= MOST:
            full.append(nick)
            continue
        watched = watch(network, call.client, nick)
        if watched is not None:
            new.append(watched)
            if watched.told:
                left.append(nick)
    touch(call.user, network)
    _tell(call, new)
    call.lines(full_lines(call.user, network, call.client, left))
    call.lines(map(str, monitor_full(call.user.settings.hostname, call.client.nick, str(MOST), full)))


def _remove(call: Call, network: NetworkState, nicks: tuple[str, ...]) -> None:
    for nick in nicks:
        if network.monitor.unwatch(nick, call.client.serial):
            touch(call.user, network)


def _list(call: Call, network: NetworkState) -> None:
    serial = call.client.serial
    _reply(call, Numeric.RPL_MONLIST, [watched.watchers[serial] for watched in network.monitor.of(serial)])
    call.reply(Numeric.RPL_ENDOFMONLIST, "End of MONITOR list")


def _tell(call: Call, watched: list[Watched]) -> None:
    """Tell who is online and who is not, of those where that is known."""
    _reply(call, Numeric.RPL_MONONLINE, [one.seen for one in watched if one.seen])
    gone = [one.watchers[call.client.serial] for one in watched if one.seen == ""]
    _reply(call, Numeric.RPL_MONOFFLINE, gone)


def _reply(call: Call, numeric: Numeric, targets: list[str]) -> None:
    call.lines(map(str, monitor_replies(numeric, call.user.settings.hostname, call.client.nick, targets)))
