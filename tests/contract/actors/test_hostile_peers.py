"""Hostile bytes to the port on which a node listens: nothing runs, nothing fails, and others go on."""

import asyncio
import ssl
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from actors import ChildSpec, Ref, codec
from actors.bases.node import NodeBase
from actors.bases.node.peers import connection, peers
from actors.bases.node.peers.peers import Member
from actors.bases.node.peers.trust import Trust
from actors.cluster import wire
from actors.cluster.hello import WIRE
from actors.cluster.wire import ENVELOPES_MOST, NODE
from actors.link import Endpoint, format_address
from actors.message import SystemMessage, messages_of
from soju_actors.adapters.authority import Authority
from tests.contract.actors.besieged import Besieged, arbitrary, until
from tests.contract.actors.cast import PUPPET, Say
from tests.contract.actors.worlds import trust_of


@pytest.fixture
def besieged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Iterator[Besieged]:
    made = Besieged(tmp_path, caplog)
    yield made
    made.world.close()


# What is no peer.


def test_bytes_before_tls_are_refused(besieged: Besieged) -> None:
    async def attack() -> None:
        for payload in besieged.payloads:
            intruder = await besieged.connect()
            intruder.writer.write(payload)
            intruder.writer.write_eof()
            await intruder.gone()

    besieged.run(attack())
    lines = besieged.lines()
    assert len(lines) == len(besieged.payloads)
    assert all(" is refused: " in line for line in lines)
    besieged.check()


def test_who_shows_no_certificate_is_refused_before_anything_is_read(besieged: Besieged) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE

    async def attack() -> None:
        for payload in besieged.payloads[:10]:
            intruder = await besieged.connect(context)
            intruder.send(payload)
            await intruder.gone()

    besieged.run(attack())
    assert [line.partition(" is refused: ")[2] for line in besieged.lines()] == ["it has shown no certificate"] * 10
    besieged.check()


@pytest.mark.e2e
def test_half_open_connections_are_bounded_and_others_go_on(besieged: Besieged) -> None:
    async def attack() -> int:
        intruders = [await besieged.connect() for _ in range(1000)]
        assert besieged.node.peers is not None
        left = len(besieged.node.peers._strangers)
        for intruder in intruders:
            intruder.writer.close()
        return left

    assert besieged.run(attack()) <= peers.STRANGERS_MOST
    besieged.check()


def test_who_says_nothing_gives_way_to_a_node_that_comes(besieged: Besieged) -> None:
    async def attack() -> None:
        raw = [await besieged.connect() for _ in range(peers.STRANGERS_MOST)]
        silent = [await besieged.certified() for _ in range(peers.STRANGERS_MOST)]
        for intruder in raw:
            await intruder.gone()
        node = await _third(besieged, "c", trust_of("c"))
        assert node.peers is not None
        await node.peers.until_connected(2)
        await silent[0].gone()
        await node.stop()
        for intruder in silent:
            intruder.writer.close()

    began = time.monotonic()
    besieged.run(attack())
    assert time.monotonic() - began < connection.GREETING_MOST
    besieged.check()


# What has a certificate of ours, and says anything.


def test_anything_in_place_of_the_first_word_is_refused(besieged: Besieged) -> None:
    async def attack() -> list[str]:
        reasons = []
        for payload in besieged.payloads:
            intruder = await besieged.certified()
            intruder.send(payload)
            reasons.append(await intruder.last_word())
        return reasons

    reasons = besieged.run(attack())
    begins = ("its first word is malformed", "it speaks version", "100000 bytes at once are more than")
    assert all(reason.startswith(begins) for reason in reasons), reasons
    assert len(besieged.lines()) == len(besieged.payloads)
    besieged.check()


def test_a_length_beyond_the_bound_is_refused_before_the_bytes_come(besieged: Besieged) -> None:
    async def attack() -> list[str]:
        reasons = []
        for most, begin in (
            (connection.BEFORE_FRAMES, besieged.certified),
            (connection.FRAME_BYTES_MOST, besieged.welcomed),
        ):
            intruder = await begin()
            intruder.writer.write((most + 1).to_bytes(4, "big"))
            reasons.append(await intruder.last_word())
        return reasons

    assert [reason.partition(" bytes at once are more than ")[2] for reason in besieged.run(attack())] == [
        str(connection.BEFORE_FRAMES),
        str(connection.FRAME_BYTES_MOST),
    ]
    besieged.check()


def test_anything_in_place_of_the_second_word_is_refused(besieged: Besieged) -> None:
    async def attack() -> None:
        for payload in besieged.payloads:
            intruder = await besieged.greeted()
            intruder.send(payload)
            assert await intruder.last_word()

    besieged.run(attack())
    assert len(besieged.lines()) == len(besieged.payloads)
    besieged.check()


