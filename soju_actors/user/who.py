"""WHO from memory, and learning from what servers answer (rows CCH-02, CCH-03).

Spec: https://modern.ircdocs.horse/#who-message
Spec: https://ircv3.net/specs/extensions/whox
"""

from collections.abc import Iterator
from typing import NamedTuple

from soju_actors.irc.message import Message
from soju_actors.irc.numerics import Numeric
from soju_actors.irc.replies import sayable
from soju_actors.irc.whox import WhoQuery, whox_params
from soju_actors.policy.service import SERVICE_NICK, SERVICE_REALNAME
from soju_actors.user.call import Call
from soju_actors.user.state import NetworkState, Person

PLAIN = "uhsnfr"
"""The fields of an answer to a WHO that does not name any."""
NEEDS = {"f": "away-notify", "a": "account-notify"}
"""Without the capability what is remembered of a field may be old."""


class Member(NamedTuple):
    """Somebody in an answer."""

    person: Person
    channel: str = "*"
    symbols: str = ""
    """Of the ranks in that channel."""


def from_memory(network: NetworkState, query: WhoQuery) -> list[Member] | None:
    """Return who a query is about: a channel or an exact nick; None unless all that it asks is known of all of them."""
    fields = query.fields or PLAIN
    if not network.up or query.flags or any(NEEDS[field] not in network.caps for field in fields if field in NEEDS):
        return None
    members = list(_matching(network, query.mask))
    return members if members and all(_is_known(network, member.person, fields) for member in members) else None


def _matching(network: NetworkState, mask: str) -> Iterator[Member]:
    room = network.rooms.get(mask)
    if room is None or not room.complete:
        person = network.people.get(mask)
        if person is not None:
            yield Member(person)
        return
    for nick, symbols in room.members.items():
        yield Member(network.people.get(nick) or Person(nick), room.name, symbols)


def _is_known(network: NetworkState, person: Person, fields: str) -> bool:
    known = known_fields(Member(person), away=is_away(network, person))
    return all(field not in known or known[field] is not None for field in fields)


def is_away(network: NetworkState, person: Person) -> bool | None:
    """Return whether somebody is away; of the user the bouncer itself has told the server."""
    told = network.record.auto_away or network.record.forward_away
    return network.away is not None if told and network.is_me(person.nick) else person.away


def known_fields(member: Member, *, away: bool | None) -> dict[str, str | None]:
    """Return what is known of somebody by the letters of the fields, None where nothing is."""
    person, channel, symbols = member
    flags = None
    if away is not None and person.flags is not None:
        flags = f"{'G' if away else 'H'}{person.flags}{symbols}"
    return {
        "c": channel,
        "u": person.username,
        "h": person.host,
        "s": person.server,
        "n": person.nick,
        "f": flags,
        "a": "0" if person.account == "*" else person.account,
        "r": person.realname,
    }


def who_lines(call: Call, query: WhoQuery, members: list[Member]) -> Iterator[str]:
    """Yield the answer to a WHO, all of whose fields are known."""
    hostname, nick = call.user.settings.hostname, call.client.nick
    for member in members:
        away = is_away(call.bound, member.person) if call.bound is not None else member.person.away
        known = {field: value or "" for field, value in known_fields(member, away=away).items()}
        if query.fields:
            reply = Message(Numeric.RPL_WHOSPCRPL, (nick, *whox_params(query, known)), hostname)
        else:
            fields = (known[field] or "*" for field in "cuhsnf")
            reply = Message(Numeric.RPL_WHOREPLY, (nick, *fields, f"0 {known['r']}"), hostname)
        yield str(sayable(reply))
    yield str(sayable(Message(Numeric.RPL_ENDOFWHO, (nick, query.mask, "End of /WHO list"), hostname)))


def service_member(call: Call) -> Member:
    """Return the service, as if it was on the server."""
    hostname = call.user.settings.hostname
    bot = (call.bound.isupport.bot if call.bound is not None else "") or "B"
    return Member(Person(SERVICE_NICK, SERVICE_NICK, hostname, "*", SERVICE_REALNAME, False, hostname, bot))


def unbound_member(call: Call) -> Member:
    """Return the user on the bouncer itself."""
    user, hostname = call.user.record, call.user.settings.hostname
    away = call.client.away is not None
    return Member(
        Person(call.client.nick, user.name, hostname, user.name, user.realname or user.name, away, hostname, "")
    )


def learn(network: NetworkState, known: dict[str, str]) -> None:
    """Take in what a server has told of somebody whom the user knows, by the letters of the fields."""
    person = network.people.get(known.get("n", ""))
    if person is None:
        return
    person.username = known.get("u", person.username)
    person.host = known.get("h", person.host)
    person.server = known.get("s", person.server)
    person.realname = known.get("r", person.realname)
    if "a" in known:
        person.account = "*" if known["a"] == "0" else known["a"]
    flags = known.get("f")
    if flags:
        person.away = flags[0] == "G"
        person.flags = "".join(flag for flag in flags[1:] if flag not in network.isupport.prefix_symbols)
