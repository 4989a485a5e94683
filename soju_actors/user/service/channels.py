"""Commands about channels (rows SVC-07 to SVC-10, DET-02 to DET-07)."""

from collections.abc import Mapping
from typing import Any

import msgspec

from actors import Turn
from soju_actors.irc.errors import ReplyError
from soju_actors.irc.message import Message
from soju_actors.irc.names import check_channel
from soju_actors.model.records import Channel, Filter, NetworkId
from soju_actors.ports.database import DeleteChannel, SaveChannel, Saved, WriteFailed
from soju_actors.service.commands import Given
from soju_actors.service.errors import CommandError
from soju_actors.service.replies import aligned
from soju_actors.service.values import format_duration
from soju_actors.user.detaching import use_channel
from soju_actors.user.joining import join_messages
from soju_actors.user.saving import Pending, continuation
from soju_actors.user.service.errand import Errand, Handler, answer, channel_under_way, network_and_name
from soju_actors.user.state import NetworkState, UserState

MOST_LISTED = 500
"""Channels in one answer."""
FILTERS = {"relay-detached": "relay_detached", "reattach-on": "reattach_on", "detach-on": "detach_on"}
"""Fields of a channel by the flags that set them."""


def status(errand: Errand, given: Given) -> None:
    """Tell how one channel stands, or those of a network, or all."""
    if given.params:
        network, name = network_and_name(errand, given)
        if name not in network.saved and name not in network.rooms:
            raise CommandError(f"you have no channel {name!r} on {network.record.name}")
        errand.say(f"{name} on {network.record.name}: {_state(network, name)}")
        return
    where = given.text("network")
    one = errand.network(where) if where else errand.bound
    rows = []
    for network in [one] if one else errand.user.networks.values():
        names = [*network.saved, *(room for room in network.rooms if room not in network.saved)]
        ending = "" if one else f"/{network.record.name}"
        rows += [(f"{name}{ending}", _state(network, name)) for name in names]
    errand.say(*aligned(rows[:MOST_LISTED]))
    if len(rows) > MOST_LISTED:
        errand.say(f"... and {len(rows) - MOST_LISTED} more; name one to see it")
    if not rows:
        errand.say("There are no channels")


def create(errand: Errand, given: Given) -> None:
    """Save a channel; it is joined when that is stored."""
    network, name = network_and_name(errand, given)
    try:
        check_channel(name, network.isupport)
    except ReplyError as error:
        raise CommandError(f"{name!r}: {error.params[-1]}") from None
    if errand.channel(network, name) is not None:
        raise CommandError(f"{name} is there already: use channel update")
    most = errand.user.settings.max_channels
    if len(network.saved) >= most:
        raise CommandError(f"you may save {most} channels of a network, no more")
    channel = _changed(Channel(NetworkId(network.id), name), given)
    errand.save(SaveChannel(channel), "channel_created", channel=channel)


def update(errand: Errand, given: Given) -> None:
    """Change what is done with a channel."""
    network, name = network_and_name(errand, given)
    channel = errand.channel(network, name)
    if channel is None:
        raise CommandError(f"you have no channel {name!r} on {network.record.name}")
    channel = _changed(channel, given)
    errand.save(SaveChannel(channel), "channel_updated", channel=channel)


def delete(errand: Errand, given: Given) -> None:
    """Leave a channel and forget it."""
    network, name = network_and_name(errand, given)
    channel = errand.channel(network, name)
    if channel is None and name not in network.rooms:
        raise CommandError(f"you have no channel {name!r} on {network.record.name}")
    channel = channel or Channel(NetworkId(network.id), name)
    errand.save(DeleteChannel(channel.network_id, channel.name), "channel_deleted", channel=channel)


HANDLERS: Mapping[str, Handler] = {
    "channel status": status,
    "channel create": create,
    "channel update": update,
    "channel delete": delete,
}


@continuation
def channel_created(user: UserState, pending: Pending, done: Saved | WriteFailed, turn: Turn) -> None:
    """Join a channel that has been saved."""
    found = _settled(user, pending, done, turn)
    if found is None:
        return
    network, channel = found
    use_channel(user, network, channel, turn)
    if channel.name in network.rooms:
        text = f"{channel.name} is saved"
    elif network.up:
        network.send(turn, *join_messages([channel]))
        text = f"{channel.name} is saved, joining it"
    else:
        text = f"{channel.name} is saved, and will be joined when {network.record.name} is connected"
    answer(user, pending, turn, (text,))


@continuation
def channel_updated(user: UserState, pending: Pending, done: Saved | WriteFailed, turn: Turn) -> None:
    """Use new settings of a channel; follow it, or follow it no longer."""
    found = _settled(user, pending, done, turn)
    if found is None:
        return
    network, channel = found
    use_channel(user, network, channel, turn)
    answer(user, pending, turn, (f"{channel.name} was updated",))


@continuation
def channel_deleted(user: UserState, pending: Pending, done: Saved | WriteFailed, turn: Turn) -> None:
    """Leave a channel that is saved no longer."""
    found = _settled(user, pending, done, turn)
    if found is None:
        return
    network, channel = found
    network.saved.pop(channel.name, None)
    if network.up and channel.name in network.rooms:
        network.send(turn, Message("PART", (channel.name,)))
    answer(user, pending, turn, (f"{channel.name} is forgotten",))


def _settled(
    user: UserState, pending: Pending, done: Saved | WriteFailed, turn: Turn
) -> tuple[NetworkState, Channel] | None:
    """Return the network and its channel when a change is stored; tell why it is not, or is of no use.

    If a later change is on its way, the channel is as that one will have it, so that
    what is stored because of this one does not undo it.
    """
    channel = pending.channel
    if channel is None or isinstance(done, WriteFailed):
        answer(user, pending, turn, error=getattr(done, "reason", "internal error"))
        return None
    network = user.networks.get(channel.network_id)
    if network is None:
        answer(user, pending, turn, error="the network was deleted meanwhile")
        return None
    return network, channel_under_way(user, network, channel.name) or channel


def _changed(channel: Channel, given: Given) -> Channel:
    changes: dict[str, Any] = {field: Filter(text) for flag, field in FILTERS.items() if (text := given.text(flag))}
    if (detached := given.boolean("detached")) is not None:
        changes["detached"] = detached
    if (seconds := given.duration("detach-after")) is not None:
        changes["detach_after"] = seconds
    return msgspec.structs.replace(channel, **changes)


def _state(network: NetworkState, name: str) -> str:
    saved = network.saved.get(name)
    parts = ["disconnected" if not network.up else "joined" if name in network.rooms else "parted"]
    if saved is None:
        return f"{parts[0]}, not saved"
    if saved.detached:
        parts.append("detached")
    for flag, field in FILTERS.items():
        value: Filter = getattr(saved, field)
        if value is not Filter.DEFAULT:
            parts.append(f"{flag} {value}")
    if saved.detach_after:
        parts.append(f"detach-after {format_duration(saved.detach_after)}")
    return ", ".join(parts)
