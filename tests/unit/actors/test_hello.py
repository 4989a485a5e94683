"""The first words between two nodes: what is read from them, and who is refused, and why."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from actors.cluster.hello import (
    MOST_BYTES,
    MOST_SKEW,
    Hello,
    Refusal,
    Role,
    decode_greeting,
    encode_greeting,
    find_refusal,
    is_itself,
    judge,
)
from actors.cluster.identity import Identity, find_identity, is_name

NOON = 1_764_072_000.0
AT_NOON = "2025-11-25 12:00:00.000 UTC"
OURS = Hello(cluster="c1", node="a", incarnation=1, clock=NOON, address="a.test:7000", zone="eu")
THEIRS = Hello(
    cluster="c1",
    node="b",
    incarnation=2,
    clock=NOON,
    address="[2001:db8::2]:7000",
    zone="us/east-1",
    role=Role.EDGE,
    capabilities={"disk": True, "cores": 8, "load": 0.5, "egress": "eu", "gpu": None},
)
SEEN = Identity("c1", "b")

BY_10 = "they may differ by 10 s, so have both follow NTP"
REFUSED: dict[str, tuple[dict[str, Any], Identity, dict[str, int], str]] = {
    "of another cluster": (
        {"cluster": "c2"},
        Identity("c2", "b"),
        {},
        "node b is of cluster c2, and node a of cluster c1",
    ),
    "of another cluster by its word alone": (
        {"cluster": "c2"},
        SEEN,
        {},
        "node b is of cluster c2 by its word and of c1 by its certificate, and node a of cluster c1",
    ),
    "of another cluster by its certificate alone": (
        {},
        Identity("c2", "b"),
        {},
        "node b is of cluster c1 by its word and of c2 by its certificate, and node a of cluster c1",
    ),
    "with the certificate of another node": ({}, Identity("c1", "d"), {}, "node b has the certificate of node d"),
    "with a clock that is ahead": (
        {"clock": NOON + MOST_SKEW + 0.5},
        SEEN,
        {},
        f"the clock of node b says 2025-11-25 12:00:10.500 UTC, and that of node a {AT_NOON}: {BY_10}",
    ),
    "with a clock that is behind": (
        {"clock": 0.0},
        SEEN,
        {},
        f"the clock of node b says 1970-01-01 00:00:00.000 UTC, and that of node a {AT_NOON}: {BY_10}",
    ),
    "of our own name": (
        {"node": "a"},
        Identity("c1", "a"),
        {},
        "the name is in use: there is a node a at [2001:db8::2]:7000 and another at a.test:7000",
    ),
    "of the name of a peer that lives": (
        {},
        SEEN,
        {"b": 3},
        "the name is in use: another node b is connected to node a and alive",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_node_is_refused(what: str) -> None:
    changed, certified, connected, reason = REFUSED[what]
    assert judge(replace(THEIRS, **changed), certified, OURS, NOON, connected) == Refusal(reason)


@pytest.mark.parametrize(
    ("skew", "connected"),
    [(0.0, {}), (MOST_SKEW, {}), (-MOST_SKEW, {}), (0.0, {"c": 9}), (0.0, {"b": THEIRS.incarnation})],
    ids=["as we", "a bit ahead", "a bit behind", "beside another", "again, itself"],
)
def test_a_node_is_welcome(skew: float, connected: dict[str, int]) -> None:
    assert judge(replace(THEIRS, clock=NOON + skew), SEEN, OURS, NOON, connected) is None


@pytest.mark.parametrize("greeting", [OURS, THEIRS, Refusal("the name is in use")])
def test_what_is_said_is_understood(greeting: Hello | Refusal) -> None:
    assert decode_greeting(encode_greeting(greeting)) == greeting


MALFORMED: dict[str, dict[str, Any]] = {
    "no name": {"node": ""},
    "a name with a line break": {"node": "b\n"},
    "a name in capitals": {"node": "B"},
    "a name that is a path": {"node": "../b"},
    "a long name": {"node": "b" * 64},
    "a zone that is none": {"zone": "eu west"},
    "a zone that ends with a slash": {"zone": "eu/"},
    "a cluster that is none": {"cluster": "c/1"},
    "no incarnation": {"incarnation": 0},
    "too great an incarnation": {"incarnation": 2**64 - 1},
    "a clock before time": {"clock": -1.0},
    "a clock that is no number": {"clock": float("nan")},
    "a clock that never comes": {"clock": float("inf")},
    "an address with a space": {"address": "a test:1"},
    "a long address": {"address": "a" * 263},
    "a role that is none": {"role": "king"},
    "too many capabilities": {"capabilities": {str(n): n for n in range(65)}},
    "a capability without a name": {"capabilities": {"": 1}},
    "a capability that is no plain value": {"capabilities": {"a": [1]}},
    "a capability with a long value": {"capabilities": {"a": "x" * 257}},
    "a capability with a line break": {"capabilities": {"a": "x\ny"}},
    "a message of another kind": {"type": "user\n.said"},
    "no address": {"address": None},
}


@pytest.mark.parametrize("what", MALFORMED)
def test_what_is_out_of_bounds_is_malformed(what: str) -> None:
    said = msgspec.msgpack.encode({**msgspec.to_builtins(THEIRS), **MALFORMED[what]})
    with pytest.raises(ValueError, match=r"^its first word is malformed: "):
        decode_greeting(said)


def test_another_version_is_named_whatever_else_it_says() -> None:
    with pytest.raises(ValueError, match=r"speaks version 2 .* and this node version 1: upgrade the older one"):
        decode_greeting(msgspec.msgpack.encode({"type": "cluster.hello", "wire": 2, "node": ["b", "B"]}))


def test_a_first_word_has_a_bound() -> None:
    with pytest.raises(ValueError, match="65537 bytes: more than 65536"):
        decode_greeting(b"\x00" * (MOST_BYTES + 1))


@given(st.binary(max_size=200) | st.integers(1, 5000).map(lambda depth: b"\x91" * depth))
def test_any_bytes_are_read_or_refused_with_a_reason_that_can_be_said(data: bytes) -> None:
    try:
        decode_greeting(data)
    except ValueError as error:
        refusal = Refusal(str(error))
        assert decode_greeting(encode_greeting(refusal)) == refusal


names = st.from_regex(r"\A[a-z0-9][a-z0-9-]{0,62}\Z")


@given(names, names)
def test_an_identity_is_read_back_from_its_uri(cluster: str, node: str) -> None:
    identity = Identity(cluster, node)
    assert is_name(node)
    assert find_identity(identity.uri) == identity


@pytest.mark.parametrize(
    "uri",
    ["", "actors://", "actors://c1", "actors://c1/", "actors:///b", "actors://c1/b/c", "actors://c1/B", "http://c1/b"],
)
def test_what_is_no_identity_is_none(uri: str) -> None:
    assert find_identity(uri) is None


def test_a_refusal_is_told_from_a_frame() -> None:
    assert find_refusal(encode_greeting(Refusal("revoked", final=True))) == Refusal("revoked", final=True)
    assert find_refusal(msgspec.msgpack.encode([1, 0, [], []])) is None


def test_a_node_knows_itself_by_its_incarnation() -> None:
    assert is_itself(replace(OURS, address="localhost:7000"), OURS)
    assert not is_itself(replace(OURS, incarnation=2), OURS)
    assert not is_itself(replace(THEIRS, incarnation=1), OURS)
