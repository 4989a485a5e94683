"""Clients come and go (sections 5.1, 5.2, 5.4 of the reference)."""

import re

from actors import ChildSpec, Place, Ref, Restart, Turn
from soju_actors.irc.isupport import of_bouncer
from soju_actors.irc.message import Message
from soju_actors.irc.metadata import CAP as METADATA
from soju_actors.irc.numerics import Numeric
from soju_actors.messages.buffer import Unsubscribe
from soju_actors.messages.downstream import Attached, AttachRefused, CloseClient, Deliver, OfferCaps
from soju_actors.messages.logins import Interacted
from soju_actors.messages.slots import Lines
from soju_actors.messages.upstream import ProbeArgs
from soju_actors.messages.user import Attach
from soju_actors.model.records import Network, NetworkId, User
from soju_actors.policy.service import SERVICE_SOURCE
from soju_actors.ports.protocols import ToDownstream
from soju_actors.user import monitoring, naming, resuming
from soju_actors.user.asking import forget_client
from soju_actors.user.away import client_away, client_left
from soju_actors.user.bouncer import NOTIFY
from soju_actors.user.caps import offer
from soju_actors.user.metadata import attach_lines
from soju_actors.user.recording import awake, catch_up, subscribe
from soju_actors.user.saving import Pending
from soju_actors.user.settings import SettingError, check_network
from soju_actors.user.state import Client, NetworkState, UserState
from soju_actors.user.welcome import again_lines, network_lines, room_lines, welcome_lines

HOST = re.compile(r"(?=.*\.)[A-Za-z0-9.-]+(:\d+)?")
"""A network's name that may be an address: it has a dot (row USR-03)."""
MOST_PROBES = 10
"""Clients that may wait for a network to be added."""

MOVED = "You are on another node of the bouncer by now, connect again"
"""What clients are told when another node may act for the user."""


def close_all(user: UserState, reason: str, turn: Turn, *, goes_on: bool = False) -> None:
    """Close all clients; where the user goes on on another node, they wait for that."""
    for client in user.clients.values():
        turn.send(client.ref, CloseClient(reason, goes_on))


def renew(user: UserState, record: User, turn: Turn) -> None:
    """Take over the account as it is now; close the clients that may not be there any more.

    An older state of it, from a node that has not heard of the newest, is left out.
    """
    before = user.record
    if record.generation < before.generation:
        return
    user.record = record
    if not record.enabled:
        close_all(user, "This account is disabled", turn)
    elif record.generation != before.generation and record.password_hash != before.password_hash:
        for client in user.clients.values():
            if client.generation < record.generation:
                turn.send(client.ref, CloseClient("The password was changed"))


def end(user: UserState, reason: str, turn: Turn, *, goes_on: bool = False) -> None:
    """Close all clients, and end the user's actor."""
    close_all(user, reason, turn, goes_on=goes_on)
    user.clients.clear()
    turn.stop()


def attach(user: UserState, msg: Attach, ref: Ref[ToDownstream], turn: Turn) -> None:
    """Attach a client to the network that it names, to a new one, or to none."""
    if not user.record.enabled:
        turn.send(ref, CloseClient("This account is disabled"))
        return
    if msg.generation < user.record.generation:
        turn.send(ref, CloseClient("What you may log in with has changed, connect again"))
        return
    if len(user.clients) >= user.settings.max_clients:
        text = f"You have {user.settings.max_clients} sessions already: session list tells which"
        turn.send(ref, CloseClient(text))
        return
    network: NetworkState | None = None
    if msg.network_id:
        network = user.networks.get(msg.network_id)
        if network is None:
            turn.send(ref, AttachRefused(f"FAIL BOUNCER INVALID_NETID BIND {msg.network_id} :There is no such network"))
            return
    elif msg.network:
        network = user.find_network(msg.network)
        if network is None:
            _add_network(user, msg, ref, turn)
            return
    take(user, network, msg, ref, turn)


def take(user: UserState, network: NetworkState | None, msg: Attach, ref: Ref[ToDownstream], turn: Turn) -> None:
    """Make a connection a client: welcome, channels, backlog, in this order."""
    user.serials += 1
    nick = network.nick if network else user.record.nick or user.record.name
    if msg.shown is not None and not (network and network.up):
        nick = msg.nick  # as it was told
    client = Client(
        user.serials,
        ref,
        msg.client,
        nick,
        msg.caps,
        network.id if network else 0,
        msg.admin,
        msg.remote,
        turn.wall,
        msg.secure,
    )
    client.away, client.realname = msg.away, msg.realname
    client.subs = msg.subs if METADATA in msg.caps else frozenset()
    if msg.told_isupport:
        client.isupport = of_bouncer(user.settings.title, user.settings.icon)
    client.fingerprint, client.credential, client.impostor = msg.fingerprint, msg.credential, msg.impostor
    client.generation = msg.generation
    _interacted(user, client, turn)
    first = network is not None and all(other.name != client.name for other in network.clients)
    backlog = first and client.keeps_cursor
    user.clients[ref.path] = client
    turn.watch(ref)
    turn.send(ref, Attached(nick, client.network))
    turn.send(ref, OfferCaps(*offer(network)))
    feed = network.feed if network else user.lobby
    if msg.shown is None:
        feed.lines_to(client, welcome_lines(user, network, client))
    else:
        feed.lines_to(client, again_lines(user, network, client, msg.nick))
    feed.lines_to(client, network_lines(user, client))
    feed.lines_to(client, attach_lines(user, network, client))
    if user.problem:
        feed.line_to(client, service_notice(client, f"History cannot be stored now, messages wait: {user.problem}"))
    if network is not None:
        _enter(user, network, client, turn, backlog=backlog, shown=msg.shown)
        resuming.monitor_again(user, network, client, msg.monitored)


