"""A cluster to try strategies on, where there is no real one: users with clients and servers, by chance."""

from random import Random

from actors.placement.node import Load, Measure, Node
from actors.placement.spec import Peer, Side, Spec
from actors.placement.view import Group, Traffic, View


def sample(chance: Random, nodes: int, users: int) -> View:
    """A view of a cluster with nodes in two zones.

    A user is a group that can move. Its connections own sockets: one or two clients, on any node, and up to three
    servers, which most often are where many connections to the same server are. Few users say most of what is said.
    """
    names = [f"n{number}" for number in range(1, nodes + 1)]
    groups: list[Group] = []
    traffic: list[Traffic] = []
    for number in range(1, users + 1):
        name = f"user/u{number}"
        rate = min(chance.paretovariate(1.2), 30.0)
        peers: list[Peer] = []
        for side, path in _connections(chance, name):
            home = _home(chance, side, names)
            messages = round(rate * (0.5 + chance.random()), 2)
            peers.append(Peer(side, home, weight=messages))
            groups.append(Group(Spec(path, "Connection", weight=0.1, sockets=True), home, messages=messages))
            traffic.append(Traffic(name, path, messages, round(150 * messages)))
        handled = round(sum(peer.weight for peer in peers), 2)
        spec = Spec(name, "User", name, weight=round(1 + handled / 10, 2), peers=tuple(peers))
        groups.append(Group(spec, chance.choice(names), messages=handled))
    return View(tuple(_node(name, index, groups) for index, name in enumerate(names)), tuple(groups), tuple(traffic))


def _connections(chance: Random, user: str) -> list[tuple[Side, str]]:
    clients = [(Side.CLIENT, f"client/{user}/{number}") for number in range(1, chance.randint(1, 2) + 1)]
    return clients + [(Side.SERVER, f"server/{user}/{number}") for number in range(1, chance.randint(1, 3) + 1)]


def _home(chance: Random, side: Side, names: list[str]) -> str:
    """Clients come to any node; servers are reached from the first ones more often."""
    if side is Side.CLIENT:
        return chance.choice(names)
    return names[min(int(chance.expovariate(2.0 / len(names))), len(names) - 1)]


def _node(name: str, index: int, groups: list[Group]) -> Node:
    here = [group for group in groups if group.node == name]
    load = Load(
        weight=Measure(round(sum(group.spec.weight for group in here), 2), age=1.0),
        messages=Measure(round(sum(group.messages for group in here), 2), age=1.0),
    )
    return Node(name, zone=("eu/de", "eu/fr", "us")[index % 3], load=load)
