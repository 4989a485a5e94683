"""Networks that ask from where they are connected to: on several nodes that differ, in virtual time."""

from functools import partial
from typing import Any

import pytest

from actors import ChildSpec, Ref, Service
from actors.bases.inline import InlineNode
from soju_actors.messages.cluster import NodeSeen
from soju_actors.messages.pacer import PacerArgs
from soju_actors.messages.user import NodesChanged
from soju_actors.policy.egress import capabilities_of
from soju_actors.registry.placing import How, node_for_socket, view_of
from tests.support.dialog import CLOSED
from tests.support.spread import Spread
from tests.support.world import InlineClient, Setting, World

USER: Ref[Any] = Ref("user/alice")
UPSTREAM: Ref[Any] = Ref("user/alice/upstream-1")
SPOTS = {
    "a": NodeSeen("a", "us", "both", {}),
    "b": NodeSeen("b", "us", "both", {}),
    "c": NodeSeen("c", "eu/de", "edge", {"tor": True}),
    "d": NodeSeen("d", "eu/fr", "edge", {**capabilities_of(("192.0.2.7",))}),
}
HOMES = "ab"
"""Where users run."""
SEEDS = range(4)
WAITS = "no node that is there now has zone=eu/de; it connects when there is one"


class Spots(Spread):
    """Nodes of which each is somewhere and has something; upstreams go where the daemon would have them go."""

    def __init__(self, *, services: dict[str, Service], **more: Any) -> None:  # noqa: ANN401
        super().__init__("".join(SPOTS), services=services, **more)
        self._services = services
        for node in self.nodes.values():
            self._place_from(node)

    def _place_from(self, node: InlineNode) -> None:
        def place(spec: ChildSpec, ref: Ref[Any]) -> str:
            if not spec.name.startswith("upstream"):
                return self._rng.choice(HOMES)
            there = {name: SPOTS[name] for name in (node.name, *node.cluster.sessions)}
            view = view_of(there, self.now, sockets=True)
            return node_for_socket(spec, ref, node.name, view, How("rendezvous", self._rng))

        node.cluster.placer = place

    def spawn(self, spec: ChildSpec) -> None:
        """Start an actor on each node, or the registry on the first."""
        if spec.name == "registry":
            self.nodes["a"].spawn(spec)
            return
        if not isinstance(spec.args, PacerArgs):
            super().spawn(spec)
            return
        for name in self.nodes:
            self._pace(name)

    def _pace(self, name: str) -> None:
        spot = SPOTS[name]
        offers: dict[str, Any] = {key: value for key, value in spot.capabilities.items() if value is not None}
        args = PacerArgs(every=0.0, address="", zone=spot.zone, offers=offers)
        self.nodes[name].spawn(ChildSpec(f"pacer@{name}", "soju_actors.pacer.actor:PacerActor", args))

    def restart(self, name: str) -> None:
        """Start an edge node again, and tell the user as registries do."""
        self.cluster.restart(name)
        node = self.nodes[name]
        for service in self._services.items():
            node.attach(*service)
        self._place_from(node)
        self._pace(name)
        self.nodes["a"].tell(USER, NodesChanged())


class Egress(World):
    """A bouncer on those nodes."""

    def __init__(self, egress: str, seed: int = 0) -> None:
        super().__init__(Setting(of_network={"egress": egress}), seed=seed, nodes=partial(Spots, delay=None))

    def run(self) -> None:
        """Let everything happen that is due, and look that there is one connection at most."""
        super().run()
        assert len(self.open) <= 1

    @property
    def open(self) -> list[Any]:
        """The connections that libera has."""
        return [peer for peer in self._dialed["libera"].accepted if not peer.closed]

    @property
    def at(self) -> str:
        """The node that is connected with libera, or nothing."""
        return str(self.system.node_of(UPSTREAM)) if self.open else ""

    def wait(self, seconds: int = 40) -> None:
        """Let time pass, in which a lost node is noticed and what ran there begins again."""
        for _ in range(seconds):
            self.advance(1.0)


def notices(client: InlineClient) -> list[str]:
    return [line.partition(" alice :")[2] for line in client.received() if line.startswith(":BouncerServ")]


def asked(client: InlineClient, command: str) -> list[str]:
    client.received()
    client.send(f"PRIVMSG BouncerServ :{command}")
    return notices(client)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("egress", "nodes"),
    [
        ("", "ab"),
        ("zone=us", "ab"),
        ("zone=eu", "cd"),
        ("zone=eu/de,zone=asia", "c"),
        ("capability=tor", "c"),
        ("zone=eu,address=192.0.2.7", "d"),
    ],
)
def test_a_network_is_connected_from_where_it_asks_for(egress: str, nodes: str, seed: int) -> None:
    world = Egress(egress, seed)
    assert world.at in nodes
    assert world.at
    client = world.attach(node="b")
    client.received()
    world.say(":bob!b@host PRIVMSG #soju :hello")
    assert client.received() == [":bob!b@host PRIVMSG #soju :hello"]
    client.send("PRIVMSG #soju :hello, bob")
    assert world.server.heard[-1].endswith("PRIVMSG #soju :hello, bob")


