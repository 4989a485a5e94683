"""JOIN, PART, KICK, QUIT, TOPIC, MODE, INVITE: channels change (rows UP-14 to UP-18, UP-23)."""

import msgspec

from soju_actors.irc.membership import add_symbol, remove_symbol
from soju_actors.irc.modes import ChannelModes, ModeChange, ModeKind, change_user_modes, parse_modes
from soju_actors.irc.numerics import Numeric
from soju_actors.irc.source import nick_of, parse_source
from soju_actors.ports.database import SaveChannel
from soju_actors.user.blocking import is_blocked, show_blocked
from soju_actors.user.detaching import watch_idle
from soju_actors.user.rooms import forget_if_stranger, forget_strangers
from soju_actors.user.said import Said
from soju_actors.user.saving import save
from soju_actors.user.server.table import ServerTable
from soju_actors.user.stamps import stamped
from soju_actors.user.state import Person, Room

TABLE = ServerTable()


@TABLE.on("JOIN", params=1)
def join(said: Said) -> None:
    """Enter a channel, or see somebody enter."""
    network, message = said.network, said.message
    name = message.params[0]
    source = parse_source(message.source)
    if network.is_me(source.nick):
        if name not in network.rooms and len(network.rooms) >= said.user.settings.max_channels:
            return  # no server has so many that somebody has asked for
        network.rooms[name] = Room(name, members={network.casemapping.key(network.nick): ""})
        network.host = f"{source.user}@{source.host}" if source.host else network.host
        said.send("MODE", name)
    else:
        room = network.rooms.get(name)
        if room is not None:
            room.members[network.casemapping.key(source.nick)] = ""
    person = network.people.get(source.nick)
    if person is None:
        person = network.people[source.nick] = Person(source.nick)
    person.username, person.host = source.user or person.username, source.host or person.host
    if len(message.params) > 2:  # noqa: PLR2004 - extended-join: channel, account, realname
        person.account, person.realname = message.params[1], message.params[2]
    elif "account-tag" in network.caps:
        person.account = message.tag("account") or "*"
    bot = network.isupport.bot
    if bot and person.flags is not None and bot not in person.flags and message.tag("bot") is not None:
        person.flags += bot
    if network.is_me(source.nick):
        said.keep(name)  # its line is shown when all members are known
        watch_idle(network, name, said.turn)
    else:
        _event(said, name)


@TABLE.on("PART", params=1)
def part(said: Said) -> None:
    """Leave a channel, or see somebody leave."""
    name = said.message.params[0]
    _event(said, name)
    _gone(said, name, nick_of(said.message.source))


@TABLE.on("KICK", params=2)
def kick(said: Said) -> None:
    """See somebody thrown out; a saved channel stays saved (row UP-15)."""
    name, nick = said.message.params[:2]
    _event(said, name)
    _gone(said, name, nick)


@TABLE.on("QUIT")
def quit_(said: Said) -> None:
    """See somebody leave the network: stored once for each shared channel, shown once (row UP-16)."""
    network = said.network
    nick = nick_of(said.message.source)
    if network.is_me(nick):
        return
    folded = network.fold(nick)
    shared = [room for room in network.rooms.values() if folded in room.members]
    for room in shared:
        said.record(room.name)
        del room.members[folded]
    network.people.pop(nick, None)
    said.show_all()


