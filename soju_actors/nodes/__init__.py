"""What the daemon does as one node of a cluster, beside its actors.

It is no actor and runs in the loop, since it asks the engine for what no actor can do.
"""

from soju_actors.nodes.node import Nodes

__all__ = ["Nodes"]
