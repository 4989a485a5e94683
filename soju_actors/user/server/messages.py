"""PRIVMSG, NOTICE, TAGMSG, REDACT: what is said (rows UP-11, STO-05, ECH)."""

from soju_actors.irc.message import Message
from soju_actors.irc.source import nick_of
from soju_actors.user.said import Said
from soju_actors.user.server.table import ServerTable
from soju_actors.user.state import NetworkState
from soju_actors.user.service.identity import SERVICE_NICK

TABLE = ServerTable()

REACTIONS = ("+react=", "+draft/react=", "+unreact=", "+draft/unreact=")


@TABLE.on("PRIVMSG", "NOTICE", "TAGMSG", "REDACT", params=1)
def talk(said: Said) -> None:
    """Store what is said and show it to every client but the one that said it without echo-message."""
    network, message = said.network, said.message
    target = message.params[0]
    source = message.source
    nick = nick_of(source)
    service = SERVICE_NICK.casefold()
    if nick.casefold() == service or target.casefold() == service:
        return
    if not network.welcomed or "!" not in source or target == "*" or target[:1] == "$":
        if not network.is_me(nick) or not network.welcomed:
            said.show_all()
            return
    mine = network.is_me(nick)
    buffer = _buffer(network, message, target, nick, mine=mine)
    hidden = said.asker.serial if mine and said.asker and "echo-message" not in said.asker.caps else 0
    if not is_stored(network, message, buffer):
        network.feed.line_if(said.line(), but=hidden) if hidden else said.show_all()
        return
    room = network.saved.get(buffer)
    said.record_talk(buffer, hidden_from=hidden, shown=room is None or not room.detached)


def _buffer(network: NetworkState, message: Message, target: str, nick: str, *, mine: bool) -> str:
    """Return the target in whose history a message belongs."""
    symbols = network.isupport.statusmsg
    channel = target.lstrip(symbols) if symbols and target[0] in symbols else target
    if network.isupport.is_channel(channel):
        return channel
    if mine:
        return target
    context = message.tag("+draft/channel-context") if message.tags else None
    if context:
        room = network.rooms.get(context)
        if room is not None and network.fold(nick) in room.members:
            return context
    return nick


def is_stored(network: NetworkState, message: Message, buffer: str) -> bool:
    """Whether a message goes into history: no NickServ (row AUP-06), of TAGMSG only reactions."""
    if message.command == "TAGMSG":
        return any(f";{message.tags}".find(f";{tag}") >= 0 for tag in REACTIONS)
    return network.fold(buffer) != "nickserv"
