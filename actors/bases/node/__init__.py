"""The engine of the daemon: thousands of actors in one asyncio loop, and a Thespian system base."""

from actors.bases.node.base import NodeBase

__all__ = ["NodeBase"]
