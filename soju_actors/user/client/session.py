"""PING, USER, MOTD and the like: the connection itself."""

from soju_actors.irc.errors import ReplyError, already_registered
from soju_actors.irc.message import Message
from soju_actors.irc.numerics import Numeric
from soju_actors.user.call import Call
from soju_actors.user.client.table import CommandTable
from soju_actors.user.isupport import list_lines
from soju_actors.user.welcome import motd_lines

TABLE = CommandTable()


@TABLE.command("PING", min_params=1)
def ping(call: Call) -> None:
    """Answer behind all that was said before, so that a client can wait for it (row CMD-01).

    While lines wait for the database the answer does not: the client would take us for dead.
    """
    hostname = call.user.settings.hostname
    token, *server = call.params
    if server and server[0] != hostname:
        raise ReplyError(Numeric.ERR_NOSUCHSERVER, server[0], "No such server")
    pong = Message("PONG", (hostname, token), source=hostname)
    if call.user.problem:
        call.say_now(pong)
    else:
        call.say(pong)


@TABLE.command("USER", "PASS")
def user(call: Call) -> None:
    """Refuse what belongs before registration (row CMD-03)."""
    del call
    raise already_registered()


@TABLE.command("ISUPPORT")
def isupport(call: Call) -> None:
    """Tell again what is supported (row ISU-13).

    Spec: https://ircv3.net/specs/extensions/extended-isupport#isupport-command
    """
    call.lines(list_lines(call.user, call.bound, call.client))


@TABLE.command("MOTD")
def motd(call: Call) -> None:
    """Show the bouncer's message of the day, or the server's."""
    if call.bound is None or not call.bound.up:
        call.lines(motd_lines(call.user, call.client))
    else:
        call.forward(call.message.without_tags())
