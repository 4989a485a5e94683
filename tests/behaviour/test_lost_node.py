"""A node that is lost with a user on it: the user is on another one soon, with all that was shown.

Here the node of the registry is not lost; who takes users over where each node has a registry is said by leases.
"""

from functools import partial
from typing import Any

import pytest

from actors import Ref
from tests.support.spread import Spread
from tests.support.world import InlineClient, Setting, World

USER: Ref[Any] = Ref("user/alice")
CAPS = "batch draft/chathistory"


def spread_world(seed: int) -> World:
    return World(Setting(channels=("#one", "#two")), seed=seed, nodes=partial(Spread, "abc"))


def told(client: InlineClient) -> list[str]:
    return [line.rpartition(":")[2] for line in client.received() if " PRIVMSG #one " in line]


@pytest.mark.parametrize("seed", [1, 2, 7, 9, 18])
def test_a_user_whose_node_is_lost_goes_on_elsewhere(seed: int) -> None:
    world = spread_world(seed)
    spread: Spread = world.system
    clients = {node: world.attach(f"alice/libera@{node}", CAPS, node=node) for node in "abc"}
    world.say(":bob!b@host PRIVMSG #one :before")
    assert all(told(client) == ["before"] for client in clients.values())
    if spread.node_of(USER) == spread.node_of(Ref("registry")):
        spread.move(USER.path)
        world.run()
    lost = spread.node_of(USER)
    assert lost != spread.node_of(Ref("registry"))
    spread.kill(lost)
    for _ in range(10):
        world.advance(1.0)
    assert spread.node_of(USER) not in (lost, "")
    others = [client for node, client in clients.items() if node != lost]
    assert all(client.peer.closed for client in others), "they are to connect again"
    again = world.attach("alice/libera@again", CAPS)
    again.received()
    again.send("CHATHISTORY LATEST #one * 10")
    assert told(again) == ["before"]
    world.say(":bob!b@host PRIVMSG #one :after")
    assert told(again) == ["after"]
