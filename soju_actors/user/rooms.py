"""What clients are told of a joined channel, and who is remembered."""

from collections.abc import Iterator

from soju_actors.irc.lists import packed
from soju_actors.irc.membership import highest
from soju_actors.irc.numerics import Numeric
from soju_actors.irc.replies import sayable
from soju_actors.irc.server_time import format_time
from soju_actors.user.markers import CAP, OLD_CAP, marker_message
from soju_actors.user.monitoring import is_followed
from soju_actors.user.state import Client, NetworkState, Room

NAMES_LINE = 400
"""Bytes of names in one line, which leaves room for the rest of it."""


def enter_lines(hostname: str, network: NetworkState, room: Room, client: Client, wall: float) -> Iterator[str]:
    """Yield what shows a client that it is in a channel: JOIN, topic, read marker, names (rows ATT-05, RMK-03)."""
    yield join_line(network, room, wall)
    if room.topic:
        yield from topic_lines(hostname, network, room)
    if CAP in client.caps or OLD_CAP in client.caps:
        yield str(sayable(marker_message(hostname, network, client, room.name)))
    if "draft/no-implicit-names" not in client.caps and "soju.im/no-implicit-names" not in client.caps:
        yield from names_lines(hostname, network, room, client)


def join_line(network: NetworkState, room: Room, wall: float) -> str:
    """Return the user's own JOIN in its extended form; the client's view cuts it."""
    me = network.people.get(network.nick)
    account = (me.account if me else None) or network.account or "*"
    realname = (me.realname if me else None) or network.record.realname or network.nick
    return f"@time={format_time(wall)} :{own_source(network)} JOIN {room.name} {account} :{realname}"


def own_source(network: NetworkState) -> str:
    """Return the user's source as the server shows it, as far as it is known."""
    return f"{network.nick}!{network.host}" if network.host else network.nick


def topic_lines(hostname: str, network: NetworkState, room: Room) -> Iterator[str]:
    """Yield the topic of a channel."""
    if not room.topic:
        yield f":{hostname} {Numeric.RPL_NOTOPIC} {network.nick} {room.name} :No topic is set"
        return
    yield f":{hostname} {Numeric.RPL_TOPIC} {network.nick} {room.name} :{room.topic}"
    if room.topic_by:
        at = room.topic_at or "0"
        yield f":{hostname} {Numeric.RPL_TOPICWHOTIME} {network.nick} {room.name} {room.topic_by} {at}"


def names_lines(hostname: str, network: NetworkState, room: Room, client: Client) -> Iterator[str]:
    """Yield the members of a channel."""
    everything = "multi-prefix" in client.caps
    hosts = "userhost-in-names" in client.caps
    entries = []
    for folded, symbols in room.members.items():
        person = network.people.get(folded)
        name = person.nick if person else folded
        if hosts and person and person.username and person.host:
            name = f"{name}!{person.username}@{person.host}"
        entries.append((symbols if everything else highest(symbols)) + name)
    kind = "@" if room.modes and "s" in room.modes else "*" if room.modes and "p" in room.modes else "="
    for names in packed(entries, NAMES_LINE):
        yield f":{hostname} {Numeric.RPL_NAMREPLY} {network.nick} {kind} {room.name} :{names}"
    yield f":{hostname} {Numeric.RPL_ENDOFNAMES} {network.nick} {room.name} :End of /NAMES list"


def forget_if_stranger(network: NetworkState, nick: str) -> None:
    """Forget somebody who has left a channel, if that was the last one shared with the user."""
    folded = network.fold(nick)
    if not any(folded in room.members for room in network.rooms.values()) and not is_followed(network, nick):
        network.people.pop(nick, None)


def forget_strangers(network: NetworkState) -> None:
    """Forget who shares no channel with the user any more, and is not monitored so closely that it does not matter."""
    known = set().union(*(room.members for room in network.rooms.values()), {network.fold(network.nick)})
    for nick in [nick for nick in network.people if network.fold(nick) not in known and not is_followed(network, nick)]:
        del network.people[nick]
