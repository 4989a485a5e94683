"""A node ends at once, though children of actors on other nodes have sockets on it."""

import asyncio
from pathlib import Path

from actors import Actor, ActorProtocol, ChildSpec, Endpoint, Ref, Turn
from actors.bases.node import NodeBase
from actors.bases.node.peers.peers import Member
from actors.bases.node.peers.trust import Trust
from actors.cluster.wire import SpawnHere
from actors.supervision import Place
from soju_actors.adapters.authority import Authority

NOW = 1_795_000_000.0


class ToGuest(ActorProtocol):
    __slots__ = ()


class Guest(Actor[ToGuest]):
    """Has a socket."""

    __slots__ = ()

    def __init__(self, args: None) -> None: ...

    def started(self, turn: Turn) -> None:
        turn.listen(Endpoint("127.0.0.1", 0))


async def started(authority: Authority, name: str, *leaders: str) -> NodeBase:
    base = NodeBase(name=name)
    base.start(asyncio.get_running_loop())
    trust = Trust(authority.folder_of(name))
    await base.join(Member(trust=trust, listen=Endpoint("127.0.0.1", 0), leaders=leaders, packages=("tests",)))
    return base


async def test_a_node_with_guests_that_have_sockets_ends_at_once(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "keys")
    authority.init("chat", NOW)
    for name in ("a", "b"):
        authority.issue(name, NOW)
    a = await started(authority, "a")
    assert a.peers is not None
    b = await started(authority, "b", a.peers.address)
    assert b.peers is not None
    await a.peers.until_connected(1)
    await b.peers.until_connected(1)
    assert a.cluster is not None
    assert b.cluster is not None
    spec = ChildSpec("guest", f"{__name__}:Guest", place=Place.ANYWHERE)
    a.cluster.tell("b", SpawnHere(spec, 0), Ref("parent"))
    sockets = b.cluster.kernel.sockets
    async with asyncio.timeout(5):
        while sockets.empty:  # noqa: ASYNC110 - sockets have no futures
            await asyncio.sleep(0)
        await b.stop()
    assert sockets.empty
    await a.stop()
