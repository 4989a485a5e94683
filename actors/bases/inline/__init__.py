"""The engine for tests: one thread, virtual time, simulated sockets, the same run for the same seed."""

from actors.bases.inline.cluster import InlineCluster, InlineNode
from actors.bases.inline.network import Peer, Server
from actors.bases.inline.system import InlineSystem

__all__ = ["InlineCluster", "InlineNode", "InlineSystem", "Peer", "Server"]
