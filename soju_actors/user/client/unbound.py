"""What a client that is bound to no network asks a server: here the bouncer is the server.

Clients ask these by themselves, and some wait for the answers.
"""

from soju_actors import __version__
from soju_actors.irc.errors import ReplyError, need_more_params, no_nick_given, no_such_channel
from soju_actors.irc.numerics import Numeric
from soju_actors.irc.server_time import format_time
from soju_actors.policy.service import SERVICE_NICK
from soju_actors.user.call import Call
from soju_actors.user.client.table import CommandTable
from soju_actors.user.isupport import list_lines
from soju_actors.user.unanswered import failure_line
from soju_actors.user.welcome import VERSION

TABLE = CommandTable()


@TABLE.command("VERSION")
def version(call: Call) -> None:
    """Tell the version, and what is supported. Spec: https://modern.ircdocs.horse/#version-message."""
    call.reply(Numeric.RPL_VERSION, f"{VERSION}-{__version__}", call.user.settings.hostname, "an IRC bouncer")
    call.lines(list_lines(call.user, None, call.client))


@TABLE.command("LUSERS")
def lusers(call: Call) -> None:
    """Count the user, and the clients: who else there is concerns nobody. Spec: https://modern.ircdocs.horse/#lusers-message."""
    clients = len(call.user.clients)
    call.reply(Numeric.RPL_LUSERCLIENT, "There are 1 users and 0 invisible on 1 servers")
    call.reply(Numeric.RPL_LUSERME, f"I have {clients} clients and 0 servers")


@TABLE.command("TIME")
def time(call: Call) -> None:
    """Tell the time, in UTC."""
    day, _, clock = format_time(call.turn.wall).partition("T")
    call.reply(Numeric.RPL_TIME, call.user.settings.hostname, f"{day} {clock[:8]} UTC")


@TABLE.command("ADMIN")
def admin(call: Call) -> None:
    """Tell nothing of the admins."""
    call.reply(Numeric.ERR_NOADMININFO, call.user.settings.hostname, "No administrative info is available")


@TABLE.command("INFO")
def info(call: Call) -> None:
    """Say what this is (row CMD-22)."""
    call.reply(Numeric.RPL_INFO, f"{VERSION} {__version__}, an IRC bouncer made of actors")
    call.reply(Numeric.RPL_ENDOFINFO, "End of /INFO list")


@TABLE.command("LINKS")
def links(call: Call) -> None:
    """Tell of the one server."""
    hostname = call.user.settings.hostname
    call.reply(Numeric.RPL_LINKS, hostname, hostname, f"0 {VERSION}")
    call.reply(Numeric.RPL_ENDOFLINKS, "*", "End of /LINKS list")


@TABLE.command("USERHOST", min_params=1)
def userhost(call: Call) -> None:
    """Tell the hosts of the user and the service. Spec: https://modern.ircdocs.horse/#userhost-message."""
    hostname, here = call.user.settings.hostname, "-" if call.client.away is not None else "+"
    known = {
        call.client.nick.casefold(): f"{call.client.nick}={here}{call.user.record.name}@{hostname}",
        SERVICE_NICK.casefold(): f"{SERVICE_NICK}*=+{SERVICE_NICK}@{hostname}",
    }
    asked = (known.get(nick.casefold()) for nick in call.params)
    call.reply(Numeric.RPL_USERHOST, " ".join(filter(None, asked)))


@TABLE.command("ISON", min_params=1)
def ison(call: Call) -> None:
    """Tell which of the nicks are the user and the service."""
    known = {nick.casefold(): nick for nick in (call.client.nick, SERVICE_NICK)}
    asked = (known.get(nick.casefold()) for nick in " ".join(call.params).split())
    call.reply(Numeric.RPL_ISON, " ".join(filter(None, asked)))


@TABLE.command("NAMES")
def names(call: Call) -> None:
    """Tell that there is nobody in any channel."""
    for name in call.params[0].split(",") if call.params else ("*",):
        call.reply(Numeric.RPL_ENDOFNAMES, name or "*", "End of /NAMES list")


@TABLE.command("MODE", min_params=1)
def mode(call: Call) -> None:
    """Tell the modes of the user (row NUM-01), which cannot be changed."""
    name, *changes = call.params
    if name.casefold() != call.client.nick.casefold():
        if name[:1] in ("#", "&", "+", "!"):
            raise no_such_channel(name)
        raise ReplyError(Numeric.ERR_USERSDONTMATCH, "Cannot see or change modes of other users")
    if changes:
        raise ReplyError(Numeric.ERR_UMODEUNKNOWNFLAG, "There are no modes to change here")
    call.reply(Numeric.RPL_UMODEIS, "+o" if call.client.admin else "+")


@TABLE.command("WHOWAS")
def whowas(call: Call) -> None:
    """Remember nobody."""
    if not call.params or not call.params[0]:
        raise no_nick_given()
    call.reply(Numeric.ERR_WASNOSUCHNICK, call.params[0], "There was no such nickname")
    call.reply(Numeric.RPL_ENDOFWHOWAS, call.params[0], "End of /WHOWAS list")


@TABLE.command("HELP")
def help_(call: Call) -> None:
    """Tell who can help."""
    subject = call.params[0] if call.params and call.params[0] else "*"
    call.reply(Numeric.RPL_HELPSTART, subject, "This is a bouncer")
    call.reply(Numeric.RPL_HELPTXT, subject, f"For what it can do say: /msg {SERVICE_NICK} help")
    call.reply(Numeric.RPL_ENDOFHELP, subject, "End of /HELP")


@TABLE.command("LIST", "MAP", "TRACE", "USERS", "SERVLIST", "USERIP", "SILENCE", "RULES", "STATS")
def nothing(call: Call) -> None:
    """Tell that there is nothing to tell: the end of an answer without any part."""
    if call.message.command == "STATS" and not call.params:
        raise need_more_params("STATS")
    call.lines([failure_line(call.user, call.client, call.message, "There is nothing of that here")])
