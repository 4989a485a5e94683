"""What follows from a message in a detached channel, or in one that detaches by itself (rows DET-03 to DET-06)."""

from functools import partial

from actors import Turn
from soju_actors.irc.ctcp import parse_ctcp
from soju_actors.irc.message import Message, format_tags
from soju_actors.irc.server_time import format_time
from soju_actors.irc.source import nick_of
from soju_actors.policy.following import Reaction, keeps_attached, reaction_to
from soju_actors.policy.highlight import is_highlight
from soju_actors.policy.service import SERVICE_SOURCE
from soju_actors.service.replies import fitting
from soju_actors.user.detaching import attach_channel
from soju_actors.user.state import Handle, NetworkState, UserState

TALK = ("PRIVMSG", "NOTICE")


def heard(  # noqa: PLR0917 - beside the hot path
    user: UserState,
    network: NetworkState,
    handle: Handle,
    message: Message,
    time: int,
    turn: Turn,
    *,
    hidden_from: int = 0,
) -> None:
    """Show the newest message of a buffer, or do what the rules of its channel say; ``time`` is in ms."""
    channel = network.saved.get(handle.target)
    spoken = channel is not None and message.command in TALK and len(message.params) > 1
    mine = network.is_me(nick_of(message.source))
    if channel is not None and spoken:
        highlight = partial(is_highlight, message.params[1], network.nick, network.casemapping)
        if not channel.detached:
            room = network.rooms.get(channel.name)
            if room is not None and (mine or keeps_attached(channel, highlight)):
                room.active = turn.now
        elif not mine:
            reaction = reaction_to(channel, highlight)
            if reaction is Reaction.ATTACH:
                attach_channel(user, network, channel, turn, live=handle.end - 1)
            elif reaction is Reaction.RELAY:
                _relay(network, handle, message, time)
    if handle.shown:
        network.feed.run(handle.key, hidden_from=hidden_from)


def _relay(network: NetworkState, handle: Handle, message: Message, time: int) -> None:
    """Tell all clients of a message in a detached channel, when it is stored (row DET-03)."""
    if not network.clients:
        return
    network.feed.wait(handle)
    tags = format_tags({"time": format_time(time / 1000)})
    for text in fitting([_told(message)]):
        notice = Message("NOTICE", (network.nick, text), source=SERVICE_SOURCE, tags=tags)
        network.feed.line(str(notice))


def _told(message: Message) -> str:
    """Return what a person is told of a message: where, who, what."""
    channel, text = message.params[:2]
    nick = nick_of(message.source)
    ctcp = parse_ctcp(text)
    if ctcp is not None:
        return f"{channel}: * {nick} {ctcp.text if ctcp.command == 'ACTION' else ctcp.command}"
    return f"{channel}: <{nick}> {text}" if message.command == "PRIVMSG" else f"{channel}: -{nick}- {text}"
