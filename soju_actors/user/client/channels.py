"""JOIN, PART, TOPIC, MODE, NAMES, KICK, INVITE (rows CMD-07 to CMD-13, CMD-15)."""

import msgspec

from soju_actors.irc.answers import list_queries
from soju_actors.irc.errors import ReplyError, need_more_params, no_such_channel
from soju_actors.irc.message import Message
from soju_actors.irc.numerics import Numeric
from soju_actors.model.records import Channel, NetworkId
from soju_actors.ports.database import DeleteChannel, SaveChannel
from soju_actors.user.call import Call
from soju_actors.user.client.table import CommandTable
from soju_actors.user.detaching import detach_channel, use_channel
from soju_actors.user.rooms import names_lines, topic_lines
from soju_actors.user.state import NetworkState, Room

TABLE = CommandTable()


@TABLE.command("JOIN", min_params=1)
def join(call: Call) -> None:
    """Save and join channels; what is joined already is not joined again (row CMD-07).

    A key that is given but empty forgets the saved one (row TOD-05).
    """
    names, *keys = call.params
    key_of = iter(keys[0].split(",") if keys else ())
    for name in names.split(","):
        key = next(key_of, None)
        with call.one_target():
            _join(call, call.connected, name, key)


def _join(call: Call, network: NetworkState, name: str, key: str | None) -> None:
    if not network.isupport.is_channel(name):
        raise no_such_channel(name)
    saved = network.saved.get(name)
    if saved is None and len(network.saved) >= call.user.settings.max_channels:
        raise ReplyError(Numeric.ERR_TOOMANYCHANNELS, name, "You have saved too many channels")
    channel = saved or Channel(NetworkId(network.id), name)
    channel = msgspec.structs.replace(channel, key=channel.key if key is None else key, detached=False)
    if channel != saved:
        use_channel(call.user, network, channel, call.turn)
        call.save(SaveChannel(channel))
    if name not in network.rooms:
        call.forward(Message("JOIN", (name, *([channel.key] if channel.key else []))))


@TABLE.command("PART", min_params=1)
def part(call: Call) -> None:
    """Leave channels and forget them; with the reason ``detach`` only stop following them (row CMD-08)."""
    names, *reason = call.params
    detach = [word.casefold() for word in reason] == ["detach"]
    for name in names.split(","):
        with call.one_target():
            network = call.network
            if not network.isupport.is_channel(name):
                raise no_such_channel(name)
            saved = network.saved.get(name)
            if detach:
                channel = saved or Channel(NetworkId(network.id), name)
                detach_channel(call.user, network, channel, call.turn)
                continue
            if saved is not None:
                del network.saved[name]
                call.save(DeleteChannel(saved.network_id, saved.name))
            call.forward(Message("PART", (name, *reason)))


@TABLE.command("TOPIC", min_params=1)
def topic(call: Call) -> None:
    """Change a topic, or tell the one that is known (row CMD-13)."""
    name, *new = call.params
    room = call.network.rooms.get(name)
    if new or room is None or room.topic is None:
        call.forward(call.message.without_tags())
    else:
        call.lines(topic_lines(call.user.settings.hostname, call.network, room))


@TABLE.command("MODE", min_params=1)
def mode(call: Call) -> None:
    """Change modes, or tell those that are known (rows CMD-10 to CMD-12)."""
    network, (name, *changes) = call.network, call.params
    if network.isupport.is_channel(name):
        room = network.rooms.get(name)
        if changes or room is None:
            for message in list_queries(call.message.without_tags(), network.isupport.chanmodes[0]):
                call.forward(message)
        elif room.modes is not None:
            _tell_modes(call, room)
    elif network.is_me(name):
        if changes:
            call.forward(call.message.without_tags())
        else:
            call.reply(Numeric.RPL_UMODEIS, f"+{network.modes}")
    else:
        raise ReplyError(Numeric.ERR_USERSDONTMATCH, "Cannot change modes of other users")


def _tell_modes(call: Call, room: Room) -> None:
    if room.modes is None:
        return
    call.reply(Numeric.RPL_CHANNELMODEIS, room.name, *room.modes.format())
    if room.created_at:
        call.reply(Numeric.RPL_CREATIONTIME, room.name, room.created_at)


@TABLE.command("NAMES")
def names(call: Call) -> None:
    """Tell who is in channels, from memory where they are joined (row CMD-15)."""
    if not call.params:
        call.reply(Numeric.RPL_ENDOFNAMES, "*", "End of /NAMES list")
        return
    for name in call.params[0].split(","):
        with call.one_target():
            network = call.network
            room = network.rooms.get(name)
            if room is not None and room.complete:
                call.lines(names_lines(call.user.settings.hostname, network, room, call.client))
            else:
                call.forward(Message("NAMES", (name,)))


@TABLE.command("KICK", min_params=2)
@TABLE.command("INVITE")
def forwarded(call: Call) -> None:
    """Leave it to the server (row CMD-09)."""
    if call.message.command == "KICK" and not call.params[1]:
        raise need_more_params("KICK")
    call.forward(call.message.without_tags())
