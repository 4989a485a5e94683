"""A program of Thespian's on two nodes, each a process; the first of its words says which one this is."""

import sys
from pathlib import Path
from typing import Any

from thespian.actors import Actor, ActorAddress, ActorSystem, ChildActorExited, requireCapability

from actors.bases.node import NodeBase
from actors.bases.node.peers.peers import Member
from actors.bases.node.peers.trust import Trust
from actors.link import Endpoint

ALLOWED = ("tests.thespian.program",)


@requireCapability("far")
class Child(Actor):  # type: ignore[misc]
    """It runs on the other node."""

    def receiveMessage(self, msg: Any, sender: ActorAddress) -> None:  # noqa: ANN401, N802
        """Answer."""
        if isinstance(msg, str):
            self.send(sender, f"{msg} yourself")


class Parent(Actor):  # type: ignore[misc]
    """It passes on what it is told, and says when its child has ended."""

    def __init__(self) -> None:
        self.child: ActorAddress | None = None
        self.asker: ActorAddress | None = None

    def receiveMessage(self, msg: Any, sender: ActorAddress) -> None:  # noqa: ANN401, N802
        """Pass it on."""
        if isinstance(msg, ChildActorExited):
            self.send(self.asker, msg.childAddress == self.child)
        elif sender == self.child:
            self.send(self.asker, msg)
        elif isinstance(msg, str):
            self.asker = sender
            self.child = self.child or self.createActor(Child)
            self.send(self.child, msg)


def start(name: str, keys: Path, capabilities: dict[str, Any]) -> tuple[ActorSystem, NodeBase]:
    """Start a node."""
    member = Member(trust=Trust(keys), listen=Endpoint("127.0.0.1"))
    base = NodeBase(name=name, capabilities=capabilities, member=member, allowed=ALLOWED)
    return ActorSystem(systemBase=base, transientUnique=True), base


if __name__ == "__main__":
    node, folder, leader = sys.argv[1:]
    system, base = start(node, Path(folder), {"far": True, "Convention Address.IPv4": leader})
    sys.stdin.read()
    system.shutdown()
