"""NICK, AWAY, ACCOUNT, CHGHOST, SETNAME, and who the user is logged in as (rows UP-04, UP-12, UP-13, UP-25)."""

from soju_actors.irc.numerics import Numeric
from soju_actors.irc.source import nick_of
from soju_actors.messages.downstream import Renamed
from soju_actors.user import regain
from soju_actors.user.hosts import show_fallback
from soju_actors.user.monitoring import show_change
from soju_actors.user.said import Said
from soju_actors.user.server.table import ServerTable
from soju_actors.user.state import Person

TABLE = ServerTable()


@TABLE.on("NICK", params=1)
def nick(said: Said) -> None:
    """Rename somebody, or the user: stored once for each shared channel, shown once."""
    network = said.network
    old, new = nick_of(said.message.source), said.message.params[0]
    folded, renamed = network.fold(old), network.casemapping.key(new)
    for room in network.rooms.values():
        if folded in room.members:
            said.record(room.name)
            room.members[renamed] = room.members.pop(folded)
    person = network.people.pop(old, None)
    if person is not None:
        person.nick = new
        network.people[new] = person
    mine = network.is_me(old)
    said.show_all()
    if mine:
        network.nick = new
        if network.wanted and network.is_me(network.wanted):
            regain.stop(said.user, network, said.turn)
        for client in network.clients:
            client.nick = new
            said.turn.send(client.ref, Renamed(new))


@TABLE.on(Numeric.ERR_NICKNAMEINUSE, Numeric.ERR_ERRONEUSNICKNAME, Numeric.ERR_UNAVAILRESOURCE, params=2)
def nick_refused(said: Said) -> None:
    """Keep the failure of an attempt of the bouncer's own from clients (row NCK-03)."""
    network = said.network
    if network.regaining and not said.answers and network.fold(said.message.params[1]) == network.fold(network.wanted):
        network.regaining = False
        return
    said.show()


@TABLE.on("AWAY")
def away(said: Said) -> None:
    """Note that somebody is away, or back."""
    person = _person(said)
    if person is not None:
        person.away = bool(said.message.params and said.message.params[0])
    show_change(said, "away-notify")


@TABLE.on("ACCOUNT", params=1)
def account(said: Said) -> None:
    """Note who somebody is logged in as; ``*`` is nobody."""
    person = _person(said)
    if person is not None:
        person.account = said.message.params[0]
    show_change(said, "account-notify")


@TABLE.on("CHGHOST", params=2)
def chghost(said: Said) -> None:
    """Note a new username and host."""
    network, (username, host) = said.network, said.message.params[:2]
    person = _person(said)
    if person is not None:
        person.username, person.host = username, host
    if network.is_me(nick_of(said.message.source)):
        network.host = f"{username}@{host}"
    show_change(said, "chghost")
    show_fallback(said)


@TABLE.on("SETNAME", params=1)
def setname(said: Said) -> None:
    """Note a new realname."""
    person = _person(said)
    if person is not None:
        person.realname = said.message.params[0]
    if said.network.is_me(nick_of(said.message.source)):
        for client in said.network.clients:
            client.realname = said.message.params[0]
    show_change(said, "setname")


@TABLE.on(Numeric.RPL_LOGGEDIN, params=3)
def logged_in(said: Said) -> None:
    """Note the account and tell clients that speak SASL (row NUM-04)."""
    network = said.network
    mask, network.account = said.message.params[1:3]
    if "!" in mask:
        network.host = mask.partition("!")[2]
    network.feed.line_if(said.line(), needs="sasl")


@TABLE.on(Numeric.RPL_LOGGEDOUT)
def logged_out(said: Said) -> None:
    """Note that the user is logged in no more."""
    said.network.account = ""
    said.network.feed.line_if(said.line(), needs="sasl")


@TABLE.on(Numeric.RPL_VISIBLEHOST, params=2)
def host_hidden(said: Said) -> None:
    """Note the host that the server shows for the user."""
    network, host = said.network, said.message.params[1]
    username = network.host.partition("@")[0] or network.record.username or network.nick
    network.host = host if "@" in host else f"{username}@{host}"
    said.show_all()


def _person(said: Said) -> Person | None:
    return said.network.people.get(nick_of(said.message.source))
