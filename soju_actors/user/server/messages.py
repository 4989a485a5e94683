"""PRIVMSG, NOTICE, TAGMSG, REDACT: what is said (rows UP-11, STO-05, ECH)."""

from soju_actors.irc.message import Message
from soju_actors.irc.source import nick_of
from soju_actors.user.said import Said
from soju_actors.user.server.table import ServerTable
from soju_actors.user.service.identity import SERVICE_NICK
from soju_actors.user.state import NetworkState

TABLE = ServerTable()

REACTIONS = ("+react=", "+draft/react=", "+unreact=", "+draft/unreact=")


def is_channel_talk(network: NetworkState, message: Message) -> bool:
    """Whether somebody else speaks in a channel whose buffer runs: nearly all that is ever said.

    Then :meth:`Said.record_talk` is all that is to be done. It must be false for
    whatever needs a look at anything else.
    """
    if message.command != "PRIVMSG" or not message.params or not network.welcomed:
        return False
    target = message.params[0]
    if target not in network.spelled or target[0] not in network.isupport.chantypes:
        return False
    nick, bang, _ = message.source.partition("!")
    if not bang or len(nick) == len(SERVICE_NICK):
        return False
    return len(nick) != len(network.nick) or not network.is_me(nick)


@TABLE.on("PRIVMSG", "NOTICE", "TAGMSG", "REDACT", params=1)
def talk(said: Said) -> None:
    """Store what is said and show it to every client but the one that said it without echo-message."""
    network, message = said.network, said.message
    target = message.params[0]
    nick = nick_of(message.source)
    if SERVICE_NICK.casefold() in (nick.casefold(), target.casefold()):
        return
    mine = network.is_me(nick)
    general = "!" not in message.source and not mine
    if not network.welcomed or general or target == "*" or target[:1] == "$":
        said.show_all()
        return
    buffer = _buffer(network, message, target, nick, mine=mine)
    hidden = said.asker.serial if mine and said.asker and "echo-message" not in said.asker.caps else 0
    if is_stored(network, message, buffer):
        said.record_talk(buffer, hidden_from=hidden)
    else:
        network.feed.line_if(said.line(), but=hidden)


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
