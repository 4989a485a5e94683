"""Answers to questions: learned from, and shown to who asked (rows UP-20 to UP-22, UP-27, UP-28)."""

from soju_actors.irc.numerics import Numeric
from soju_actors.user.said import Said
from soju_actors.user.server.table import ServerTable

TABLE = ServerTable()


@TABLE.on(Numeric.RPL_WHOREPLY, params=8)
def who_reply(said: Said) -> None:
    """Learn who somebody is."""
    _, _, username, host, server, nick, flags, trailing = said.message.params[:8]
    person = said.network.people.get(nick)
    if person is not None:
        person.username, person.host, person.server = username, host, server
        person.away = flags[:1] == "G"
        person.realname = trailing.partition(" ")[2]
        symbols = said.network.isupport.prefix_symbols
        person.flags = "".join(flag for flag in flags[1:] if flag not in symbols)
    said.show()


@TABLE.on(Numeric.RPL_ENDOFWHO)
def end_of_who(said: Said) -> None:
    """Keep the end of an answer that nobody waits for from clients (row UP-21)."""
    if said.answers:
        said.show()
