"""001 to 005 and the message of the day: a connection begins (rows UP-06 to UP-09, NUM-07)."""

from soju_actors.irc.casemap import Casemapping
from soju_actors.irc.numerics import Numeric
from soju_actors.user import asking, casemapping, monitoring, regain
from soju_actors.user.isupport import tell_changes
from soju_actors.user.own import tell_connected
from soju_actors.user.said import Said
from soju_actors.user.server.table import ServerTable

TABLE = ServerTable()


@TABLE.on(Numeric.RPL_WELCOME, params=1)
def welcome(said: Said) -> None:
    """Learn the nick that the server has given, and its name; what came before it told of a login, if there is one."""
    said.network.nick = said.message.params[0]
    said.network.server = said.message.source
    tell_connected(said.user, said.network)


@TABLE.on("MARKREAD", "METADATA", "READ")
@TABLE.on(Numeric.RPL_YOURHOST, Numeric.RPL_CREATED, Numeric.RPL_NOWAWAY, Numeric.RPL_UNAWAY)
def swallowed(said: Said) -> None:
    """Keep from clients what the bouncer tells them itself (rows NUM-07, MET-04)."""


@TABLE.on(Numeric.RPL_MYINFO, params=2)
def my_info(said: Said) -> None:
    """Learn the server's name."""
    said.network.server = said.message.params[1]


@TABLE.on(Numeric.RPL_ISUPPORT, params=2)
def isupport(said: Said) -> None:
    """Learn what the server can do, and tell clients what that changes for them (row ISU-11).

    At the beginning of a connection they are told at the end of the welcome: a part of the list
    would withdraw what the rest of it offers again.
    """
    network = said.network
    changed = network.isupport.apply(said.message.params[1:-1])
    if "CASEMAPPING" in changed:
        casemapping.change(said.user, network, network.isupport.casemapping, said.turn)
    if "MONITOR" in changed:
        network.monitor.full = None
        monitoring.touch(said.user, network)
    if network.welcomed:
        tell_changes(said.user, network)


@TABLE.on(Numeric.RPL_ENDOFMOTD, Numeric.ERR_NOMOTD)
def end_of_motd(said: Said) -> None:
    """End the welcome; a server that has told no casemapping has the usual one."""
    network = said.network
    if network.welcomed:
        said.show()
        return
    network.welcomed = True
    regain.begin(said.user, network, said.turn)
    if "CASEMAPPING" not in network.isupport.tokens:
        casemapping.change(said.user, network, Casemapping.RFC1459, said.turn)
    tell_changes(said.user, network)


@TABLE.on(
    Numeric.RPL_MOTDSTART,
    Numeric.RPL_MOTD,
    Numeric.RPL_STATSCONN,
    Numeric.RPL_LUSERCLIENT,
    Numeric.RPL_LUSEROP,
    Numeric.RPL_LUSERUNKNOWN,
    Numeric.RPL_LUSERCHANNELS,
    Numeric.RPL_LUSERME,
    Numeric.RPL_LOCALUSERS,
    Numeric.RPL_GLOBALUSERS,
)
def part_of_welcome(said: Said) -> None:
    """Swallow what belongs to the welcome, show what a client has asked for later."""
    if said.network.welcomed:
        said.show()


@TABLE.on("ERROR")
def error(said: Said) -> None:
    """Keep the reason: the end of the connection follows and is told then."""
    said.network.error = said.message.params[0] if said.message.params else ""


@TABLE.on("PONG")
def pong(said: Said) -> None:
    """Go on with what a PING of the bouncer's own was to tell the end of."""
    asking.passed(said.network, said.message.params[-1] if said.message.params else "", said.turn)


@TABLE.on("ACK")
def acknowledged(said: Said) -> None:
    """Ignore that a labelled command has no other answer (row UP-32)."""
