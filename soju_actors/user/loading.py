"""From stored settings to networks, at the start and when another process has changed them."""

from collections import defaultdict
from collections.abc import Iterable
from typing import TypeVar

from actors import Turn
from soju_actors.model.records import Channel, Flags, Marker, Target, UserSettings
from soju_actors.user.attaching import renew
from soju_actors.user.networks import add_network, change_network, join_saved, remove_network
from soju_actors.user.state import UserState

R = TypeVar("R", Channel, Target, Marker, Flags)


def apply(user: UserState, settings: UserSettings, turn: Turn) -> None:
    """Take over what is stored; networks that have not changed stay as they are."""
    renew(user, settings.user, turn)
    user.sts = {policy.host: policy for policy in settings.sts} | user.sts
    channels, targets = _by_network(settings.channels), _by_network(settings.targets)
    markers, flags = _by_network(settings.markers), _by_network(settings.flags)
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
                flags=tuple(flags[number]),
            )
            continue
        if known.record != record or bool(known.upstream.path) is not (record.enabled and user.record.enabled):
            change_network(user, known, record, turn)
        join_saved(user, known, channels[number], turn)


def _by_network(records: Iterable[R]) -> defaultdict[int, list[R]]:
    found: defaultdict[int, list[R]] = defaultdict(list)
    for record in records:
        found[record.network_id].append(record)
    return found
