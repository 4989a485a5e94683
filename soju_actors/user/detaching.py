"""Channels that stay joined but are not followed (section 5.6 of the reference).

While a channel is detached its messages are stored and nobody is sent anything of its
buffer: no tickets, no pages, and no cursor moves. When it is shown again each client gets
what it has missed, behind the JOIN, from the place where it was held back.
"""

import msgspec

from actors import Turn
from soju_actors.messages.buffer import Hold
from soju_actors.model.records import Channel
from soju_actors.ports.database import SaveChannel
from soju_actors.ports.protocols import ToUser
from soju_actors.user.recording import awake, catch_up
from soju_actors.user.rooms import enter_lines, own_source
from soju_actors.user.saving import save
from soju_actors.user.state import NetworkState, Room, UserState

SOON = 1e-3
"""Seconds that do not count."""


class DetachIdle(msgspec.Struct, ToUser, frozen=True, tag="user.detach-idle"):
    """Alarm: a channel detaches, unless something was said there meanwhile (row DET-05)."""

    network: int
    channel: str


def detach_channel(user: UserState, network: NetworkState, channel: Channel, turn: Turn) -> None:
    """Stop following a channel: clients see a PART with the reason Detach (row DET-01)."""
    _save(user, network, msgspec.structs.replace(channel, detached=True), turn)


def attach_channel(
    user: UserState, network: NetworkState, channel: Channel, turn: Turn, *, live: int | None = None
) -> None:
    """Follow a channel again: clients see that they are in it, and what they have missed (row DET-08).

    ``live`` is the number of the first message that is not missed, the next one if it is not given.
    """
    _save(user, network, msgspec.structs.replace(channel, detached=False), turn, live=live)


def use_channel(
    user: UserState, network: NetworkState, channel: Channel, turn: Turn, *, live: int | None = None
) -> None:
    """Use settings of a channel that are stored, or will be: detach or attach it if they say so."""
    before = network.saved.get(channel.name)
    detached = before is not None and before.detached
    if detached and not channel.detached and channel.name in network.asleep:
        awake(user, network, channel.name, turn)  # somebody may have missed something before this start
    network.saved[channel.name] = channel
    handle = network.handles.get(channel.name)
    room = network.rooms.get(channel.name)
    if channel.detached and not detached:
        if handle is not None and handle.shown:
            handle.shown = False
            turn.send(handle.ref, Hold(handle.end))
        if room is not None:
            network.feed.line(f":{own_source(network)} PART {room.name} :Detach")
    elif detached and not channel.detached and room is not None and room.complete:
        show_room(user, network, room, turn, live=live)
    if handle is not None:
        handle.obey(channel)
    if channel != before:
        watch_idle(network, channel.name, turn)


def show_room(user: UserState, network: NetworkState, room: Room, turn: Turn, *, live: int | None = None) -> None:
    """Show all clients that they are in a channel, and what they were not shown of it before.

    That may be later than the channel was attached: when all members are known (row DET-10).
    """
    for client in network.clients:
        network.feed.lines_to(client, enter_lines(user.settings.hostname, network, room, client, turn.wall))
    handle = network.handles.get(room.name)
    if handle is None or handle.shown:
        return
    handle.shown = True
    handle.obey(network.saved.get(room.name))
    for client in network.clients:
        catch_up(network, client, handle, handle.end if live is None else live, turn)


def watch_idle(network: NetworkState, channel: str, turn: Turn) -> None:
    """Begin to wait for silence in a channel, if that detaches it (rows DET-05, DET-06)."""
    saved, room = network.saved.get(channel), network.rooms.get(channel)
    if saved is None or room is None or saved.detached or not saved.detach_after:
        turn.cancel(_alarm(network, channel))
        return
    room.active = turn.now
    turn.after(_alarm(network, channel), saved.detach_after, DetachIdle(network.id, channel))


def detach_if_idle(user: UserState, network: NetworkState, channel: str, turn: Turn) -> None:
    """Detach a channel in which nothing that counts was said for long enough; or wait for the rest of that time."""
    saved, room = network.saved.get(channel), network.rooms.get(channel)
    if saved is None or room is None or saved.detached or not saved.detach_after or not network.up:
        return
    left = room.active + saved.detach_after - turn.now
    if left > SOON:
        turn.after(_alarm(network, channel), left, DetachIdle(network.id, channel))
    else:
        detach_channel(user, network, saved, turn)


def _save(user: UserState, network: NetworkState, channel: Channel, turn: Turn, *, live: int | None = None) -> None:
    use_channel(user, network, channel, turn, live=live)
    save(user, SaveChannel(channel), turn)


def _alarm(network: NetworkState, channel: str) -> str:
    return f"detach-{network.id}-{network.fold(channel)}"
