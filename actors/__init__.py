"""Actors with typed messages, effects as values, supervision and links.

Nothing here knows what the actors are for; ``actors.bases`` has the engines.
"""

from actors.actor import Actor, Full, on
from actors.credit import Window
from actors.link import (
    Accepted,
    BytesReceived,
    Closed,
    Congested,
    Drained,
    Endpoint,
    Link,
    Listening,
    Opened,
    OpenFailed,
    Tls,
)
from actors.message import ActorProtocol, Args, SystemMessage
from actors.ref import Ref
from actors.service import Service
from actors.supervision import ChildSpec, Place, Restart
from actors.system import ChildArrived, ChildGone, ChildLeft, ChildRestarted, Down, Refused, Returned, ServiceFailed
from actors.turn import Turn, Undelivered

__all__ = [
    "Accepted",
    "Actor",
    "ActorProtocol",
    "Args",
    "BytesReceived",
    "ChildArrived",
    "ChildGone",
    "ChildLeft",
    "ChildRestarted",
    "ChildSpec",
    "Closed",
    "Congested",
    "Down",
    "Drained",
    "Endpoint",
    "Full",
    "Link",
    "Listening",
    "OpenFailed",
    "Opened",
    "Place",
    "Ref",
    "Refused",
    "Restart",
    "Returned",
    "Service",
    "ServiceFailed",
    "SystemMessage",
    "Tls",
    "Turn",
    "Undelivered",
    "Window",
    "on",
]
