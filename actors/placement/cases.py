"""Clusters and questions by chance, for whoever checks strategies. The same chance makes the same ones."""

from collections.abc import Sequence
from random import Random

from actors.placement.node import NEVER, Capability, Load, Measure, Node, Role
from actors.placement.spec import Peer, Request, Side, Spec
from actors.placement.view import Group, Traffic, View

NAMES = tuple("abcdefgh")
ZONES = ("", "eu", "eu/de", "eu/de/1", "eu/fr", "us")
BEHAVIOURS = ("app:User", "app:Connection")
NEEDS: Sequence[dict[str, Capability]] = ({}, {}, {}, {"disk": True}, {"cpu": 4}, {"gpu": False})
LOST = "lost"
"""A node that something ran on, and that is no more."""


def any_view(chance: Random, nodes: int, groups: int) -> View:
    """A cluster in which anything is possible: nodes that are full, silent or lost, and actors that are misplaced."""
    names = NAMES[:nodes]
    units = tuple(f"u{number}" for number in range(groups))
    running = tuple(
        Group(
            any_spec(chance, unit, units),
            chance.choice((*names, *names, LOST)),
            chance.choice((NEVER, 5.0)),
            chance.choice((0.0, 1.0, 250.0)),
        )
        for unit in units
    )
    answers = {unit: chance.choice((*names, LOST)) for unit in (*units, "new") if chance.random() < 1 / 4}
    places, traffic = tuple(any_node(chance, name) for name in names), _traffic(chance, (*units, "gone"))
    ages = {unit: chance.choice((0.0, 5.0, NEVER)) for unit in answers}
    return View(places, running, traffic, answers, ages)


def any_node(chance: Random, name: str) -> Node:
    """A node of any kind."""
    return Node(
        name,
        zone=chance.choice(ZONES),
        role=chance.choice((Role.BOTH, Role.BOTH, Role.CORE, Role.EDGE)),
        capabilities={key: value for key, value in {"disk": True, "cpu": 4}.items() if chance.random() < 1 / 2},
        capacity=chance.choice((1.0, 100.0, 1000.0, 4000.0)),
        limit=chance.choice((None, None, 10.0, 1500.0)),
        draining=chance.random() < 1 / 5,
        load=Load(weight=_measure(chance, 2000.0), busy=_measure(chance, 1.0)),
        promised=chance.choice((0.0, 0.0, 50.0, -50.0)),
    )


def _measure(chance: Random, most: float) -> Measure:
    return Measure(chance.choice((0.0, 1.0, chance.random())) * most, chance.choice((0.0, 3.0, 60.0, NEVER)))


def any_spec(chance: Random, unit: str, units: Sequence[str]) -> Spec:
    """An actor with any wishes."""
    others = [other for other in units if other != unit]
    return Spec(
        f"{unit}/main",
        chance.choice(BEHAVIOURS),
        unit,
        weight=chance.choice((0.0, 1.0, 1.0, 3.5, 40.0)),
        sockets=chance.random() < 1 / 4,
        needs=chance.choice(NEEDS),
        zones=chance.choice(((), (), (), ("eu",), ("eu/de", "us"))),
        together=_few(chance, others),
        apart=_few(chance, others),
        pinned=chance.choice(("", "", "", "", "", "a")),
        peers=tuple(_peer(chance) for _ in range(chance.randrange(4))),
    )


def _few(chance: Random, units: Sequence[str]) -> tuple[str, ...]:
    return (chance.choice(units),) if units and chance.random() < 1 / 8 else ()


def _peer(chance: Random) -> Peer:
    weight = chance.choice((0.0, 1.0, 10.0 * chance.random()))
    return Peer(chance.choice(tuple(Side)), chance.choice(("", *NAMES)), chance.choice(ZONES), weight)


def _traffic(chance: Random, units: Sequence[str]) -> tuple[Traffic, ...]:
    count = chance.randrange(2 * len(units))
    return tuple(Traffic(chance.choice(units), chance.choice(units), 100.0 * chance.random()) for _ in range(count))


def any_request(chance: Random, view: View) -> Request:
    """A question about something that does not run yet."""
    spec = any_spec(chance, "new", tuple(view.group))
    return Request(spec, chance.choice(("", LOST, *view.node)), chance.randrange(100))


def chatting(chance: Random, nodes: int, groups: int) -> View:
    """A cluster in which groups without wishes talk to each other."""
    names = NAMES[:nodes]
    units = tuple(f"u{number}" for number in range(groups))
    running = tuple(Group(Spec(unit), chance.choice(names)) for unit in units)
    places = tuple(Node(name, capacity=chance.choice((500.0, 1000.0))) for name in names)
    return View(places, running, _traffic(chance, units))
