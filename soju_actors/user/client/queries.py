"""WHO and WHOIS (rows CMD-16, CMD-17), and what the server alone can answer (rows CMD-14, CMD-36)."""

from soju_actors.irc.answers import ANSWERS, kind_of
from soju_actors.irc.errors import ReplyError, unknown_command
from soju_actors.irc.message import Message
from soju_actors.irc.numerics import Numeric
from soju_actors.irc.whox import parse_who
from soju_actors.policy.service import SERVICE_NICK, SERVICE_REALNAME
from soju_actors.user.call import Call
from soju_actors.user.client.table import CommandTable
from soju_actors.user.unanswered import failure_line
from soju_actors.user.who import from_memory, service_member, unbound_member, who_lines

TABLE = CommandTable()


@TABLE.command("WHO")
def who(call: Call) -> None:
    """Tell who is there: from memory where all of it is known, else by the server (row CCH-02)."""
    query = parse_who(call.params)
    if not query.mask:
        call.reply(Numeric.RPL_ENDOFWHO, "*", "End of /WHO list")
        return
    mask = query.mask.casefold()
    members = None
    if mask == SERVICE_NICK.casefold():
        members = [service_member(call)]
    elif call.bound is None:
        members = [unbound_member(call)] if mask == call.client.nick.casefold() else []
    else:
        members = from_memory(call.bound, query)
    if members is None:
        leave_to_server(call, call.message.without_tags())
    else:
        call.lines(who_lines(call, query, members))


@TABLE.command("WHOIS")
def whois(call: Call) -> None:
    """Tell who somebody is, one after the other if there are several; some are known here (row CMD-17)."""
    if not call.params or not call.params[-1]:
        raise ReplyError(Numeric.ERR_NONICKNAMEGIVEN, "No nickname given")
    *server, names = call.params
    nicks = [nick for nick in dict.fromkeys(names.split(",")) if nick]
    if len(nicks) > call.user.settings.targets:
        raise ReplyError(Numeric.ERR_TOOMANYTARGETS, f"A WHOIS has at most {call.user.settings.targets} nicks")
    for nick in nicks:
        with call.one_target():
            _whois(call, server, nick)


def _whois(call: Call, server: list[str], nick: str) -> None:
    if nick.casefold() == SERVICE_NICK.casefold():
        _tell_service(call)
    elif call.bound is not None:
        leave_to_server(call, Message("WHOIS", (*server[:1], nick)))
    elif nick.casefold() == call.client.nick.casefold():
        _tell_oneself(call)
    else:
        call.reply(Numeric.ERR_NOSUCHNICK, nick, "No such nick")
        call.reply(Numeric.RPL_ENDOFWHOIS, nick, "End of /WHOIS list")


def _tell_service(call: Call) -> None:
    hostname = call.user.settings.hostname
    call.reply(Numeric.RPL_WHOISUSER, SERVICE_NICK, SERVICE_NICK, hostname, "*", SERVICE_REALNAME)
    call.reply(Numeric.RPL_WHOISSERVER, SERVICE_NICK, hostname, "soju-actors")
    call.reply(Numeric.RPL_WHOISOPERATOR, SERVICE_NICK, "is the bouncer service")
    call.reply(Numeric.RPL_WHOISBOT, SERVICE_NICK, "is a bot")
    call.reply(Numeric.RPL_ENDOFWHOIS, SERVICE_NICK, "End of /WHOIS list")


def _tell_oneself(call: Call) -> None:
    user, nick, hostname = call.user.record, call.client.nick, call.user.settings.hostname
    call.reply(Numeric.RPL_WHOISUSER, nick, user.name, hostname, "*", user.realname or user.name)
    call.reply(Numeric.RPL_WHOISSERVER, nick, hostname, "soju-actors")
    if user.admin:
        call.reply(Numeric.RPL_WHOISOPERATOR, nick, "is an admin of the bouncer")
    call.reply(Numeric.RPL_WHOISACCOUNT, nick, user.name, "is logged in as")
    call.reply(Numeric.RPL_ENDOFWHOIS, nick, "End of /WHOIS list")


def leave_to_server(call: Call, message: Message) -> None:
    """Let the server answer; while there is none a question ends at once (row CMD-36).

    Raises:
        ReplyError: there is no server, and nobody here knows the command.
    """
    if call.bound is not None and call.bound.up:
        call.forward(message)
        return
    answer = ANSWERS.get(kind_of(message))
    if call.bound is None or answer is None or not answer.queue:
        raise unknown_command(message.command)
    call.lines([failure_line(call.user, call.client, message, "The network is not connected")])
