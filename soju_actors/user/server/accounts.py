"""What servers say to logins and accounts of clients (rows CMD-19, CMD-20, UP-03, UP-05)."""

from soju_actors.irc.message import Message
from soju_actors.irc.numerics import Numeric
from soju_actors.irc.sasl.chunking import ABORT, to_chunks
from soju_actors.irc.sasl.client import Plain
from soju_actors.irc.sasl.errors import SaslError
from soju_actors.user.credentials import keep_login
from soju_actors.user.said import Said
from soju_actors.user.server.table import ServerTable

TABLE = ServerTable()


@TABLE.on("AUTHENTICATE", params=1)
def challenge(said: Said) -> None:
    """Answer in the name of the client, which has said all that it has to; it is not told."""
    login = said.network.logins.get(said.ask.number) if said.ask else None
    if login is None:
        return
    try:
        answers = to_chunks(Plain(login.authcid, login.password, login.authzid).start())
    except SaslError:
        answers = [ABORT]
    said.network.send(said.turn, *(Message("AUTHENTICATE", (chunk,)) for chunk in answers))


@TABLE.on(Numeric.RPL_SASLSUCCESS)
def logged_in(said: Said) -> None:
    """Keep a login that the server has accepted (row AUP-04)."""
    login = said.network.logins.pop(said.ask.number, None) if said.ask else None
    said.show()
    if login is not None:
        keep_login(said.user, said.network, login.authcid, login.password, said.turn)


@TABLE.on(
    Numeric.ERR_NICKLOCKED,
    Numeric.ERR_SASLFAIL,
    Numeric.ERR_SASLTOOLONG,
    Numeric.ERR_SASLABORTED,
    Numeric.ERR_SASLALREADY,
)
def not_logged_in(said: Said) -> None:
    """Forget a login that the server has refused."""
    if said.ask is not None:
        said.network.logins.pop(said.ask.number, None)
    said.show()


@TABLE.on("REGISTER", params=2)
def registered(said: Said) -> None:
    """Keep the login of a new account (row CMD-20); of one that is to be verified, until it is."""
    said.show()
    if said.ask is None or said.ask.kind != "REGISTER":
        return
    outcome, account = said.message.params[:2]
    password = said.ask.message.params[2]
    if outcome == "SUCCESS":
        keep_login(said.user, said.network, account, password, said.turn)
    elif outcome == "VERIFICATION_REQUIRED":
        said.network.unverified = (account, password)


@TABLE.on("VERIFY", params=2)
def verified(said: Said) -> None:
    """Keep the login of an account that is complete now."""
    said.show()
    network = said.network
    account, password = network.unverified
    outcome, name = said.message.params[:2]
    if said.ask is not None and outcome == "SUCCESS" and name == account:
        network.unverified = ("", "")
        keep_login(said.user, network, account, password, said.turn)
