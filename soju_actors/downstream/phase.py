"""How far a client's connection is."""

from enum import Enum, auto


class Phase(Enum):
    """One after the other."""

    NEW = auto()
    ATTACHING = auto()
    """The user actor has been asked."""
    ATTACHED = auto()
    LOST = auto()
    """The user's actor was lost with its node; the client waits for another one."""
    CLOSING = auto()
    """Its last lines are being written."""


SILENT = frozenset({Phase.LOST, Phase.CLOSING})
"""Those in which nothing of the user goes out."""
