"""353 and 366: who is in a channel (row UP-19)."""

from sys import intern

from soju_actors.irc.membership import split_membership
from soju_actors.irc.numerics import Numeric
from soju_actors.irc.source import parse_source
from soju_actors.user.detaching import show_room
from soju_actors.user.said import Said
from soju_actors.user.server.table import ServerTable
from soju_actors.user.state import Person

TABLE = ServerTable()

MOST_MEMBERS = 100_000
"""Members of a channel that are remembered; what a server makes up beyond that is not."""


@TABLE.on(Numeric.RPL_NAMREPLY, params=4)
def names_reply(said: Said) -> None:
    """Note members of a joined channel; show those of another one to who asked."""
    network, (_, _, name, entries) = said.network, said.message.params[:4]
    room = network.rooms.get(name)
    if room is None:
        said.show()
        return
    if len(room.members) >= MOST_MEMBERS:
        return
    symbols = network.isupport.prefix_symbols
    for entry in entries.split():
        held, rest = split_membership(entry, symbols)
        source = parse_source(rest)
        person = network.people.get(source.nick)
        if person is None:
            person = network.people[source.nick] = Person(intern(source.nick))
        if source.host:
            person.username, person.host = source.user, source.host
        folded = network.casemapping.key(source.nick)
        room.members[folded] = held or room.members.get(folded, "")


@TABLE.on(Numeric.RPL_ENDOFNAMES, params=2)
def end_of_names(said: Said) -> None:
    """Show the clients a channel that is complete now; nothing that was told before."""
    network = said.network
    room = network.rooms.get(said.message.params[1])
    if room is None:
        said.show()
        return
    room.asked = False
    if room.complete:
        return
    room.complete = True
    saved = network.saved.get(room.name)
    if saved is None or not saved.detached:
        show_room(said.user, network, room, said.turn)
