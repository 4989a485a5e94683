"""A node of a cluster: what its configuration says, and what is wrong with it."""

import time
from pathlib import Path
from typing import get_args

import pytest

from actors.bases.node.peers.trust import PAIR
from actors.cluster import identity
from actors.cluster.hello import Capabilities
from actors.cluster.hello import Role as RoleOfAHello
from soju_actors.adapters.authority import Authority
from soju_actors.cli.daemon import DaemonOptions
from soju_actors.config import Config, ConfigError, advice, load_config
from soju_actors.config import clustering as table
from soju_actors.config.settings import Cluster, Role
from soju_actors.policy.egress import ZONE

ROOT = Path(__file__).resolve().parents[3]
HEAD = 'hostname = "h.test"\ndatabase.url = "postgresql://soju@localhost/soju"\n'
NODE = f'{HEAD}[cluster]\nnode = "a"\nleaders = ["h.test:7667"]\n'


def loaded(folder: Path, text: str) -> Config:
    (folder / "node.toml").write_text(text)
    return load_config(folder / "node.toml")


def error_of(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        loaded(folder, text)
    return str(caught.value).removeprefix(str(folder / "node.toml")).lstrip(":").lstrip()


def test_a_node_alone_is_its_own_leader(tmp_path: Path) -> None:
    cluster = loaded(tmp_path, NODE).cluster
    assert (cluster.leaders, cluster.advertise) == (("h.test:7667",), "h.test:7667")
    assert cluster.keys == str(tmp_path / "data" / "keys")


def test_a_node_is_all_that_its_file_says(tmp_path: Path) -> None:
    said = 'zone = "eu/de"\nrole = "edge"\nplacement = "spread"\nlease = 10\nheartbeat = 1\n'
    more = (
        'rebalance = 30\nanswers = "a.json"\nlisten = ":1"\nadvertise = "a:2"\n'
        '[cluster.capabilities]\negress = "eu"\ndisks = 4\nload = 0.5\ngpu = true\n'
    )
    cluster = loaded(tmp_path, NODE + said + more).cluster
    assert cluster == Cluster(
        node="a",
        zone="eu/de",
        role=Role.EDGE,
        leaders=("h.test:7667",),
        listen=":1",
        advertise="a:2",
        keys=str(tmp_path / "data" / "keys"),
        placement="spread",
        lease=10.0,
        heartbeat=1.0,
        rebalance=30.0,
        answers=str(tmp_path / "data" / "a.json"),
        capabilities={"egress": "eu", "disks": 4, "load": 0.5, "gpu": True},
    )


@pytest.mark.parametrize(
    ("listen", "advertised"),
    [
        (":7000", "h.test:7000"),
        ("0.0.0.0:7000", "h.test:7000"),
        ("[::]:7000", "h.test:7000"),
        ("192.0.2.1:7000", "192.0.2.1:7000"),
        ("[2001:db8::1]:7000", "[2001:db8::1]:7000"),
    ],
)
def test_others_are_told_where_it_listens(tmp_path: Path, listen: str, advertised: str) -> None:
    assert loaded(tmp_path, f'{NODE}listen = "{listen}"').cluster.advertise == advertised


def test_without_a_node_there_is_no_cluster() -> None:
    assert not load_config(None).cluster.node
    assert load_config(None).cluster == Cluster()


def test_a_core_node_has_no_listeners_though_it_names_none(tmp_path: Path) -> None:
    assert loaded(tmp_path, f'{NODE}role = "core"').listen == ()


def test_an_edge_node_without_listeners_is_told(tmp_path: Path) -> None:
    """It may be wanted: for connections to servers alone."""
    config = loaded(tmp_path, f'listen = []\n{NODE}role = "edge"')
    assert 'no client can connect to node a: it has the role "edge", and no [[listen]]' in advice(config)
    assert not [said for said in advice(loaded(tmp_path, f'{NODE}role = "edge"')) if "no client" in said]


WRONG = {
    "without a name": (f'{HEAD}[cluster]\nzone = "eu"', "3: cluster: each node of a cluster has a name: set node"),
    "with a name in capitals": (
        f'{HEAD}[cluster]\nnode = "A"',
        "4: cluster.node: 'A' cannot be a name: a name has the characters a-z, 0-9 and -",
    ),
    "with a zone that is none": (f'{NODE}zone = "eu//de"', "6: cluster.zone: 'eu//de' cannot be a zone: a zone is"),
    "that tells others too much": (
        NODE.replace("[cluster]", "upstream.addresses = [" + "'192.0.2.1'," * 64 + "]\n[cluster]")
        + "capabilities = { tor = true }",
        "7: cluster.capabilities: other nodes are told 64 of them and of addresses at most",
    ),
    "with a role that is none": (
        f'{NODE}role = "king"',
        '6: cluster.role: invalid enum value \'king\'; allowed: "edge", "core", "both"',
    ),
    "without a database in PostgreSQL": (
        '[database]\nurl = "sqlite:///a.db"\n[cluster]\nnode = "a"\nleaders = ["a:1"]',
        "2: database.url: nodes of a cluster share a database in PostgreSQL, and this is none: postgresql://",
    ),
    "with a capability without a name": (
        f'{NODE}capabilities = {{ "" = 1 }}',
        "6: cluster.capabilities: each of its keys is `str` of length >= 1",
    ),
    "with a strategy that asks a file, and no file": (
        f'{NODE}placement = "external"',
        "6: cluster.placement: external does what a file or a program of yours says: name that as answers",
    ),
    "without leaders": (
        f'{HEAD}[cluster]\nnode = "a"',
        "3: cluster.leaders: others join a cluster at its leaders: name one or more; the first may be this node, ",
    ),
    "with a leader that is no address": (
        f'{HEAD}[cluster]\nnode = "a"\nleaders = ["b:1", "b"]',
        "5: cluster.leaders[2]: 'b' is no address; allowed: host:port, such as ",
    ),
    "with a leader that is everywhere": (
        f'{HEAD}[cluster]\nnode = "a"\nleaders = [":1"]',
        "5: cluster.leaders[1]: is where this node finds another: it has a host",
    ),
    "that leads at another address than others are told": (
        f'{HEAD}[cluster]\nnode = "a"\nleaders = ["127.0.0.1:1"]\nlisten = "127.0.0.1:1"\nadvertise = "a:1"',
        "5: cluster.leaders[1]: is this node, whose address is a:1: say that, or set advertise",
    ),
    "that others cannot reach": (
        f'{NODE}listen = "127.0.0.1:7667"',
        "3: cluster.advertise: h.test:7667 cannot reach this node at 127.0.0.1:7667: set advertise",
    ),
    "with an address that is none": (f'{NODE}listen = "7667"', "6: cluster.listen: '7667' is no address; allowed: "),
    "with an address of another kind": (
        f'{NODE}advertise = "ircs://a:1"',
        "6: cluster.advertise: 'ircs://a:1' is no address; allowed: ",
    ),
    "that is told to be everywhere": (
        f'{NODE}advertise = "[::]:1"',
        "6: cluster.advertise: is where others connect to this node: it has a host",
    ),
    "for actors without sockets, with listeners": (
        f'listen = [{{ uri = ":6697" }}]\n{NODE}role = "core"',
        '1: listen: clients connect to nodes of the role "edge" or "both", and this one is "core": no [[listen]]',
    ),
    "with a lease that ends too soon": (
        f"{NODE}heartbeat = 0.5\nlease = 2.9",
        "7: cluster.lease: a lease of",
    ),
    "that looks too often for users to move": (
        f"{NODE}rebalance = 0.5",
        "6: cluster.rebalance: is 0, so that no user moves by itself, or at least 1 s",
    ),
    "whose heart does not beat": (f"{NODE}heartbeat = 0", "6: cluster.heartbeat: expected `float` >= 0.05"),
    "with a capability that is no plain value": (
        f"{NODE}capabilities = {{ disks = [1] }}",
        "6: cluster.capabilities",
    ),
    "with a capability of two lines": (
        f'{NODE}capabilities = {{ motto = "a\\nb" }}',
        "6: cluster.capabilities.motto: is a text of one line",
    ),
    "answers from elsewhere": (
        f'{NODE}answers = "tcp://192.0.2.1:7700"\n',
        "6: cluster.answers: 192.0.2.1 is another machine: what is asked and answered is not encrypted; allowed: ",
    ),
    "a size of none": (
        f"{NODE}capabilities = {{ capacity = 0 }}",
        "6: cluster.capabilities.capacity: is a number of users, more than 0",
    ),
    "a limit that is no number": (
        f"{NODE}capabilities = {{ limit = true }}",
        "6: cluster.capabilities.limit: is a number of users, more than 0",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_node_is_wrong(tmp_path: Path, what: str) -> None:
    text, expected = WRONG[what]
    said = error_of(tmp_path, text)
    assert said.startswith(expected)
    assert "\n" not in said


def test_names_and_roles_are_those_of_the_actor_layer() -> None:
    """The configuration does not know it."""
    assert (table.NAME, table.NAMES_ARE) == (identity.NAME, identity.NAMES_ARE)
    assert rf"\A{ZONE.pattern}\Z".replace("(/", "(?:/") == get_args(identity.Zone)[1].pattern
    assert get_args(Capabilities)[1].max_length == table.MOST_CAPABILITIES
    assert [(role.name, role.value) for role in Role] == [(role.name, role.value) for role in RoleOfAHello]


def test_the_keys_and_the_strategy_of_a_node_are_looked_at_before_it_starts(tmp_path: Path) -> None:
    file = tmp_path / "node.toml"
    file.write_text(f'{NODE}keys = "{tmp_path}/keys/nodes/a"\n')
    options = DaemonOptions(file)
    pair = tmp_path / "keys" / "nodes" / "a" / PAIR
    with pytest.raises(ConfigError, match=rf"node.toml:6: cluster.keys: there is no file {pair}: "):
        options.load()
    authority = Authority(tmp_path / "keys")
    now = time.time()  # OpenSSL looks at the clock, too
    authority.init("c1", now)
    for node in "ab":
        authority.issue(node, now)
    assert options.load().cluster.node == "a"
    file.write_text(f'{NODE}keys = "{tmp_path}/keys/nodes/a"\nplacement = "sprad"\n')
    with pytest.raises(ConfigError, match=r"7: cluster.placement: there is no strategy sprad; there are local, "):
        options.load()
    pair.chmod(0o644)
    with pytest.raises(ConfigError, match=rf"6: cluster.keys: others may read {pair}, "):
        options.load()
    file.write_text(f'{NODE}keys = "{tmp_path}/keys/nodes/b"\n')
    with pytest.raises(
        ConfigError, match=r"6: cluster.keys: .*/nodes/b/node.pem is that of node b, and this is node a$"
    ):
        options.load()
