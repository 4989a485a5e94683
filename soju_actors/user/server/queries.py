"""WHO: its answers are learned from, and shown to who asked (row UP-21)."""

from soju_actors.irc.numerics import Numeric
from soju_actors.irc.whox import parse_who, parse_whox_params
from soju_actors.user.said import Said
from soju_actors.user.server.table import ServerTable
from soju_actors.user.who import learn

TABLE = ServerTable()


@TABLE.on(Numeric.RPL_WHOREPLY, params=8)
def who_reply(said: Said) -> None:
    """Learn who somebody is."""
    *fields, trailing = said.message.params[2:8]
    learn(said.network, {**dict(zip("uhsnf", fields, strict=True)), "r": trailing.partition(" ")[2]})
    said.show()


@TABLE.on(Numeric.RPL_WHOSPCRPL, params=2)
def whox_reply(said: Said) -> None:
    """Learn the fields that were asked for."""
    asked = said.ask.message.params if said.ask is not None else ()
    known = parse_whox_params(parse_who(asked), said.message.params[1:])
    if known:
        learn(said.network, known)
    said.show()


@TABLE.on(Numeric.RPL_ENDOFWHO)
def end_of_who(said: Said) -> None:
    """Keep the end of an answer that nobody waits for from clients (row UP-21)."""
    if said.answers:
        said.show()
