"""What follows when a change of a network is stored: BOUNCER, the service or a new client has asked for it."""

import msgspec

from actors import Ref, Turn
from soju_actors.irc.message import Message
from soju_actors.irc.numerics import Numeric
from soju_actors.messages.downstream import AttachRefused
from soju_actors.messages.store import TidyUp
from soju_actors.messages.user import Probed
from soju_actors.model.records import NetworkId
from soju_actors.ports.database import Saved, SaveNetwork, WriteFailed
from soju_actors.ports.protocols import ToDownstream
from soju_actors.user.attaching import take
from soju_actors.user.bouncer import announce_network
from soju_actors.user.client.bouncer import reply_to_bouncer
from soju_actors.user.networks import add_network, change_network, remove_network
from soju_actors.user.saving import Pending, continuation, newest, save
from soju_actors.user.service.errand import answer, asking_client
from soju_actors.user.state import NetworkState, UserState


@continuation
def network_added(user: UserState, pending: Pending, done: Saved | WriteFailed, turn: Turn) -> None:
    """Begin with a network that has been stored."""
    text = ""
    if isinstance(done, Saved):
        network = _begin(user, pending, done, turn)
        text = f"{network.record.name} was created; log in as {user.record.name}/{network.record.name} to be on it"
    _reply(user, pending, done, turn, text)


@continuation
def network_changed(user: UserState, pending: Pending, done: Saved | WriteFailed, turn: Turn) -> None:
    """Use new settings of a network: connect again."""
    network = _known(user, pending)
    if isinstance(done, Saved):
        if network is None or pending.network is None:
            done = WriteFailed("the network was deleted meanwhile", transient=False)
        else:
            change_network(user, network, newest(user, pending.network), turn)
    again = ", connecting again" if pending.network and pending.network.enabled else ""
    _reply(user, pending, done, turn, f"{_name(pending)} was updated{again}")


@continuation
def network_deleted(user: UserState, pending: Pending, done: Saved | WriteFailed, turn: Turn) -> None:
    """End with a network; its clients are told before they are closed."""
    _reply(user, pending, done, turn, f"{_name(pending)} was deleted")
    network = _known(user, pending)
    if isinstance(done, Saved) and network is not None:
        network.feed.deliver(network.clients, turn)
        remove_network(user, network, turn)
        turn.send(user.store, TidyUp())


@continuation
def network_probed(user: UserState, pending: Pending, done: Probed | WriteFailed, turn: Turn) -> None:
    """Add the network that a client has named by its address, if there is a server (row USR-03)."""
    (path,) = pending.words
    msg, network = user.waiting.get(path), user.find_network(_name(pending))
    if msg is None or pending.network is None:
        return
    if network is None and not done.reason:
        follows = Pending("network_for_client", network=pending.network, words=pending.words)
        save(user, SaveNetwork(pending.network), turn, follows)
        return
    del user.waiting[path]
    ref = Ref[ToDownstream](path)
    if network is not None:
        take(user, network, msg, ref, turn)
        return
    reason = f"There is no network {_name(pending)}, and no server at that address: {done.reason}"
    refusal = Message(Numeric.ERR_PASSWDMISMATCH, ("*", reason), source=user.settings.hostname)
    turn.send(ref, AttachRefused(str(refusal)))


@continuation
def network_for_client(user: UserState, pending: Pending, done: Saved | WriteFailed, turn: Turn) -> None:
    """Attach the client that has named a network by its address (row USR-03).

    Two clients may have named it at the same time: then the second one was not
    stored, and is attached to the first.
    """
    (path,) = pending.words
    msg = user.waiting.pop(path, None)
    network = _begin(user, pending, done, turn) if isinstance(done, Saved) else user.find_network(_name(pending))
    if msg is None:
        return
    ref = Ref[ToDownstream](path)
    if network is not None:
        take(user, network, msg, ref, turn)
        return
    reason = f"The network could not be added: {getattr(done, 'reason', '')}"
    refusal = Message(Numeric.ERR_PASSWDMISMATCH, ("*", reason), source=user.settings.hostname)
    turn.send(ref, AttachRefused(str(refusal)))


def _begin(user: UserState, pending: Pending, done: Saved, turn: Turn) -> NetworkState:
    if pending.network is None:
        raise ValueError(f"{pending.then} was given no network")
    record = msgspec.structs.replace(pending.network, id=NetworkId(done.id))
    network = add_network(user, record, turn)
    announce_network(user, network)
    return network


def _known(user: UserState, pending: Pending) -> NetworkState | None:
    return user.networks.get(pending.network.id) if pending.network else None


def _name(pending: Pending) -> str:
    return pending.network.name if pending.network else ""


def _reply(user: UserState, pending: Pending, done: Saved | WriteFailed, turn: Turn, text: str) -> None:
    """Tell whoever asked, in the way that they asked."""
    if pending.words != ("BOUNCER",):
        answer(user, pending, turn, (text,) if isinstance(done, Saved) else (), getattr(done, "reason", ""))
        return
    client = asking_client(user, pending)
    if client is not None:
        user.feed_of(client).lines_to(client, reply_to_bouncer(client.nick, pending, done))
