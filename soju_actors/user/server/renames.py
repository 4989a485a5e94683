"""RENAME: a channel gets another name.

Its history goes on under the new name; what was said before stays where it was said, under
the old one, and the RENAME itself is an event of both.

Spec: https://ircv3.net/specs/extensions/channel-rename
"""

from collections.abc import Iterator

import msgspec

from soju_actors.irc.message import Message
from soju_actors.ports.database import DeleteChannel, SaveChannel
from soju_actors.user.detaching import watch_idle
from soju_actors.user.joining import join_messages
from soju_actors.user.rooms import enter_lines, own_source
from soju_actors.user.said import Said
from soju_actors.user.saving import save
from soju_actors.user.server.table import ServerTable
from soju_actors.user.state import Client, Room

TABLE = ServerTable()
RENAME = "draft/channel-rename"


@TABLE.on("RENAME", params=2)
def rename(said: Said) -> None:
    """Go on with a channel under its new name; who knows no RENAME sees a PART and a JOIN."""
    network, (old, new) = said.network, said.message.params[:2]
    room = network.rooms.get(old)
    if room is None or not network.isupport.is_channel(new):
        said.show()
        return
    hidden, same = network.hides(old), network.fold(old) == network.fold(new)
    store = said.keep if hidden else said.record
    store(old)
    former = room.name
    _move(said, room, new)
    if not same:
        store(new)
    if hidden:
        return
    network.feed.line_if(said.line(), needs=RENAME)
    for client in network.clients:
        if RENAME not in client.caps and not same:
            network.feed.lines_to(client, _moved_lines(said, room, former, client))


def _move(said: Said, room: Room, new: str) -> None:
    network, old = said.network, room.name
    del network.rooms[old]
    room.name = new
    network.rooms[new] = room
    _move_saved(said, old, new)
    watch_idle(network, old, said.turn)
    watch_idle(network, new, said.turn)


def _move_saved(said: Said, old: str, new: str) -> None:
    """Keep the settings of a channel, if it is saved: the new name before the old one goes."""
    saved = said.network.saved.pop(old, None)
    if saved is None or saved.name == new:
        return
    moved = msgspec.structs.replace(saved, name=new)
    said.network.saved[new] = moved
    save(said.user, SaveChannel(moved), said.turn)
    save(said.user, DeleteChannel(saved.network_id, saved.name), said.turn)


def _moved_lines(said: Said, room: Room, old: str, client: Client) -> Iterator[str]:
    network, reason = said.network, said.message.params[2:3]
    yield str(Message("PART", (old, *filter(None, reason)), source=own_source(network)))
    yield from enter_lines(said.user.settings.hostname, network, room, client, said.wall)


def follow(said: Said) -> None:
    """Follow a saved channel that was renamed while the user was away, as a FAIL to a JOIN says."""
    network, (old, new) = said.network, said.message.params[2:4]
    saved = network.saved.get(old)
    if (
        saved is not None
        and old not in network.rooms
        and network.isupport.is_channel(new)
        and network.fold(old) != network.fold(new)
    ):
        _move_saved(said, saved.name, new)
        network.send(said.turn, *join_messages([network.saved[new]]))
