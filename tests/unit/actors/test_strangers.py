"""Who gives way when too many have connected and not said who they are."""

from typing import Any, cast

from actors.bases.node.peers.connection import PeerConnection
from actors.bases.node.peers.strangers import Stranger, Strangers


def stranger(host: str) -> Stranger:
    return Stranger(PeerConnection(cast(Any, None), dialed=False), host, f"{host}:1")


async def test_of_the_address_that_has_most_the_oldest_gives_way() -> None:
    strangers = Strangers(3)
    alone, first, second, newest, other = map(stranger, ("10.0.0.1", "10.0.0.2", "10.0.0.2", "10.0.0.2", "10.0.0.3"))
    assert [strangers.add(one) for one in (alone, first, second)] == [None, None, None]
    assert strangers.add(newest) is first
    assert strangers.add(other) is second
    assert set(strangers) == {alone.connection, newest.connection, other.connection}


async def test_who_has_said_who_it_is_takes_no_room() -> None:
    strangers = Strangers(1)
    known, other = stranger("10.0.0.1"), stranger("10.0.0.2")
    strangers.add(known)
    strangers.discard(known.connection)
    assert strangers.add(other) is None
    assert len(strangers) == 1
