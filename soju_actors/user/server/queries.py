"""Answers to questions: learned from, and shown to who asked (rows UP-20 to UP-22, UP-27, UP-28)."""

from soju_actors.irc.numerics import Numeric
from soju_actors.user import queues
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


@TABLE.on(*queues.ENDS.values())
def end(said: Said) -> None:
    """End an answer, and ask the next question of its kind."""
    if said.answers or said.message.command != Numeric.RPL_ENDOFWHO:
        said.show()
    if not said.labelled:
        queues.finish(said.network, said.message, said.turn)


@TABLE.on(
    Numeric.ERR_UNKNOWNCOMMAND,
    Numeric.ERR_NEEDMOREPARAMS,
    Numeric.RPL_TRYAGAIN,
    Numeric.ERR_TOOMANYMATCHES,
    Numeric.ERR_NOSUCHSERVER,
)
def failed(said: Said) -> None:
    """End a question with an error that names it."""
    said.show()
    if not said.labelled:
        queues.finish(said.network, said.message, said.turn)
