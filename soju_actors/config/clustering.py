"""A node's place in a cluster: what is missing, and what contradicts itself."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from soju_actors.config.answering import parse_answers
from soju_actors.config.listening import is_loopback
from soju_actors.config.settings import Cluster, Config, Role
from soju_actors.config.toml import Key
from soju_actors.policy.egress import EgressError, check_zone
from soju_actors.policy.keeping import Terms

NAME = r"\A[a-z0-9][a-z0-9-]{0,62}\Z"
"""As the actor layer has it."""
NAMES_ARE = "a name has the characters a-z, 0-9 and -, does not begin with -, and is not longer than 63"
ADDRESSES = "host:port, such as a.example.org:7667, 192.0.2.1:7667 or [2001:db8::1]:7667"
EVERY_ADDRESS = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - nobody listens there by this
MOST_CAPABILITIES = 64
"""As the actor layer has it."""
SIZES = frozenset({"capacity", "limit"})
"""Capabilities that placement takes as the number of users that a node is made for, and that it is given at most."""
BEATS_OF_SILENCE = 8
"""After so many a node that is silent is lost everywhere: others wait for six, and may be busy themselves."""


def parse_address(text: str) -> tuple[str, int]:
    """Read ``host:port``; the host may be empty.

    Raises:
        ValueError: it is none; the text says what is allowed.
    """
    try:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if not port or parts.netloc != text or "@" in text or not text.isprintable() or " " in text:
        raise ValueError(f"{text!r} is no address; allowed: {ADDRESSES}")
    return host, port


def advertised(cluster: Cluster, hostname: str) -> str:
    """Where other nodes are told to connect to this one."""
    host, mark, port = cluster.listen.rpartition(":")
    if cluster.advertise or not mark or host.strip("[]") not in EVERY_ADDRESS:
        return cluster.advertise or cluster.listen
    return f"{hostname}:{port}"


def faults_of_cluster(config: Config) -> Iterator[tuple[Key, str]]:
    """What is wrong with the table ``[cluster]``, and with what it needs of others, with the keys."""
    cluster = config.cluster
    if not cluster.node:
        if cluster != Cluster():
            yield ("cluster",), "each node of a cluster has a name: set node"
        return
    yield from _faults_of_self(config)
    yield from _faults_of_addresses(cluster)
    yield from _faults_of_leaders(cluster)
    try:
        parse_answers(cluster.answers)
    except ValueError as error:
        yield ("cluster", "answers"), str(error)
    if not config.database.url.startswith("postgres"):
        reason = (
            "nodes of a cluster share a database in PostgreSQL, and this is none: postgresql://user:password@host/name"
        )
        yield ("database", "url"), reason
    if cluster.role is Role.CORE and config.listen:
        yield (
            ("listen",),
            'clients connect to nodes of the role "edge" or "both", and this one is "core": no [[listen]]',
        )
    if cluster.placement == "external" and not cluster.answers:
        yield (
            ("cluster", "placement"),
            "external does what a file or a program of yours says: name that as answers",
        )
    yield from _faults_of_times(cluster)


def _faults_of_times(cluster: Cluster) -> Iterator[tuple[Key, str]]:
    if 0 < cluster.rebalance < 1:
        yield ("cluster", "rebalance"), "is 0, so that no user moves by itself, or at least 1 s"
    try:
        Terms.of(cluster.lease, BEATS_OF_SILENCE * cluster.heartbeat)
    except ValueError as error:
        yield ("cluster", "lease"), f"{error}, with a heartbeat of {cluster.heartbeat:g} s"


def _faults_of_self(config: Config) -> Iterator[tuple[Key, str]]:
    cluster = config.cluster
    if not re.match(NAME, cluster.node):
        yield ("cluster", "node"), f"{cluster.node!r} cannot be a name: {NAMES_ARE}"
    try:
        check_zone(cluster.zone)
    except EgressError as error:
        yield ("cluster", "zone"), str(error)
    for name, value in cluster.capabilities.items():
        if not f"{name}{value}".isprintable():
            yield ("cluster", "capabilities", name), "is a text of one line"
        if name in SIZES and (isinstance(value, bool | str) or not value > 0):
            yield ("cluster", "capabilities", name), "is a number of users, more than 0"
    if len(cluster.capabilities) + len(config.upstream.addresses) > MOST_CAPABILITIES:
        yield ("cluster", "capabilities"), f"other nodes are told {MOST_CAPABILITIES} of them and of addresses at most"


def _faults_of_addresses(cluster: Cluster) -> Iterator[tuple[Key, str]]:
    for key in ("listen", "advertise"):
        try:
            host, _ = parse_address(getattr(cluster, key))
        except ValueError as error:
            yield ("cluster", key), str(error)
            return
    if host in EVERY_ADDRESS:
        yield ("cluster", "advertise"), "is where others connect to this node: it has a host"


def _faults_of_leaders(cluster: Cluster) -> Iterator[tuple[Key, str]]:
    """Called with a node's own address that is one."""
    if not cluster.leaders:
        reason = (
            f"others join a cluster at its leaders: name one or more; the first may be this node, {cluster.advertise}"
        )
        yield ("cluster", "leaders"), reason
    own = parse_address(cluster.advertise)
    for number, leader in enumerate(cluster.leaders):
        key: Key = ("cluster", "leaders", number)
        try:
            address = parse_address(leader)
        except ValueError as error:
            yield key, str(error)
            continue
        if address[0] in EVERY_ADDRESS:
            yield key, "is where this node finds another: it has a host"
        elif address != own and address == parse_address(cluster.listen):
            yield key, f"is this node, whose address is {cluster.advertise}: say that, or set advertise"
        elif is_loopback(own[0]) and not is_loopback(address[0]):
            yield ("cluster", "advertise"), f"{leader} cannot reach this node at {cluster.advertise}: set advertise"
