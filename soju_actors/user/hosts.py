"""Somebody's username or host changes: for clients that do not know of CHGHOST, they leave and come back.

Spec: https://ircv3.net/specs/extensions/chghost#fallback-when-the-chghost-capability-has-not-been-negotiated
"""

from collections.abc import Iterator

from soju_actors.irc.numerics import Numeric
from soju_actors.irc.source import nick_of
from soju_actors.user.said import Said

CHGHOST = "chghost"


def show_fallback(said: Said) -> None:
    """Show what stands for a CHGHOST to clients without it; of the user itself they are told the host (row UP-04)."""
    network = said.network
    nick = nick_of(said.message.source)
    if network.is_me(nick):
        line = f":{said.user.settings.hostname} {Numeric.RPL_VISIBLEHOST} {network.nick} {said.message.params[1]}"
        network.feed.line_if(f"{line} :is now your hidden host", lacks=CHGHOST)
        return
    for line in _lines(said, nick):
        network.feed.line_if(line, lacks=CHGHOST)


def _lines(said: Said, nick: str) -> Iterator[str]:
    network, (username, host) = said.network, said.message.params[:2]
    folded = network.fold(nick)
    rooms = [room for room in network.rooms.values() if folded in room.members and not network.hides(room.name)]
    person = network.people.get(nick)
    account = (person.account if person else None) or "*"
    realname = (person.realname if person else None) or nick
    if rooms:
        yield f":{said.message.source} QUIT :Changing host"
    for room in rooms:
        yield f":{nick}!{username}@{host} JOIN {room.name} {account} :{realname}"
        modes = "".join(map(network.isupport.mode_of, room.members[folded]))
        if modes:
            source = network.server or said.user.settings.hostname
            yield f":{source} MODE {room.name} +{modes} {' '.join([nick] * len(modes))}"
