"""A node of a newer program, of the same version of the protocol: what this one does not know, it passes over."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from actors import ChildSpec, codec
from actors.cluster.hello import Hello, Welcome, decode_greeting, encode_greeting
from actors.cluster.wire import NODE, Hears
from tests.contract.actors.besieged import Besieged, hello_of, until
from tests.contract.actors.cast import PUPPET, Say

msgpack = msgspec.msgpack


@pytest.fixture
def besieged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Iterator[Besieged]:
    made = Besieged(tmp_path, caplog)
    yield made
    made.world.close()


def newer(data: bytes) -> bytes:
    """Add to a map what a newer program may say."""
    return msgpack.encode({**msgpack.decode(data), "since version 9": {"rank": [1, 2]}})


def test_what_a_newer_node_says_more_is_passed_over(besieged: Besieged) -> None:
    """Fields of its first words, of frames' messages and of the nodes' own; messages of new kinds, which are told."""
    target = besieged.node.spawn(ChildSpec("target", PUPPET))
    besieged.world.settle()
    cluster = besieged.node.cluster
    assert cluster is not None

    say, hears = (
        msgpack.decode(codec.encode(to, None, msg)) for to, msg in ((target, Say("known")), (NODE, Hears("b")))
    )
    for envelope in (say, hears):
        envelope[2]["since version 9"] = True
    unknown = {"type": "test.new-in-version-9", "text": "?"}

    async def play() -> None:
        node = await besieged.certified()
        node.send(newer(encode_greeting(hello_of())))
        assert isinstance(decode_greeting(await node.heard()), Hello)
        await node.heard()
        node.send(newer(encode_greeting(Welcome(7, 0))))
        node.send(msgpack.encode([1, 0, [], [[say[0], None, unknown], [hears[0], None, unknown], hears, say]]))
        await until(lambda: bool(besieged.world.heard(target, Say)))
        assert cluster.sessions["c"].connection is not None
        node.writer.close()

    besieged.world.busy = lambda: False  # type: ignore[method-assign] # the node does not keep to the end
    besieged.run(play())
    del besieged.world.busy
    assert besieged.world.heard(target, Say) == [Say("known")]
    assert besieged.lines() == ["node c sent what cannot be read: unknown message 'test.new-in-version-9'"] * 2
    besieged.check()
