"""Servers come and go (rows LIF-06, LIF-07, LIF-12)."""

from collections.abc import Iterator

from actors import Turn
from soju_actors.irc.errors import ParseError
from soju_actors.irc.isupport import Isupport
from soju_actors.irc.message import Message, parse_message
from soju_actors.messages.downstream import OfferCaps, Renamed
from soju_actors.messages.user import UpstreamCaps, UpstreamDown, UpstreamUp
from soju_actors.user import monitoring, regain, unanswered
from soju_actors.user.attaching import service_notice
from soju_actors.user.away import sync_away
from soju_actors.user.bouncer import announce_network
from soju_actors.user.caps import offer
from soju_actors.user.isupport import tell_changes
from soju_actors.user.joining import PAUSE, JoinSaved, join_messages
from soju_actors.user.splits import end_splits
from soju_actors.user.state import Link, NetworkState, UserState

BOUNCER = "soju.im/bouncer-networks"


def trying(user: UserState, network: NetworkState, turn: Turn) -> None:
    """An attempt to connect begins."""
    _link(network, Link.TRYING, None, turn)
    announce_network(user, network)


def up(user: UserState, network: NetworkState, msg: UpstreamUp, turn: Turn) -> None:
    """A server has accepted the user: run the connect commands and join the saved channels."""
    _link(network, Link.UP, None, turn)
    network.isupport = Isupport()
    network.caps, network.available = msg.caps, msg.available
    network.error = network.told = ""
    network.welcomed, network.away = False, None
    network.rooms.clear()
    network.people.clear()
    network.batches.clear()
    monitoring.reset(user, network)
    network.account_before, network.account = network.account, ""
    network.modes = network.host = ""
    _rename(network, msg.nick, turn)
    commands = tuple(_connect_commands(network))
    if commands:
        network.send(turn, *commands)
        turn.after(f"join-{network.id}", PAUSE, JoinSaved(network.id))
    else:
        join_saved(network, turn)
    sync_away(network, turn)
    _offer(network, turn)
    _tell(network, f"Connected to {network.record.name}")
    if msg.login_problem:
        text = f"Not logged in to {network.record.name}: {msg.login_problem}"
        for client in network.clients:
            network.feed.line_to(client, service_notice(client, text))
    announce_network(user, network)


def join_saved(network: NetworkState, turn: Turn) -> None:
    """Join the saved channels that have not been joined."""
    channels = [channel for channel in network.saved.values() if channel.name not in network.rooms]
    if network.up and channels:
        network.send(turn, *join_messages(channels))


def caps(user: UserState, network: NetworkState, msg: UpstreamCaps, turn: Turn) -> None:
    """The server's capabilities have changed: so has what clients are offered."""
    network.caps, network.available = msg.caps, msg.available
    _offer(network, turn)
    if network.welcomed:
        tell_changes(user, network)


def down(user: UserState, network: NetworkState, msg: UpstreamDown, turn: Turn) -> None:
    """A connection ended or could not be made; clients keep their channels (row LIF-12)."""
    _link(network, Link.DOWN, None if msg.retry is None else turn.wall + msg.retry, turn)
    network.error = msg.reason
    end_splits(network)
    unanswered.give_up_all(user, network, "The server is gone", turn)
    network.owed = 0
    regain.stop(user, network, turn)
    monitoring.reset(user, network)
    _offer(network, turn)
    again = "" if msg.retry is not None or msg.misplaced else "; not trying again until the network is changed"
    if msg.registered:
        _tell(network, f"Disconnected from {network.record.name}: {msg.reason}{again}")
        network.told = msg.reason
    elif msg.reason != network.told:
        network.told = msg.reason
        text = f"Cannot connect to {network.record.name}: {msg.reason}{again}"
        for client in network.clients:
            network.feed.line_to(client, service_notice(client, text))
    announce_network(user, network)


def failed(user: UserState, path: str, turn: Turn) -> NetworkState | None:
    """Note that the actor of a connection has failed; return its network, None if it was no such actor."""
    for network in user.networks.values():
        if network.upstream.path == path:
            down(user, network, UpstreamDown(network.id, "internal error", network.up, 0.0), turn)
            return network
    return None


def _link(network: NetworkState, link: Link, retry_at: float | None, turn: Turn) -> None:
    network.link, network.retry_at, network.since = link, retry_at, turn.wall


def _connect_commands(network: NetworkState) -> Iterator[Message]:
    for command in network.record.connect_commands:
        try:
            yield parse_message(command)
        except ParseError:
            continue  # it was checked when it was set; what is left cannot be sent


def _rename(network: NetworkState, nick: str, turn: Turn) -> None:
    """Tell clients the nick that the server has given."""
    network.nick = nick
    for client in network.clients:
        if client.nick != nick:
            network.feed.line_to(client, f":{client.nick} NICK {nick}")
            client.nick = nick
            turn.send(client.ref, Renamed(nick))


def _offer(network: NetworkState, turn: Turn) -> None:
    for client in network.clients:
        turn.send(client.ref, OfferCaps(*offer(network)))


def _tell(network: NetworkState, text: str) -> None:
    """Tell clients that do not follow the networks' states by themselves (row CAPD-13)."""
    for client in network.clients:
        if BOUNCER not in client.caps:
            network.feed.line_to(client, service_notice(client, text))
