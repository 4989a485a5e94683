"""Channels that stay joined but are not followed (section 5.6 of the reference)."""

import msgspec

from actors import Turn
from soju_actors.model.records import Channel
from soju_actors.ports.database import SaveChannel
from soju_actors.user.rooms import enter_lines, own_source
from soju_actors.user.saving import save
from soju_actors.user.state import NetworkState, UserState


def detach_channel(user: UserState, network: NetworkState, channel: Channel, turn: Turn) -> None:
    """Stop following a channel: clients see a PART with the reason Detach (row DET-01)."""
    joined = channel.name in network.rooms and not channel.detached
    channel = msgspec.structs.replace(channel, detached=True)
    _note(network, channel)
    save(user, SaveChannel(channel), turn)
    if joined:
        network.feed.line(f":{own_source(network)} PART {channel.name} :Detach")


def attach_channel(user: UserState, network: NetworkState, channel: Channel, turn: Turn) -> None:
    """Follow a channel again: clients see that they are in it (row DET-08)."""
    channel = msgspec.structs.replace(channel, detached=False)
    _note(network, channel)
    save(user, SaveChannel(channel), turn)
    room = network.rooms.get(channel.name)
    if room is not None and room.complete:
        for client in network.clients:
            lines = enter_lines(user.settings.hostname, network, room, client, turn.wall)
            network.feed.lines_to(client, lines)


def _note(network: NetworkState, channel: Channel) -> None:
    network.saved[channel.name] = channel
    handle = network.handles.get(channel.name)
    if handle is not None:
        handle.shown = not channel.detached