@pytest.mark.parametrize("seed", SEEDS)
def test_when_its_node_is_lost_the_next_one_is_such_a_node_too(seed: int) -> None:
    world = Egress("zone=eu", seed)
    lost = world.at
    world.system.kill(lost)
    world.wait()
    assert (lost, world.at) in {("c", "d"), ("d", "c")}


@pytest.mark.parametrize("seed", SEEDS)
def test_without_such_a_node_it_waits_and_says_so_and_connects_when_there_is_one(seed: int) -> None:
    world = Egress("zone=eu/de", seed)
    client = world.attach(node="b")
    client.received()
    assert world.at == "c"
    world.system.kill("c")
    world.wait()
    assert world.at == ""
    told = notices(client)
    assert told[-1] == f"Cannot connect to libera: {WAITS}"
    assert asked(client, "network status") == [f"libera  disconnected  current, {WAITS}"]
    world.wait(60)
    world.system.nodes["a"].tell(USER, NodesChanged())
    world.wait(10)
    assert world.at == ""
    assert notices(client) == [], "it is said once"
    world.system.restart("c")
    world.wait(5)
    assert world.at == "c"
    assert notices(client) == ["Connected to libera"]


@pytest.mark.parametrize("seed", SEEDS)
def test_its_connection_stays_where_it_is_when_the_user_moves(seed: int) -> None:
    world = Egress("capability=tor", seed)
    before, home = world.open, world.system.node_of(USER)
    for _ in range(5):
        world.system.move(USER.path)
        world.advance(1.0)
    assert "" in world.system.moves
    assert world.at == "c"
    assert world.open == before
    assert home in HOMES


@pytest.mark.parametrize("seed", SEEDS)
def test_a_network_that_waits_goes_on_waiting_where_the_user_has_moved_to(seed: int) -> None:
    world = Egress("zone=eu/de", seed)
    world.system.kill("c")
    world.wait()
    while "" not in world.system.moves:
        world.system.move(USER.path)
        world.wait(5)
    assert world.at == ""
    world.system.restart("c")
    world.wait(5)
    assert world.at == "c"


@pytest.mark.parametrize("seed", SEEDS)
def test_a_change_has_it_leave_and_connect_from_the_right_node(seed: int) -> None:
    world = Egress("zone=eu/de", seed)
    client = world.attach(node="a")
    world.server.obliging = False  # it tells the test of QUIT
    for egress, node in (("zone=eu/fr", "d"), ("address=192.0.2.7", "d"), ("zone=us", "ab"), ("capability=tor", "c")):
        last = world.open
        answers = asked(client, f"network update libera -egress {egress}")
        world.wait(5)
        assert answers[0] == "libera was updated, connecting again"
        assert world.at in node
        assert world.open != last
        assert world.server.heard[:3] == ["QUIT :Reconnecting", CLOSED, "JOIN #soju"]
        world.server.heard.clear()
        told = [*answers, *notices(client)]
        assert "Disconnected from libera: Reconnecting" in told
        assert "Connected to libera" in told


def test_a_change_to_what_nobody_has_ends_the_connection() -> None:
    world = Egress("zone=eu/de")
    client = world.attach(node="a")
    asked(client, "network update libera -egress zone=asia")
    world.wait(60)
    assert world.at == ""
    asked(client, "network update libera -egress ''")
    world.wait(5)
    assert world.at in HOMES
    assert world.at


def test_disabled_and_enabled_at_once_there_is_one_connection_still() -> None:
    world = Egress("zone=eu/de")
    client = world.attach(node="a")
    for _ in range(3):
        client.send("PRIVMSG BouncerServ :network update libera -enabled=false")
        client.send("PRIVMSG BouncerServ :network update libera -enabled=true")
    world.wait(5)
    assert world.at == "c"


def test_a_node_that_has_nothing_is_alone() -> None:
    """On a lone bouncer only addresses can be asked for, those that its operator lists."""
    world = World(Setting(of_network={"egress": "zone=eu"}))
    world.advance(60.0)
    assert not world.server.connected
    client = world.attach()
    reason = "this bouncer does not have zone=eu, it has no egress to choose from"
    assert notices(client) == [f"Disconnected from libera: {reason}"]
    assert asked(client, "network status") == [f"libera  disconnected  current, {reason}"]
    asked(client, "network update libera -egress ''")
    world.run()
    assert world.server.connected
