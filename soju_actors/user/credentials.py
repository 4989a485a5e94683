"""How the bouncer logs in to a network the next time, as clients show it (rows AUP-04, AUP-05)."""

from actors import Turn
from soju_actors.irc.message import Message
from soju_actors.messages.upstream import SaslStored
from soju_actors.model.records import SaslMechanism
from soju_actors.user.call import Call
from soju_actors.user.saving import change_now
from soju_actors.user.state import NetworkState, UserState


def note_nickserv(call: Call, message: Message) -> None:
    """Keep the account and password of an IDENTIFY, REGISTER or SET PASSWORD."""
    network = call.network
    if message.command != "PRIVMSG" or network.fold(message.params[0]) != "nickserv":
        return
    found = credentials(message.params[1], network.nick, network.record.sasl_username)
    if found is not None:
        keep_login(call.user, network, *found, call.turn)


def keep_login(user: UserState, network: NetworkState, account: str, password: str, turn: Turn) -> None:
    """Log in with an account from the next connection on, unless a certificate is used for that."""
    if network.record.sasl is SaslMechanism.EXTERNAL:
        return
    mechanism = network.record.sasl if network.record.sasl is not SaslMechanism.NONE else SaslMechanism.PLAIN
    change_now(user, network, turn, sasl=mechanism, sasl_username=account, sasl_password=password)
    turn.send(network.upstream, SaslStored(network.record))


def forget_login(user: UserState, network: NetworkState, turn: Turn) -> None:
    """Log in no more; a certificate is kept, since it cannot be had again."""
    change_now(user, network, turn, sasl=SaslMechanism.NONE, sasl_username="", sasl_password="")


def credentials(text: str, nick: str, account: str) -> tuple[str, str] | None:
    """Return the account and password in a message to NickServ, None if it has none."""
    match text.split():
        case [word, password, *_] if word.upper() == "REGISTER":
            return account or nick, password
        case [word, password] if word.upper() == "IDENTIFY":
            return account or nick, password
        case [word, name, password] if word.upper() == "IDENTIFY":
            return name, password
        case [word, what, password] if word.upper() == "SET" and what.upper() == "PASSWORD":
            return account or nick, password
    return None
