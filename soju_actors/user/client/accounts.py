"""AUTHENTICATE, REGISTER, VERIFY: the user's account on a network (rows CMD-19, CMD-20).

Spec: https://ircv3.net/specs/extensions/sasl-3.2, https://ircv3.net/specs/extensions/account-registration
"""

from soju_actors.irc.errors import ReplyError, sasl_aborted, sasl_failed, sasl_too_long
from soju_actors.irc.message import Message
from soju_actors.irc.numerics import Numeric
from soju_actors.irc.sasl.chunking import ABORT, EMPTY, ChunkReader
from soju_actors.irc.sasl.errors import SaslError, SaslTooLongError
from soju_actors.irc.sasl.server import decode_plain
from soju_actors.user.call import Call
from soju_actors.user.caps import REGISTRATION, takes_plain
from soju_actors.user.client.table import CommandTable
from soju_actors.user.credentials import forget_login
from soju_actors.user.networks import reconnect
from soju_actors.user.state import Exchange, NetworkState
from soju_actors.user.unanswered import failure_line

TABLE = CommandTable()

MECHANISMS = ("PLAIN", "ANONYMOUS")
MOST_LOGINS = 20
"""Logins of clients of a network that may wait for the server."""


@TABLE.command("AUTHENTICATE", min_params=1)
def authenticate(call: Call) -> None:
    """Log in to the server, or forget how that is done, once the client has said what it has to."""
    network, client = call.bound, call.client
    if network is None or not network.up or not takes_plain(network):
        client.exchange = None
        raise sasl_failed("There is no server here to log in to with SASL PLAIN")
    if call.params[0] == ABORT:
        client.exchange = None
        raise sasl_aborted()
    if client.exchange is None:
        _begin(call, call.params[0].upper())
        return
    try:
        data = client.exchange.chunks.receive(call.params[0])
        if data is not None:
            mechanism, client.exchange = client.exchange.mechanism, None
            HANDLERS[mechanism](call, network, data)
    except SaslTooLongError:
        client.exchange = None
        raise sasl_too_long() from None
    except SaslError as error:
        client.exchange = None
        raise sasl_failed(str(error)) from None


def _begin(call: Call, mechanism: str) -> None:
    if mechanism not in MECHANISMS:
        call.reply(Numeric.RPL_SASLMECHS, ",".join(MECHANISMS), "are available SASL mechanisms")
        raise sasl_failed("This SASL mechanism is not available")
    call.client.exchange = Exchange(mechanism, ChunkReader())
    call.say(Message("AUTHENTICATE", (EMPTY,)))


def _plain(call: Call, network: NetworkState, data: bytes) -> None:
    """Log in to the server when the logins before it have ended; it is kept if it succeeds."""
    plain = decode_plain(data)
    network.logins = {number: login for number, login in network.logins.items() if number in network.asks.plain}
    if len(network.logins) >= MOST_LOGINS:
        raise ReplyError(Numeric.RPL_TRYAGAIN, "AUTHENTICATE", "Too many logins wait for the server")
    # The server may challenge at once, but not before this turn has ended.
    call.forward(Message("AUTHENTICATE", ("PLAIN",)))
    network.logins[network.asks.numbers] = plain


def _anonymous(call: Call, network: NetworkState, data: bytes) -> None:
    """Forget the login, and be on the network without (row CMD-19); what a client traces is nobody's business."""
    del data
    forget_login(call.user, network, call.turn)
    call.reply(Numeric.RPL_SASLSUCCESS, "The login is forgotten, connecting again")
    reconnect(call.user, network, call.turn)


HANDLERS = {"PLAIN": _plain, "ANONYMOUS": _anonymous}


@TABLE.command("REGISTER", min_params=3)
def register(call: Call) -> None:
    """Make an account on the server; it is kept as the login once there is one."""
    _forward(call)


@TABLE.command("VERIFY", min_params=2)
def verify(call: Call) -> None:
    """Complete an account."""
    _forward(call)


def _forward(call: Call) -> None:
    message = Message(call.message.command, call.params)
    network = call.network
    if network.up and REGISTRATION in network.caps:
        call.forward(message)
        return
    reason = "The server does not make accounts" if network.up else "The network is not connected"
    call.lines([failure_line(call.user, call.client, message, reason)])