@TABLE.on("TOPIC", params=1)
def topic(said: Said) -> None:
    """Note a new topic."""
    room = said.network.rooms.get(said.message.params[0])
    if room is not None:
        room.topic = said.message.params[1] if len(said.message.params) > 1 else ""
        room.topic_by = said.message.source
        room.topic_at = str(stamped(said.message, said.wall)[0] // 1000)
    _event(said, said.message.params[0])


@TABLE.on(Numeric.RPL_NOTOPIC, params=2)
def no_topic(said: Said) -> None:
    """Note that there is no topic; for a joined channel that is told from memory (row NUM-08)."""
    room = said.network.rooms.get(said.message.params[1])
    if room is None or said.answers:
        said.show()
    if room is not None:
        room.topic = ""


@TABLE.on(Numeric.RPL_TOPIC, params=3)
def topic_is(said: Said) -> None:
    """Note the topic; for a joined channel it is told from memory (row NUM-08)."""
    room = said.network.rooms.get(said.message.params[1])
    if room is None:
        said.show()
    else:
        room.topic = said.message.params[2]


@TABLE.on(Numeric.RPL_TOPICWHOTIME, params=4)
def topic_by(said: Said) -> None:
    """Note who set the topic, and when; told with the topic."""
    room = said.network.rooms.get(said.message.params[1])
    if room is None:
        said.show()
        return
    first = not room.topic_at
    room.topic_by, room.topic_at = said.message.params[2], said.message.params[3]
    if first and room.complete and not said.network.hides(room.name):
        said.show()


@TABLE.on("MODE", params=2)
def mode(said: Said) -> None:
    """Note modes of the user or of a channel, memberships included."""
    network, (name, changes, *args) = said.network, said.message.params
    if not network.isupport.is_channel(name):
        if network.is_me(name):
            network.modes = change_user_modes(network.modes, changes)
        said.show_all()
        return
    room = network.rooms.get(name)
    if room is not None:
        _apply(said, room, changes, args)
    _event(said, name)


@TABLE.on(Numeric.RPL_UMODEIS, params=2)
def own_modes(said: Said) -> None:
    """Note the user's modes."""
    said.network.modes = said.message.params[1].lstrip("+")
    said.show()


@TABLE.on(Numeric.RPL_CHANNELMODEIS, params=3)
def channel_modes(said: Said) -> None:
    """Note a channel's modes; shown the first time, and to who asked (row NUM-08)."""
    room = said.network.rooms.get(said.message.params[1])
    first = room is not None and room.modes is None
    if room is not None:
        room.modes = ChannelModes()
        _apply(said, room, said.message.params[2], said.message.params[3:])
    if room is None:
        said.show()
    elif first and not said.network.hides(room.name):
        said.show_all()


@TABLE.on(Numeric.RPL_CREATIONTIME, params=3)
def creation_time(said: Said) -> None:
    """Note when a channel was made; shown the first time (row NUM-08)."""
    room = said.network.rooms.get(said.message.params[1])
    if room is None:
        said.show()
    elif not room.created_at and not said.network.hides(room.name):
        said.show_all()
    if room is not None:
        room.created_at = said.message.params[2]


@TABLE.on("INVITE", params=2)
def invite(said: Said) -> None:
    """Join a saved channel silently; else show the invitation (row UP-23)."""
    network, (nick, name) = said.network, said.message.params[:2]
    if not network.is_me(nick):
        _show_invitation(said, "invite-notify")
    elif name in network.saved and name not in network.rooms:
        channel = network.saved[name]
        said.send("JOIN", channel.name, *([channel.key] if channel.key else []))
    else:
        _show_invitation(said)


def _show_invitation(said: Said, needs: str = "") -> None:
    if is_blocked(said.network, nick_of(said.message.source)):
        show_blocked(said, needs)
    else:
        said.network.feed.line_if(said.line(), needs=needs)


def _event(said: Said, channel: str) -> None:
    """Store what happened in a channel and show it, unless the channel is detached (row DET-01)."""
    if not said.network.isupport.is_channel(channel):
        said.show_all()
    elif said.network.hides(channel):
        said.keep(channel)
    else:
        said.record(channel)
        said.show_all()


def _gone(said: Said, name: str, nick: str) -> None:
    network = said.network
    room = network.rooms.get(name)
    if room is None:
        return
    if network.is_me(nick):
        del network.rooms[name]
        forget_strangers(network)
    else:
        room.members.pop(network.fold(nick), None)
        forget_if_stranger(network, nick)


def _apply(said: Said, room: Room, changes: str, args: tuple[str, ...] | list[str]) -> None:
    """Apply mode changes to a channel and its members."""
    isupport = said.network.isupport
    for change in parse_modes(isupport, changes, tuple(args)):
        if change.kind is ModeKind.MEMBERSHIP:
            nick = said.network.fold(change.arg or "")
            symbols = room.members.get(nick)
            if symbols is not None:
                alter = add_symbol if change.adding else remove_symbol
                symbol = isupport.symbol_of(change.mode)
                room.members[nick] = alter(symbols, symbol, isupport)
                if symbol in symbols and not room.members[nick]:
                    _look_below(said, room, symbol)
            continue
        if room.modes is not None:
            room.modes.apply(change)
        if change.mode == "k" and change.kind is ModeKind.ALWAYS:
            _note_key(said, room.name, change)


def _look_below(said: Said, room: Room, symbol: str) -> None:
    """Ask who is what, when somebody has lost the one rank that the server tells of each (row UP-18)."""
    network = said.network
    if "multi-prefix" not in network.caps and symbol != network.isupport.prefix_symbols[-1:] and not room.asked:
        room.asked = True
        said.send("NAMES", room.name)


def _note_key(said: Said, name: str, change: ModeChange) -> None:
    """Keep the key of a saved channel as it is now, for the next time (row TOD-05)."""
    saved = said.network.saved.get(name)
    key = (change.arg or "") if change.adding else ""
    if saved is None or saved.key == key or key in ("*", "<key>") or "," in key:
        return
    changed = msgspec.structs.replace(saved, key=key)
    said.network.saved[name] = changed
    save(said.user, SaveChannel(changed), said.turn)
