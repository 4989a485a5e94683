"""NICK, SETNAME, AWAY: who the user is (rows CMD-05, CMD-06, CMD-21, section 5.7)."""

import msgspec

from actors import Turn
from soju_actors.irc.errors import ReplyError, fail
from soju_actors.irc.message import Message
from soju_actors.irc.names import valid_nick
from soju_actors.irc.numerics import Numeric
from soju_actors.messages.downstream import Renamed
from soju_actors.messages.registry import AdminDone, ChangeUser
from soju_actors.messages.upstream import WantNick
from soju_actors.policy.service import SERVICE_NICK
from soju_actors.user.attaching import tell_urgently
from soju_actors.user.away import client_away
from soju_actors.user.bouncer import announce_all, announce_network
from soju_actors.user.call import Call
from soju_actors.user.client.table import CommandTable
from soju_actors.user.networks import reconnect
from soju_actors.user.own import realname_lines
from soju_actors.user.saving import Pending, change_now, continuation
from soju_actors.user.state import NetworkState, UserState

TABLE = CommandTable()


@TABLE.command("NICK", min_params=1)
def nick(call: Call) -> None:
    """Change the nick on the network, or the default one; saved before the server agrees (row CMD-05)."""
    new = call.params[0]
    if not valid_nick(new):
        raise ReplyError(Numeric.ERR_ERRONEUSNICKNAME, new, "That nick has characters that no nick may have")
    if new.casefold() == SERVICE_NICK.casefold():
        raise ReplyError(Numeric.ERR_NICKNAMEINUSE, new, "That nick is the bouncer's")
    if call.bound is None:
        _default_nick(call, new)
        return
    network = call.bound
    change_now(call.user, network, call.turn, nick=new)
    announce_network(call.user, network)
    call.turn.send(network.upstream, WantNick(new))
    if network.up:
        call.forward(Message("NICK", (new,)))
        return
    _rename_clients(call, network, new)


def _rename_clients(call: Call, network: NetworkState, new: str) -> None:
    """Let clients have a nick on a network that is away; what the server says of it comes later."""
    for client in network.clients:
        network.feed.line_to(client, f":{client.nick} NICK {new}")
        client.nick = new
        call.turn.send(client.ref, Renamed(new))
    network.nick = new


def _default_nick(call: Call, new: str) -> None:
    """Change the nick of all networks that have none of their own."""
    user = call.user
    _change_account(call, nick=new)
    announce_all(user)
    for client in user.unbound():
        user.lobby.line_to(client, f":{client.nick} NICK {new}")
        client.nick = new
        call.turn.send(client.ref, Renamed(new))
    for network in user.networks.values():
        if network.record.nick:
            continue
        call.turn.send(network.upstream, WantNick(new))
        if network.up:
            network.send(call.turn, Message("NICK", (new,)))
        else:
            _rename_clients(call, network, new)


def _change_account(call: Call, *, nick: str | None = None, realname: str | None = None) -> None:
    """Change the account at once, and have it stored by the registry, which alone knows all of it."""
    user = call.user
    given = {"nick": nick, "realname": realname}
    fields = {name: value for name, value in given.items() if value is not None}
    user.record = msgspec.structs.replace(user.record, **fields)
    request = user.new_request()
    user.pending[request] = Pending("account_changed")
    call.turn.send(user.registry, ChangeUser(user.record.name, request, nick=nick, realname=realname))


@continuation
def account_changed(user: UserState, pending: Pending, done: AdminDone, turn: Turn) -> None:
    """Tell the clients if the change could not be stored."""
    del pending
    if done.error:
        tell_urgently(user, f"A setting could not be stored: {done.error}", turn)


@TABLE.command("SETNAME", min_params=1)
def setname(call: Call) -> None:
    """Change the realname, on a network without setname by connecting again (row CMD-06)."""
    new = call.params[0]
    if not new or len(new) > 300:  # noqa: PLR2004 - more would not fit a WHOIS line
        raise fail("SETNAME", "INVALID_REALNAME", "A realname has 1 to 300 characters")
    if call.bound is None:
        _default_realname(call, new)
        return
    network = call.bound
    same = network.record.realname == new
    if same:
        network.feed.line_to(call.client, str(Message("SETNAME", (new,), source=call.client.nick)))
        return
    change_now(call.user, network, call.turn, realname=new)
    announce_network(call.user, network)
    if network.up and "setname" in network.caps:
        call.forward(Message("SETNAME", (new,)))
        return
    for client in network.clients:
        network.feed.lines_to(client, realname_lines(call.user, network, client))
    reconnect(call.user, network, call.turn)


def _default_realname(call: Call, new: str) -> None:
    """Change the realname on all networks that have none of their own."""
    user = call.user
    call.say(Message("SETNAME", (new,), source=call.client.nick))
    if user.record.realname == new:
        return
    _change_account(call, realname=new)
    for network in user.networks.values():
        if network.record.realname:
            continue
        if network.up and "setname" in network.caps:
            network.send(call.turn, Message("SETNAME", (new,)))
        else:
            reconnect(user, network, call.turn)


@TABLE.command("AWAY")
def away(call: Call) -> None:
    """Note that this client is away; the server hears it when all of them are (row AWY-01)."""
    call.client.away = call.params[0] if call.params and call.params[0] else None
    if call.client.away is None:
        call.reply(Numeric.RPL_UNAWAY, "You are no longer marked as being away")
    else:
        call.reply(Numeric.RPL_NOWAWAY, "You have been marked as being away")
    if call.bound is not None:
        client_away(call.bound, call.client, call.client.away, call.turn)
