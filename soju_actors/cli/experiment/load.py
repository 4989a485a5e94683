"""The load of the experiment: who is where, and which lines are said when. Pure: it is made from a seed."""

from collections.abc import Iterator
from random import Random

import msgspec

NODES = 3
SERVERS = 3
CHANNELS = 6
"""On each server."""
RATE = 2.0
"""Lines in a second for each user, over all channels of all servers."""
HOMES = (0.5, 0.3, 0.2)
"""The shares of the users whose devices are as a rule at the first, second and third node."""
DEVICES = (0.4, 0.4, 0.2)
"""The shares of the users that have one, two and three of them."""
AT_HOME = 0.8
"""The share of the devices that connect to the node of their user's home."""
NETWORKS = (0.4, 0.4, 0.2)
"""The shares of the users that have one, two and three networks."""
MOST_CHANNELS = 4
"""Of a user in a network."""
SIZES = (4.0, 0.8)
"""The logarithm of the length of a line is normally distributed, with this mean and deviation."""
SHORTEST, LONGEST = 12, 380


class Member(msgspec.Struct, frozen=True):
    """A user."""

    name: str
    channels: dict[int, tuple[str, ...]]
    """By the number of the server."""
    devices: tuple[int, ...]
    """The number of the node that each is connected with. It has a connection there for each network."""


class Line(msgspec.Struct, frozen=True):
    """What somebody says in a channel."""

    at: float
    """Seconds since the beginning."""
    server: int
    channel: str
    size: int
    """Bytes of its text."""


class Load(msgspec.Struct, frozen=True):
    """All that is played."""

    seed: int
    seconds: float
    members: tuple[Member, ...]
    lines: tuple[Line, ...]
    """By time."""

    @property
    def servers(self) -> range:
        """The numbers of the servers."""
        return range(SERVERS)

    def deliveries(self, line: Line) -> int:
        """So many clients have a line."""
        listeners = (member for member in self.members if line.channel in member.channels.get(line.server, ()))
        return sum(len(member.devices) for member in listeners)


def generate(seed: int, users: int, seconds: float) -> Load:
    """Make a load. Few channels have most of the members and most of the talk, as in IRC."""
    chance = Random(f"load {seed}")  # noqa: S311 - it is to be repeated
    members = tuple(_member(f"u{number + 1}", chance) for number in range(users))
    return Load(seed, seconds, members, tuple(_lines(members, users * RATE, seconds, chance)))


def _member(name: str, chance: Random) -> Member:
    home = _some(HOMES, chance)
    others = [node for node in range(NODES) if node != home]
    devices = (home if chance.random() < AT_HOME else chance.choice(others) for _ in range(_some(DEVICES, chance) + 1))
    servers = sorted(chance.sample(range(SERVERS), _some(NETWORKS, chance) + 1))
    return Member(name, {server: _channels(chance) for server in servers}, tuple(devices))


def _channels(chance: Random) -> tuple[str, ...]:
    """The channels of a user in a network."""
    wanted = chance.randint(1, MOST_CHANNELS)
    found: set[int] = set()
    while len(found) < wanted:
        found.add(_some(_popularity(), chance))
    return tuple(f"#c{number}" for number in sorted(found))


def _lines(members: tuple[Member, ...], rate: float, seconds: float, chance: Random) -> Iterator[Line]:
    """Lines at times by chance, in channels that somebody is in."""
    inhabited = {(server, name) for member in members for server, names in member.channels.items() for name in names}
    places = sorted(inhabited)
    weights = [_popularity()[int(name.removeprefix("#c"))] for _, name in places]
    at = chance.expovariate(rate) if places else seconds
    while at < seconds:
        ((server, channel),) = chance.choices(places, weights)
        size = min(LONGEST, max(SHORTEST, round(chance.lognormvariate(*SIZES))))
        yield Line(round(at, 6), server, channel, size)
        at += chance.expovariate(rate)


def _popularity() -> tuple[float, ...]:
    """How much the channels of a server are sought: the second half as much as the first, the third a third (Zipf)."""
    return tuple(1 / (rank + 1) for rank in range(CHANNELS))


def _some(shares: tuple[float, ...], chance: Random) -> int:
    """A number from 0 on, by the shares."""
    return chance.choices(range(len(shares)), shares)[0]
