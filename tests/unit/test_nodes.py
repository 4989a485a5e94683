"""What the daemon does as a node of a cluster: its heart beats, its keys are read again."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest
from msgspec.structs import replace

from actors import Ref
from actors.bases.node import NodeBase
from soju_actors.adapters.authority import Authority
from soju_actors.adapters.database import Database
from soju_actors.app import _Daemon
from soju_actors.config.settings import Cluster, Config
from soju_actors.messages.cluster import AskComing, Coming
from soju_actors.model.records import UserId
from soju_actors.nodes import Nodes
from tests.contract.actors.tellers import TellerArgs, spec
from tests.support.ports import free_port

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
    return Cluster(node="a", listen="127.0.0.1:0", keys=str(authority.folder_of(keys)), heartbeat=0.3)


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
    assert base.cluster.heartbeat == 0.3


async def test_whether_actors_of_a_user_come_is_answered_to_the_registry(base: NodeBase) -> None:
    answers: asyncio.Queue[Coming] = asyncio.Queue()
    base.answer_at("registry@a", lambda _, msg: answers.put_nowait(msg))
    base.spawn(spec("here", TellerArgs(())))
    for number, path in enumerate(("gone", "here")):
        base.tell(Ref[Any]("nodes@a"), AskComing(UserId(number), path))
    assert await answers.get() == Coming(UserId(0), coming=False)
    assert await answers.get() == Coming(UserId(1), coming=True)


async def test_a_leader_that_is_not_there_is_told_once_in_words_of_ours(
    authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    leader = f"127.0.0.1:{free_port()}"
    base = NodeBase(name="a")
    base.start(asyncio.get_running_loop())
    await Nodes(base, replace(settings(authority), leaders=(leader,))).join()
    assert base.peers is not None
    while base.peers.standing.apart:  # noqa: ASYNC110 - as the log
        await asyncio.sleep(0)
    base.updateCapability("disk", value=True)
    await base.stop()
    said = [record.getMessage() for record in caplog.records if record.levelno > logging.DEBUG]
    assert [line for line in said if leader in line] == [f"the node at {leader} is not there yet: nobody listens"]
    assert not [record for record in caplog.records if record.name == "Thespian.System"]


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


async def test_a_node_whose_certificate_was_revoked_is_put_out_in_both_logs(
    base: NodeBase, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    """Its connections end when the keys are read again, and it acts for nobody from then on."""
    assert base.peers is not None
    other = NodeBase(name="b")
    other.start(asyncio.get_running_loop())
    leader = base.peers.address
    await Nodes(other, replace(settings(authority, keys="b"), node="b", leaders=(leader,))).join()
    assert other.peers is not None
    await base.peers.until_connected(1)
    await other.peers.until_connected(1)
    assert other.peers.standing.apart == ""
    kept = authority.folder.parent / "kept"
    authority.folder_of("b").rename(kept)
    authority.revoke("b", NOW)
    caplog.set_level(logging.WARNING)
    Nodes(base, settings(authority)).read_keys()
    while not other.peers.standing.apart:  # noqa: ASYNC110 - as the log
        await asyncio.sleep(0)
    assert other.peers.standing.apart == "its certificate was revoked"
    assert base.peers.standing.apart == ""
    assert any(
        m.startswith("node b at ") and m.endswith(" is refused: its certificate was revoked") for m in caplog.messages
    )
    said = " refuses this node: its certificate was revoked"
    assert any(m.startswith("node a at ") and m.endswith(said) for m in caplog.messages)
    assert "node b is lost: its certificate was revoked" in caplog.messages
    assert (
        "no node lets this one in, so it acts for no users until one does: its certificate was revoked"
        in caplog.messages
    )
    await other.stop()


async def test_a_node_that_cannot_listen_for_others_says_so_and_ends(
    authority: Authority, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        config = Config(cluster=replace(settings(authority), listen=listen, advertise=listen))
        daemon = _Daemon(config, lambda: config, cast("Database", None))
        daemon._base.start(asyncio.get_running_loop())
        assert not await daemon._join()
        await daemon._base.stop()
    said = capsys.readouterr().err
    assert said == f"soju-actors: cannot listen for other nodes on {listen}: Address already in use\n"
