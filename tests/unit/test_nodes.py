"""What the daemon does as a node of a cluster: its heart beats, its keys are read again."""

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from actors.bases.node import NodeBase
from soju_actors.adapters.authority import Authority
from soju_actors.config.settings import Cluster
from soju_actors.nodes import Nodes

NOW = 1_795_000_000.0
SAID = "the keys were read again"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """An authority with two nodes."""
    authority = Authority(tmp_path / "keys")
    authority.init("chat", NOW)
    for node in ("a", "b"):
        authority.issue(node, NOW)
    return authority


@pytest.fixture
async def base(authority: Authority) -> AsyncIterator[NodeBase]:
    """A node that is alone in its cluster so far."""
    base = NodeBase(name="a")
    base.start(asyncio.get_running_loop())
    await Nodes(base, settings(authority)).join()
    yield base
    await base.stop()


def settings(authority: Authority, keys: str = "a") -> Cluster:
    return Cluster(node="a", listen="127.0.0.1:0", keys=str(authority.folder_of(keys)), heartbeat=0.25)


async def read_keys(base: NodeBase, cluster: Cluster, caplog: pytest.LogCaptureFixture) -> str:
    """Have the keys read again; return what the log says."""
    caplog.set_level(logging.INFO)
    caplog.clear()
    Nodes(base, cluster).read_keys()
    while not caplog.messages:  # noqa: ASYNC110 - the log has no futures
        await asyncio.sleep(0)
    return caplog.messages[0]


async def test_the_heart_beats_as_the_configuration_says(base: NodeBase) -> None:
    assert base.cluster is not None
    assert base.cluster.heartbeat == 0.25


async def test_keys_are_read_again(base: NodeBase, authority: Authority, caplog: pytest.LogCaptureFixture) -> None:
    assert base.peers is not None
    before = base.peers.trust
    authority.revoke("b", NOW)
    assert await read_keys(base, settings(authority), caplog) == SAID
    assert base.peers.trust is not before


async def test_keys_of_no_use_change_nothing(
    base: NodeBase, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    assert base.peers is not None
    before = base.peers.trust
    said = await read_keys(base, settings(authority, keys="b"), caplog)
    assert said == "the keys were not read again: they are those of actors://chat/b"
    (authority.folder_of("a") / "node.pem").unlink()
    said = await read_keys(base, settings(authority), caplog)
    assert said.startswith("the keys were not read again: there is no file ")
    assert base.peers.trust is before
