"""MARKREAD and READ: up to where the user has read (row CMD-26, section 5.16 of the reference).

Spec: https://ircv3.net/specs/extensions/read-marker
"""

from soju_actors.irc.errors import fail
from soju_actors.irc.names import valid_target
from soju_actors.irc.server_time import parse_timestamp
from soju_actors.model.records import Marker, NetworkId
from soju_actors.policy.service import SERVICE_NICK
from soju_actors.ports.database import SaveMarker
from soju_actors.user.call import Call
from soju_actors.user.client.table import CommandTable
from soju_actors.user.markers import marker_message
from soju_actors.user.saving import Pending
from soju_actors.user.state import NetworkState

TABLE = CommandTable()


@TABLE.command("MARKREAD", "READ")
def mark_read(call: Call) -> None:
    """Tell up to where the user has read a target, or move that forward."""
    command = call.message.command
    if not call.params:
        raise fail(command, "NEED_MORE_PARAMS", "Missing parameters")
    target, *rest = call.params
    if not valid_target(target):
        raise fail(command, "INVALID_PARAMS", target, "That is no channel and no nick")
    time = parse_timestamp(rest[0]) if rest else None
    if rest and time is None:
        raise fail(command, "INVALID_PARAMS", rest[0], "That is not timestamp=YYYY-MM-DDThh:mm:ss.sssZ")
    service = target.casefold() == SERVICE_NICK.casefold()
    if not service and call.bound is None:
        raise fail(command, "INTERNAL_ERROR", target, "No network is selected")
    if service or call.bound is None or time is None or not _moves(call, call.bound, target, time):
        call.say(marker_message(call.user.settings.hostname, call.bound, call.client, target))


def _moves(call: Call, network: NetworkState, target: str, time: int) -> bool:
    """Store a marker that moves forward, whoever asked is answered when it is stored; whether it does."""
    time = min(time, int(call.turn.wall * 1000))
    if time <= network.markers.get(target, 0):
        return False
    if target not in network.markers and len(network.markers) >= call.user.settings.max_targets:
        raise fail(call.message.command, "INTERNAL_ERROR", target, "There are read markers of too many targets")
    marker = Marker(NetworkId(network.id), network.fold(target), time)
    call.save(SaveMarker(marker), Pending("marker_saved", call.client.serial, words=(call.message.command, target)))
    return True
