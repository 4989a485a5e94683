"""Commands about logins to servers (rows SVC-13 to SVC-15, AUP-02)."""

from collections.abc import Mapping

import msgspec

from actors import Turn
from soju_actors.messages.upstream import SaslStored
from soju_actors.model.records import Network, SaslMechanism
from soju_actors.ports.database import Saved, SaveNetwork, WriteFailed
from soju_actors.service.commands import Given
from soju_actors.service.errors import CommandError
from soju_actors.user.saving import Pending, continuation, newest
from soju_actors.user.service.errand import Errand, Handler, answer
from soju_actors.user.state import NetworkState, UserState


def status(errand: Errand, given: Given) -> None:
    """Tell how the bouncer logs in, and whether it is logged in; never with which password."""
    name = given.text("network")
    one = errand.network(name) if name else errand.bound
    networks = [one] if one else list(errand.user.networks.values())
    errand.say(*(f"{network.record.name}: {how_logged_in(network.record)}; {_now(network)}" for network in networks))
    if not networks:
        errand.say("You have no networks")


def set_plain(errand: Errand, given: Given) -> None:
    """Log in with PLAIN from the next connection on."""
    _set_password(errand, given, SaslMechanism.PLAIN)


def set_scram(errand: Errand, given: Given) -> None:
    """Log in with SCRAM-SHA-256 from the next connection on."""
    _set_password(errand, given, SaslMechanism.SCRAM_SHA_256)


def reset(errand: Errand, given: Given) -> None:
    """Log in no more, and forget what it was done with."""
    network = errand.network(given.text("network"))
    record = msgspec.structs.replace(
        errand.record(network),
        sasl=SaslMechanism.NONE,
        sasl_username="",
        sasl_password="",
        sasl_certificate="",
        sasl_key="",
    )
    lines = [f"{record.name}: no SASL login from the next connection on"]
    if record.sasl_required:
        lines.append("The network requires one: without, it will not connect again")
    store(errand, record, *lines)


HANDLERS: Mapping[str, Handler] = {
    "sasl status": status,
    "sasl set-plain": set_plain,
    "sasl set-scram": set_scram,
    "sasl reset": reset,
}


def how_logged_in(record: Network) -> str:
    """Return how a login to a network is made."""
    required = ", required" if record.sasl_required else ""
    match record.sasl:
        case SaslMechanism.NONE:
            return f"no SASL login{required}"
        case SaslMechanism.EXTERNAL:
            return f"SASL EXTERNAL with a certificate{required}"
    return f"SASL {record.sasl} as {record.sasl_username}{required}"


def _now(network: NetworkState) -> str:
    if not network.up:
        return "not connected"
    return f"logged in as {network.account}" if network.account else "not logged in"


def store(errand: Errand, record: Network, *lines: str) -> None:
    """Store a changed login, and then say so."""
    errand.save(SaveNetwork(record), "sasl_changed", network=record, words=lines)


@continuation
def sasl_changed(user: UserState, pending: Pending, done: Saved | WriteFailed, turn: Turn) -> None:
    """Let the connection use a login that has been stored, the next time."""
    network = user.networks.get(pending.network.id) if pending.network else None
    if isinstance(done, WriteFailed):
        answer(user, pending, turn, error=done.reason)
    elif network is None or pending.network is None:
        answer(user, pending, turn, error="the network was deleted meanwhile")
    else:
        network.record = newest(user, pending.network)
        if network.upstream.path:
            turn.send(network.upstream, SaslStored(network.record))
        answer(user, pending, turn, pending.words)


def _set_password(errand: Errand, given: Given, mechanism: SaslMechanism) -> None:
    network = errand.network(given.text("network"))
    username, password = given.params
    if not username or not password:
        raise CommandError("neither the username nor the password is empty")
    record = msgspec.structs.replace(
        errand.record(network), sasl=mechanism, sasl_username=username, sasl_password=password
    )
    store(errand, record, f"{record.name}: SASL {mechanism} as {username} from the next connection on")
