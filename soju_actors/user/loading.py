"""From stored settings to networks, at the start and when another process has changed them."""

from collections import defaultdict

from actors import Turn
from soju_actors.model.records import Channel, Marker, Target, UserSettings
from soju_actors.user.networks import add_network, change_network, join_saved, remove_network
from soju_actors.user.state import UserState


def apply(user: UserState, settings: UserSettings, turn: Turn) -> None:
    """Take over what is stored; networks that have not changed stay as they are."""
    user.record = settings.user
    channels: defaultdict[int, list[Channel]] = defaultdict(list)
    for channel in settings.channels:
        channels[channel.network_id].append(channel)
    targets: defaultdict[int, list[Target]] = defaultdict(list)
    for target in settings.targets:
        targets[target.network_id].append(target)
    markers: defaultdict[int, list[Marker]] = defaultdict(list)
    for marker in settings.markers:
        markers[marker.network_id].append(marker)
    stored = {int(record.id): record for record in settings.networks}
    for network in [n for n in user.networks.values() if n.id not in stored]:
        remove_network(user, network, turn)
    for number, record in stored.items():
        known = user.networks.get(number)
        if known is None:
            names = settings.clients.get(number, ())
            add_network(
                user,
                record,
                turn,
                channels=tuple(channels[number]),
                targets=tuple(targets[number]),
                names=names,
                markers=tuple(markers[number]),
            )
            continue
        if known.record != record or bool(known.upstream.path) is not (record.enabled and user.record.enabled):
            change_network(user, known, record, turn)
        join_saved(user, known, channels[number], turn)
