"""Networks begin, change and end (section 5.3 of the reference)."""

from actors import ChildSpec, Place, Ref, Turn
from soju_actors.irc.casemap import FoldedDict, parse_casemapping
from soju_actors.messages.downstream import CloseClient
from soju_actors.messages.upstream import Disconnect, Reconnect, UpstreamArgs
from soju_actors.model.records import Channel, Flags, Marker, Network, Target
from soju_actors.policy.egress import Egress, EgressError, parse_egress
from soju_actors.policy.monitoring import Monitor
from soju_actors.user.blocking import note_blocked
from soju_actors.user.bouncer import announce_gone, announce_network
from soju_actors.user.detaching import use_channel
from soju_actors.user.feed import Feed
from soju_actors.user.identity import nick_for, realname_for, username_for
from soju_actors.user.joining import join_messages
from soju_actors.user.state import CLEARED, Link, NetworkState, UserState
from soju_actors.user.sts import policy_for


def add_network(
    user: UserState,
    record: Network,
    turn: Turn,
    *,
    channels: tuple[Channel, ...] = (),
    targets: tuple[Target, ...] = (),
    names: tuple[str, ...] = (),
    markers: tuple[Marker, ...] = (),
    flags: tuple[Flags, ...] = (),
) -> NetworkState:
    """Begin with a network: connect it if it is enabled."""
    mapping = parse_casemapping(record.casemapping or "rfc1459")
    network = NetworkState(
        record,
        Ref(""),
        Feed(),
        nick=nick_for(user, record),
        casemapping=mapping,
        rooms=FoldedDict(mapping),
        people=FoldedDict(mapping),
        saved=FoldedDict(mapping),
        handles=FoldedDict(mapping),
        asleep=FoldedDict(mapping),
        markers=FoldedDict(mapping),
        flags=FoldedDict(mapping),
        monitor=Monitor(mapping),
        names=set(names),
    )
    for channel in channels:
        network.saved[channel.name] = channel
    for target in targets:
        network.asleep[target.name] = target
        if CLEARED in target.cursors:
            network.cleared[target.name] = target.cursors[CLEARED]
    for marker in markers:
        network.markers[marker.target] = max(marker.time, network.markers.get(marker.target, 0))
    for noted in flags:
        network.flags[noted.target] = noted
    note_blocked(network)
    user.networks[network.id] = network
    start(user, network, turn)
    return network


def start(user: UserState, network: NetworkState, turn: Turn) -> None:
    """Spawn the upstream of an enabled network of an enabled user."""
    if network.upstream.path or network.leaving or not (network.record.enabled and user.record.enabled):
        return
    record = network.record
    args = UpstreamArgs(
        user=turn.me,
        pacer=user.pacer,
        network=record,
        nick=nick_for(user, record),
        username=username_for(user, record),
        realname=realname_for(user, record),
        settings=user.settings.upstream,
        sts=policy_for(user, record),
    )
    egress = _egress_of(record)
    spec = ChildSpec(
        f"upstream-{network.id}",
        "soju_actors.upstream.actor:UpstreamActor",
        args,
        place=Place.ANYWHERE,
        zones=egress.zones,
        needs=egress.needs,
    )
    network.upstream = turn.spawn(spec)
    network.placed, network.misplaced = user.nodes_seen, False


def _egress_of(record: Network) -> Egress:
    """Return what a network asks for; where nobody can read that, the upstream says so."""
    try:
        return parse_egress(record.egress)
    except EgressError:
        return Egress()


def stop(network: NetworkState, reason: str, turn: Turn, retry: float | None = None) -> None:
    """End the upstream of a network; its clients stay attached."""
    if network.upstream.path:
        turn.send(network.upstream, Disconnect(reason, retry))
        turn.stop(network.upstream)
        network.leaving, network.upstream = network.upstream.path, Ref("")
    network.link, network.retry_at, network.since = Link.DOWN, None, turn.wall


def reconnect(user: UserState, network: NetworkState, turn: Turn) -> None:
    """Connect again with the settings that the network has now (row LIF-10)."""
    record = network.record
    if not (record.enabled and user.record.enabled):
        stop(network, "The network was disabled", turn)
        return
    if not network.upstream.path:
        start(user, network, turn)
        return
    names = nick_for(user, record), username_for(user, record), realname_for(user, record)
    turn.send(network.upstream, Reconnect(record, *names, policy_for(user, record)))


def place_again(network: NetworkState, turn: Turn) -> None:
    """Have another upstream connect, on the node that is right now, once this one has ended."""
    stop(network, "Reconnecting", turn, retry=0.0)


def change_network(user: UserState, network: NetworkState, record: Network, turn: Turn) -> None:
    """Use new settings: connect again."""
    if record.egress != network.record.egress:
        place_again(network, turn)
    network.record = record
    network.error = network.told = ""
    if not network.up:
        network.nick = nick_for(user, record)
    reconnect(user, network, turn)
    announce_network(user, network)


def remove_network(user: UserState, network: NetworkState, turn: Turn) -> None:
    """End with a network: its clients are closed, its buffers stopped (row LIF-13)."""
    stop(network, "The network was deleted", turn)
    for client in list(network.clients):
        turn.send(client.ref, CloseClient(f"The network {network.record.name} was deleted"))
        turn.unwatch(client.ref)
        user.clients.pop(client.ref.path, None)
    for handle in network.handles.values():
        turn.stop(handle.ref)
        user.handles.pop(handle.key, None)
    del user.networks[network.id]
    announce_gone(user, network)


def join_saved(user: UserState, network: NetworkState, channels: list[Channel], turn: Turn) -> None:
    """Take over the saved channels, and join those that are new."""
    wanted = {channel.name for channel in channels}
    for name in [name for name in network.saved if name not in wanted]:
        del network.saved[name]
    new = [channel for channel in channels if channel.name not in network.saved]
    for channel in channels:
        use_channel(user, network, channel, turn)
    if network.up:
        network.send(turn, *join_messages([channel for channel in new if channel.name not in network.rooms]))
