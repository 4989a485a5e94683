"""What others say in channels, which is nearly all that is ever said: stored and shown without parsing all of it."""

from soju_actors.irc.message import tag_in
from soju_actors.irc.server_time import format_time
from soju_actors.model.entry import Entry
from soju_actors.policy.service import SERVICE_NICK
from soju_actors.user.recording import enter
from soju_actors.user.stamps import time_in
from soju_actors.user.state import NetworkState, UserState

WORDS = 5
"""Tags, source, command, target, and the text with all its spaces."""


def take_talk(user: UserState, network: NetworkState, line: str, wall: float) -> bool:
    """Store and show what somebody else says in a channel whose buffer runs; whether the line is that.

    The handler of PRIVMSG would do the same with it. This must be false for whatever
    needs a look at anything that is not looked at here.
    """
    words = line.split(" ", 4) if line[:1] == "@" else ("@", *line.split(" ", 3))
    if len(words) != WORDS or words[2] != "PRIVMSG" or not network.welcomed:
        return False
    handle = network.spelled.get(words[3])
    if handle is None or not handle.plain or words[3][0] not in network.isupport.chantypes:
        return False
    nick, tags = _other(network, words[1]), words[0][1:]
    if not nick or "label=" in tags or "batch=" in tags:
        return False
    time = time_in(tags)
    if time is None:
        if tags:
            return False
        time, line = int(wall * 1000), f"@time={format_time(wall)} {line}"
    enter(user, network, handle, Entry(handle.end, time, nick, "PRIVMSG", line, tag_in(tags, "msgid") or ""))
    network.feed.run(handle.key)
    return True


def _other(network: NetworkState, source: str) -> str:
    """Return the nick of a person, given with a colon; nothing if it may be the user, the service, or is blocked."""
    colon, nick = source[:1], source[1 : source.find("!")]
    if colon != ":" or "!" not in source or "@" in nick or len(nick) == len(SERVICE_NICK):
        return ""
    if network.blocked is not None and network.blocked.hides(nick):
        return ""
    return nick if len(nick) != len(network.nick) or not network.is_me(nick) else ""
