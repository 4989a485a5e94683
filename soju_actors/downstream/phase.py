"""How far a client's connection is."""

from enum import Enum, auto


class Phase(Enum):
    """One after the other."""

    NEW = auto()
    ATTACHING = auto()
    """The user actor has been asked."""
    ATTACHED = auto()
    CLOSING = auto()
    """Its last lines are being written."""
