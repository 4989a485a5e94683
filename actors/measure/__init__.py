"""Who talks to whom, how much, and how long turns take: in bounded memory, and cheap enough for each message."""

from actors.measure.histogram import Histogram
from actors.measure.meter import ActorRow, EdgeRow, Meter, Sample

__all__ = ["ActorRow", "EdgeRow", "Histogram", "Meter", "Sample"]