def test_anything_in_place_of_a_frame_ends_the_connection(besieged: Besieged) -> None:
    async def attack() -> None:
        many = msgspec.msgpack.encode([1, 0, [], [1] * (ENVELOPES_MOST + 1)])
        gap = msgspec.msgpack.encode([2**40, 0, [], [1]])
        for payload in [*besieged.payloads, many, gap]:
            intruder = await besieged.welcomed()
            intruder.send(payload)
            assert await intruder.last_word()

    besieged.run(attack())
    besieged.check()


def _envelopes(besieged: Besieged) -> Iterator[bytes]:
    """Yield envelopes of all kinds, whole and broken."""
    rng, msgpack = besieged.rng, msgspec.msgpack.encode
    for payload in besieged.payloads:
        if _is_msgpack(payload):
            yield payload
    for kind in sorted(messages_of(SystemMessage), key=lambda found: found.__qualname__):
        tag = kind.__struct_config__.tag
        for _ in range(20):
            fields = {name: arbitrary(rng) for name in kind.__struct_fields__}
            yield msgpack(
                [rng.choice(("", "b", "x/y", "store@a")), rng.choice((None, "c-actor")), tag, {"type": tag} | fields]
            )
    for path in ("", "x"):
        for state in besieged.payloads:
            yield codec.encode(NODE, None, _install(state, path))
    for behaviour in ("antigravity:x", "os:system", "nowhere:X", "actors.codec:Decoder", "", "..:x"):
        spec = ChildSpec(f"s{len(behaviour)}", behaviour)
        yield codec.encode(NODE, Ref("c-parent"), wire.SpawnHere(spec, 1))
    for number in (0, 2**63, 2**64 - 1, -1):
        yield msgpack(
            [
                "",
                None,
                "cluster.install",
                {
                    "type": "cluster.install",
                    "move": number,
                    "parent": "",
                    "number": number,
                    "actors": [],
                    "stayers": [],
                },
            ]
        )
        yield msgpack(
            ["", "x", "cluster.began", {"type": "cluster.began", "paths": {"a": number, "": number}, "over": "c"}]
        )
        yield msgpack(
            [
                "",
                "x",
                "cluster.spawn",
                {"type": "cluster.spawn", "after": number, "spec": {"name": f"n{number % 7}", "behaviour": PUPPET}},
            ]
        )
        yield msgpack(
            ["", "x", "cluster.moved", {"type": "cluster.moved", "path": "b", "number": number, "source": "b"}]
        )
        yield msgpack(["x", "x", "cluster.flush", {"type": "cluster.flush", "node": "c", "number": number}])


def _install(state: bytes, path: str) -> wire.Install:
    traveller = wire.Traveller(
        path=path,
        spec=ChildSpec("x", PUPPET),
        state=state,
        now=0.0,
        incarnation=1,
        alarms=[],
        watchers=[],
        watching=[],
        restarts=[],
    )
    return wire.Install(move=1, parent="", number=1, actors=[traveller], stayers=[])


def _is_msgpack(data: bytes) -> bool:
    try:
        msgspec.msgpack.decode(data, type=msgspec.Raw)
    except (ValueError, RecursionError):
        return False
    return True


def test_anything_in_place_of_an_envelope_is_passed_over(besieged: Besieged) -> None:
    """Whatever it is, the next envelope of the connection is taken."""
    target = besieged.node.spawn(ChildSpec("target", PUPPET))
    besieged.world.settle()

    async def attack() -> None:
        intruder = await besieged.welcomed()
        envelopes = [*_envelopes(besieged), codec.encode(target, None, Say("the last one"))]
        for number, envelope in enumerate(envelopes, 1):
            intruder.send(b"\x94" + msgspec.msgpack.encode(number) + b"\x00\x90\x91" + envelope)
        await besieged.world._until(lambda: bool(besieged.world.heard(target, Say)))
        intruder.writer.close()

    besieged.world.busy = lambda: False  # type: ignore[method-assign] # the intruder does not keep to it
    besieged.run(attack())
    del besieged.world.busy
    besieged.check()


@pytest.mark.e2e
def test_a_peer_that_never_reads_is_given_up(besieged: Besieged, monkeypatch: pytest.MonkeyPatch) -> None:
    """It asks for answers without end, and takes none: what waits for it is bounded, in the session and below it."""
    monkeypatch.setattr(connection, "UNREAD_MOST", 100_000)
    cluster = besieged.node.cluster
    assert cluster is not None

    async def attack() -> None:
        intruder = await besieged.welcomed()
        intruder.writer.transport.pause_reading()  # type: ignore[attr-defined]
        flush = codec.encode(Ref("nobody"), None, wire.Flush("c", 1))
        number = 1
        await until(lambda: "c" in cluster.sessions)
        while (session := cluster.sessions["c"]).connection is not None:
            count = 1000
            intruder.writer.write(b"".join(_one(number + n, flush) for n in range(count)))
            number += count
            await asyncio.sleep(0)
        assert session._made_size + session._under_way_size < 10_000_000
        intruder.writer.transport.abort()

    besieged.run(attack())
    assert any("does not read" in line for line in besieged.lines())
    besieged.check()