def _enter(
    user: UserState,
    network: NetworkState,
    client: Client,
    turn: Turn,
    *,
    backlog: bool,
    shown: dict[str, int] | None,
) -> None:
    """Let a client in to its network."""
    naming.know(user, network, client, turn)
    network.clients.append(client)
    network.feed.lines_to(client, room_lines(user, network, client, turn.wall))
    if backlog or shown:
        _wake_missed(user, network, client, turn, shown or {})
    hidden = network.blocked_for(client)
    for handle in list(network.handles.values()):
        if not handle.shown:
            continue  # its cursor stays, until the channel is shown again
        since = -1 if shown is None else shown.get(handle.target, -1)
        if (backlog or since >= 0) and not (hidden is not None and hidden.hides(handle.target)):
            catch_up(network, client, handle, handle.end, turn, since)
        else:
            subscribe(network, client, handle, turn)
    name = network.record.name
    if shown is not None and NOTIFY not in client.caps:
        gone = f"Disconnected from {name}: the node that was connected is gone"
        text = f"{name} is connected by another node now" if network.up else gone
        network.feed.line_to(client, service_notice(client, text))
    elif not network.up and network.error:
        network.feed.line_to(client, service_notice(client, f"Disconnected from {name}: {network.error}"))
    client_away(network, client, client.away, turn)


def _interacted(user: UserState, client: Client, turn: Turn) -> None:
    """Let the registry know that the user is there; who acts as the user is somebody else (row PRE-03)."""
    if not client.impostor:
        turn.send(user.registry, Interacted(user.record.name))


def _wake_missed(user: UserState, network: NetworkState, client: Client, turn: Turn, shown: dict[str, int]) -> None:
    """Start the buffers of stored targets that have something for this client."""
    cursor = client.name if client.keeps_cursor else ""
    hidden = network.blocked_for(client)
    missed = [
        target.name
        for target in network.asleep.values()
        if shown.get(target.name, target.cursors.get(cursor, target.end)) < target.end
    ]
    missed = [name for name in missed if not network.hides(name) and not (hidden is not None and hidden.hides(name))]
    network.clients.remove(client)  # its subscription, with the backlog, follows
    for name in missed:
        awake(user, network, name, turn)
    network.clients.append(client)


def leave(user: UserState, path: str, turn: Turn) -> None:
    """Forget a client whose connection has ended."""
    client = user.clients.pop(path, None)
    if client is None:
        return
    turn.unwatch(client.ref)
    _interacted(user, client, turn)
    network = user.network_of(client)
    if network is None:
        return
    network.clients.remove(client)
    monitoring.leave(user, network, client)
    for handle in network.handles.values():
        turn.send(handle.ref, Unsubscribe(client.ref))
    forget_client(network, client.serial)
    client_left(network, client, turn)


def _add_network(user: UserState, msg: Attach, ref: Ref[ToDownstream], turn: Turn) -> None:
    """Add the network that an unknown name stands for, if it looks like an address (row USR-03)."""
    record = Network(NetworkId(0), user.record.id, msg.network, msg.network, nick=msg.nick.partition("/")[0])
    try:
        _check_address(user, msg.network)
        check_network(user, record, admin=False)
    except SettingError as error:
        refusal = Message(Numeric.ERR_PASSWDMISMATCH, ("*", str(error)), source=user.settings.hostname)
        turn.send(ref, AttachRefused(str(refusal)))
        return
    user.waiting[ref.path] = msg
    request = user.new_request()
    user.pending[request] = Pending("network_probed", network=record, words=(ref.path,))
    probe = ProbeArgs(turn.me, record, request)
    turn.spawn(
        ChildSpec(
            f"probe-{request}", "soju_actors.upstream.probe:ProbeActor", probe, Restart.TEMPORARY, place=Place.ANYWHERE
        )
    )


def _check_address(user: UserState, name: str) -> None:
    if not HOST.fullmatch(name):
        known = ", ".join(sorted(n.record.name for n in user.networks.values())) or "none"
        raise SettingError(f"There is no network {name!r}; your networks: {known}")
    if len(user.waiting) >= MOST_PROBES:
        raise SettingError("Too many networks are being added, try again later")


def service_notice(client: Client, text: str) -> str:
    """Return a NOTICE from the service to a client."""
    return str(Message("NOTICE", (client.nick, text), source=SERVICE_SOURCE))


def tell(user: UserState, text: str) -> None:
    """Show all clients a notice."""
    for client in user.clients.values():
        user.feed_of(client).line_to(client, service_notice(client, text))


def tell_urgently(user: UserState, text: str, turn: Turn) -> None:
    """Show all clients a notice at once, before what waits for the database."""
    for client in user.clients.values():
        turn.send(client.ref, Deliver((Lines((service_notice(client, text),)),), urgent=True))
