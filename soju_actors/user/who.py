"""WHO from memory (rows CCH-02, CCH-03)."""

from collections.abc import Iterator

from soju_actors.irc.membership import highest
from soju_actors.irc.message import Message
from soju_actors.irc.numerics import Numeric
from soju_actors.irc.replies import sayable
from soju_actors.user.call import Call
from soju_actors.user.service.identity import SERVICE_NICK, SERVICE_REALNAME
from soju_actors.user.state import NetworkState, Person

Member = tuple[str, str, Person]
"""Channel (``*`` for none), membership symbols, and who it is."""


def known_members(network: NetworkState, mask: str) -> list[Member] | None:
    """Return who matches a channel or an exact nick; None unless all is known of all of them."""
    if not network.up or "away-notify" not in network.caps:
        return None
    room = network.rooms.get(mask)
    if room is not None and room.complete:
        people = [(room.name, symbols, network.people.get(nick)) for nick, symbols in room.members.items()]
    else:
        person = network.people.get(mask)
        people = [("*", "", person)] if person is not None else []
    known = [(name, symbols, person) for name, symbols, person in people if person is not None and _complete(person)]
    return known if known and len(known) == len(people) else None


def _complete(person: Person) -> bool:
    told = (person.username, person.host, person.realname, person.away, person.server)
    return all(value is not None for value in told)


def who_lines(call: Call, members: list[Member], mask: str) -> Iterator[str]:
    """Yield the answer to a WHO, from what is known; of the service and an unbound user it always is."""
    hostname = call.user.settings.hostname
    start = f":{hostname} {Numeric.RPL_WHOREPLY} {call.client.nick}"
    everything = "multi-prefix" in call.client.caps
    for name, symbols, person in members:
        flags = ("G" if person.away else "H") + person.flags + (symbols if everything else highest(symbols))
        yield (
            f"{start} {name} {person.username} {person.host} {person.server} {person.nick} {flags} :0 {person.realname}"
        )
    if mask.casefold() == SERVICE_NICK.casefold():
        yield f"{start} * {SERVICE_NICK} {hostname} {hostname} {SERVICE_NICK} HB :0 {SERVICE_REALNAME}"
    elif call.bound is None and mask.casefold() == call.client.nick.casefold():
        user = call.user.record
        yield f"{start} * {user.name} {hostname} {hostname} {call.client.nick} H :0 {user.realname or user.name}"
    end = Message(Numeric.RPL_ENDOFWHO, (call.client.nick, mask, "End of /WHO list"), hostname)
    yield str(sayable(end))