def _one(number: int, envelope: bytes) -> bytes:
    frame = b"\x94" + msgspec.msgpack.encode(number) + b"\x00\x90\x91" + envelope
    return len(frame).to_bytes(4, "big") + frame


# Nodes that do not belong together: one clear line in each log.


def _says(node: NodeBase, **changes: Any) -> None:  # noqa: ANN401 - of any field
    """Let a node introduce itself as somebody else."""
    assert node.peers is not None
    hello = node.peers.hello
    node.peers.hello = lambda: msgspec.structs.replace(hello(), **changes)  # type: ignore[method-assign]


def _apart(node: NodeBase) -> str:
    """Return why a node does not act as one of the cluster."""
    assert node.peers is not None
    return node.peers.standing.apart


async def _third(besieged: Besieged, name: str, trust: Trust, **changes: Any) -> NodeBase:  # noqa: ANN401
    assert besieged.node.peers is not None
    node = NodeBase(name=name)
    node.start(besieged.loop, besieged.world.clock)
    leader = besieged.node.peers.address
    await node.join(Member(trust=trust, listen=Endpoint("127.0.0.1"), leaders=(leader,)))
    if changes:
        _says(node, **changes)
    return node


@pytest.mark.parametrize(
    ("name", "changes", "reason"),
    [
        ("c", {"wire": WIRE + 1}, f"it speaks version {WIRE + 1} of the protocol"),
        ("c", {"cluster": "other"}, "of cluster other"),
        ("c", {"clock": 1_000_000_000.0}, "the clock of node c says 2001-09-09"),
        ("b", {}, "the name is in use"),
    ],
    ids=("wire", "cluster", "clock", "name"),
)
def test_who_does_not_belong_here_is_refused_in_both_logs(
    besieged: Besieged, name: str, changes: dict[str, Any], reason: str
) -> None:
    node = besieged.run(_third(besieged, name, trust_of(name), **changes))
    besieged.run(until(lambda: sum(reason in line for line in besieged.lines()) >= 2))
    assert all(" is refused: " in line or " refuses this node: " in line for line in besieged.lines())
    besieged.run(until(lambda: reason in _apart(node)))
    assert _apart(besieged.node) == ""
    besieged.run(node.stop())
    besieged.check()


def test_who_is_of_another_authority_is_refused_in_both_logs(besieged: Besieged) -> None:
    with tempfile.TemporaryDirectory() as folder:
        authority = Authority(Path(folder) / "keys")
        authority.init("test", time.time())
        authority.issue("c", time.time())
        trust = Trust(authority.folder_of("c"))

    def all_lines() -> list[str]:
        return [record.getMessage() for record in besieged.caplog.records]

    node = besieged.run(_third(besieged, "c", trust))
    theirs = "cannot be connected with: "
    besieged.run(until(lambda: any(theirs in line for line in all_lines()) and bool(besieged.lines())))
    assert any(theirs in line and "its certificate is not of this cluster's authority" in line for line in all_lines())
    assert "before the end of the handshake, as a node does that is of another authority" in besieged.lines()[0]
    assert "its certificate is not of this cluster's authority" in _apart(node)
    assert _apart(besieged.node) == ""
    besieged.run(node.stop())
    besieged.check()


def test_who_hangs_up_without_a_word_is_told(besieged: Besieged) -> None:
    """So does a node that does not accept the certificate of this one: the handshake is over for who has dialed."""

    async def attack() -> None:
        async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.close()

        context = trust_of("c").server_context()
        server = await asyncio.start_server(hang_up, "127.0.0.1", 0, ssl=context)
        assert besieged.node.peers is not None
        besieged.node.peers.dial(format_address(*server.sockets[0].getsockname()))
        said = "does not go on: it has hung up without a word, as a node does that is of another authority"
        await until(lambda: any(said in record.getMessage() for record in besieged.caplog.records))
        server.close()

    besieged.run(attack())
    besieged.check()


def test_another_certificate_of_a_node_is_shown_at_once_and_its_sessions_go_on(besieged: Besieged) -> None:
    """So nothing is lost when the old one counts no more."""
    peers, others = besieged.node.peers, besieged.world.nodes["b"].peers
    cluster = besieged.world.nodes["b"].cluster
    assert peers is not None
    assert others is not None
    assert cluster is not None
    session, trust = cluster.sessions["a"], trust_of("a again")
    peers.use(trust)
    besieged.run(until(lambda: "a" in others._open and others._open["a"]._certificate == trust.certificate))
    besieged.run(peers.until_connected(1))
    assert cluster.sessions["a"] is session
    assert not [record for record in besieged.caplog.records if "is lost" in record.getMessage()]
    besieged.check()
