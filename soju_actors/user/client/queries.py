"""WHO, WHOIS, WHOWAS, LIST: questions with answers of many lines (rows CMD-14, CMD-16, CMD-17)."""

from soju_actors.irc.errors import ReplyError
from soju_actors.irc.message import Message
from soju_actors.irc.numerics import Numeric
from soju_actors.user.call import Call
from soju_actors.user.client.table import CommandTable
from soju_actors.user.service.identity import SERVICE_NICK, SERVICE_REALNAME
from soju_actors.user.unanswered import failure_line
from soju_actors.user.who import known_members, who_lines

TABLE = CommandTable()


@TABLE.command("WHO")
def who(call: Call) -> None:
    """Tell who is there: from memory where all of it is known, else by the server (row CCH-02)."""
    if not call.params:
        call.reply(Numeric.RPL_ENDOFWHO, "*", "End of /WHO list")
        return
    mask = call.params[0]
    if mask.casefold() == SERVICE_NICK.casefold() or call.bound is None:
        call.lines(who_lines(call, [], mask))
        return
    members = known_members(call.bound, mask) if len(call.params) == 1 else None
    if members is not None:
        call.lines(who_lines(call, members, mask))
    else:
        _ask(call)


@TABLE.command("WHOIS")
def whois(call: Call) -> None:
    """Tell who somebody is; the service and an unbound user are known here (row CMD-17)."""
    if not call.params or not call.params[-1]:
        raise ReplyError(Numeric.ERR_NONICKNAMEGIVEN, "No nickname given")
    nick = call.params[-1].partition(",")[0]
    hostname = call.user.settings.hostname
    if nick.casefold() == SERVICE_NICK.casefold():
        call.reply(Numeric.RPL_WHOISUSER, SERVICE_NICK, SERVICE_NICK, hostname, "*", SERVICE_REALNAME)
        call.reply(Numeric.RPL_WHOISSERVER, SERVICE_NICK, hostname, "soju-actors")
        call.reply(Numeric.RPL_WHOISOPERATOR, SERVICE_NICK, "is the bouncer service")
        call.reply(Numeric.RPL_WHOISBOT, SERVICE_NICK, "is a bot")
        call.reply(Numeric.RPL_ENDOFWHOIS, SERVICE_NICK, "End of /WHOIS list")
    elif call.bound is not None:
        _ask(call)
    elif nick.casefold() == call.client.nick.casefold():
        user = call.user.record
        call.reply(Numeric.RPL_WHOISUSER, call.client.nick, user.name, hostname, "*", user.realname or user.name)
        call.reply(Numeric.RPL_WHOISSERVER, call.client.nick, hostname, "soju-actors")
        call.reply(Numeric.RPL_WHOISACCOUNT, call.client.nick, user.name, "is logged in as")
        call.reply(Numeric.RPL_ENDOFWHOIS, call.client.nick, "End of /WHOIS list")
    else:
        raise ReplyError(Numeric.ERR_NOSUCHNICK, nick, "No such nick")


@TABLE.command("WHOWAS", "LIST")
def others(call: Call) -> None:
    """Ask the server."""
    _ask(call)


def _ask(call: Call) -> None:
    """Ask the server, with a label, or else in turn."""
    message = Message(call.message.command, call.params)
    if call.network.up:
        call.forward(message)
    else:
        call.lines([failure_line(call.user, call.client, message, "The network is not connected")])
