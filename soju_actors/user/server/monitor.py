"""730, 731, 734: who comes and goes among the monitored nicks (row UP-24).

Spec: https://ircv3.net/specs/extensions/monitor
"""

from soju_actors.irc.monitor import monitor_replies
from soju_actors.irc.numerics import Numeric
from soju_actors.irc.source import nick_of, parse_source
from soju_actors.policy.monitoring import OWN, Watched
from soju_actors.user import regain
from soju_actors.user.monitoring import forget_stranger, is_followed, tell_full
from soju_actors.user.said import Said
from soju_actors.user.server.table import ServerTable
from soju_actors.user.state import Person

TABLE = ServerTable()


@TABLE.on(Numeric.RPL_MONONLINE, params=2)
def online(said: Said) -> None:
    """Tell the clients that monitor them who is online."""
    network = said.network
    sources = [source for source in said.message.params[1].split(",") if source]
    heard = [(watched, source) for source in sources if (watched := _watched(said, source)) is not None]
    for watched, text in heard:
        watched.seen = text
        source = parse_source(text)
        if is_followed(network, source.nick):
            person = network.people.get(source.nick)
            if person is None:
                person = network.people[source.nick] = Person(source.nick)
            if source.host:  # some servers leave it out
                person.username, person.host = source.user, source.host
    _tell(said, Numeric.RPL_MONONLINE, heard)


@TABLE.on(Numeric.RPL_MONOFFLINE, params=2)
def offline(said: Said) -> None:
    """Tell the clients that monitor them who is gone; a nick that the user wants is taken (row NCK-02)."""
    nicks = [nick_of(nick) for nick in said.message.params[1].split(",") if nick]
    heard = [(watched, nick) for nick in nicks if (watched := _watched(said, nick)) is not None]
    for watched, nick in heard:
        watched.seen = ""
        forget_stranger(said.network, nick)
    _tell(said, Numeric.RPL_MONOFFLINE, heard)
    if any(OWN in watched.watchers for watched, _ in heard):
        regain.attempt(said.user, said.network, said.turn)


@TABLE.on(Numeric.ERR_MONLISTFULL, params=3)
def list_full(said: Said) -> None:
    """Tell the clients what the server's list has no room for; a nick that the user wants is tried for by time."""
    refused = said.network.monitor.refuse(nick for nick in said.message.params[2].split(",") if nick)
    tell_full(said.user, said.network, refused)
    if any(OWN in watched.watchers for watched in refused):
        regain.by_time(said.network, said.turn)


def _watched(said: Said, source: str) -> Watched | None:
    """Return what the server was asked about; what it says of others is nobody's business."""
    watched = said.network.monitor.find(nick_of(source))
    return watched if watched is not None and watched.asked else None


def _tell(said: Said, numeric: Numeric, heard: list[tuple[Watched, str]]) -> None:
    """Tell each client what it monitors of this, in as few lines as hold it."""
    network = said.network
    for client in network.clients:
        targets = [text for watched, text in heard if client.serial in watched.watchers]
        for line in monitor_replies(numeric, said.user.settings.hostname, client.nick, targets):
            network.feed.line_to(client, str(line))
