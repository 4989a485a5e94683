"""PRIVMSG, NOTICE, TAGMSG: what is said (rows UP-11, STO-05, ECH)."""

from soju_actors.irc.message import Message
from soju_actors.irc.source import nick_of
from soju_actors.policy.service import SERVICE_NICK
from soju_actors.user.blocking import is_blocked, record_blocked, show_blocked
from soju_actors.user.said import Said
from soju_actors.user.server.table import ServerTable
from soju_actors.user.state import NetworkState

TABLE = ServerTable()

REACTIONS = ("+react=", "+draft/react=", "+unreact=", "+draft/unreact=")


@TABLE.on("PRIVMSG", "NOTICE", "TAGMSG", params=1)
def talk(said: Said) -> None:
    """Store what is said and show it to every client but the one that said it without echo-message."""
    network, message = said.network, said.message
    nick = nick_of(message.source)
    if names_service(message, nick):
        return
    if is_general(network, message, nick):
        said.show_all()
        return
    buffer, hidden = buffer_of(network, message, nick), hidden_from(said, nick)
    if is_blocked(network, nick):
        if is_stored(network, message, buffer):
            record_blocked(said, buffer)
        elif not network.hides(buffer):
            show_blocked(said)
    elif is_stored(network, message, buffer):
        said.record_talk(buffer, hidden_from=hidden)
    elif not network.hides(buffer):
        network.feed.line_if(said.line(), but=hidden)


def names_service(message: Message, nick: str) -> bool:
    """Whether a message seems to come from or go to the service, which is not on the network."""
    return SERVICE_NICK.casefold() in (nick.casefold(), message.params[0].casefold())


def is_general(network: NetworkState, message: Message, nick: str) -> bool:
    """Whether a message is for everybody, or the server's own: it is shown and not stored."""
    target = message.params[0]
    by_server = "!" not in message.source and not network.is_me(nick)
    return not network.welcomed or by_server or target == "*" or target[:1] == "$"


def hidden_from(said: Said, nick: str) -> int:
    """Return the serial of the client that has sent a message and wants no echo, 0 for none."""
    if said.asker is None or "echo-message" in said.asker.caps or not said.network.is_me(nick):
        return 0
    return said.asker.serial


def buffer_of(network: NetworkState, message: Message, nick: str) -> str:
    """Return the target in whose history a message of somebody belongs.

    Spec: https://ircv3.net/specs/client-tags/channel-context
    """
    target = message.params[0]
    _, channel = network.isupport.split_statusmsg(target)
    if network.isupport.is_channel(channel):
        return channel
    context = message.tag("+draft/channel-context") if message.tags else None
    if context:
        room = network.rooms.get(context)
        if room is not None and network.fold(nick) in room.members:
            return room.name
    return target if network.is_me(nick) else nick


def is_stored(network: NetworkState, message: Message, buffer: str) -> bool:
    """Whether a message goes into history: no NickServ (row AUP-06), of TAGMSG only reactions."""
    if message.command == "TAGMSG":
        return any(f";{message.tags}".find(f";{tag}") >= 0 for tag in REACTIONS)
    return network.fold(buffer) not in ("", "nickserv")
